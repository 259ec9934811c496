"""Chains and answers that somebody else's models wrote, taken in as a finished run, by the same road as our own."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from workbench import __version__
from workbench.project.adding import NotTaken
from workbench.project.collection import adopt, collecting, columns_of
from workbench.project.project import Project
from workbench.project.reading_rows import Batch
from workbench.project.run_parts import RunPart
from workbench.records.encoding import to_data
from workbench.records.run import Plan, RunState
from workbench.records.settings import ChainSettings, EvaluationSettings
from workbench.runs.files import sync_folder
from workbench.runs.folder import RunFolder
from workbench.runs.status import Status
from workbench.store.rows import stored

_STAGES = {"chains": "chains", "answers": "evaluation"}
#: Bytes of results that are collected in a step.
_BLOCK = 1 << 23


@dataclass
class _Written:
    """What was written of a file's rows so far."""

    prompts: int = 0
    rounds: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, part: RunPart) -> None:
        """Count a part of the rows."""
        self.prompts += len(part.done)
        self.rounds = max(self.rounds, part.rounds)
        self.digest.update(part.names.encode())


class ImportedRun:
    """A run folder filled from a file: its prompts are the inputs, its texts the results."""

    def __init__(self, project: Project, name: str, brings: str) -> None:
        self._project, self._name, self._stage = project, name, _STAGES[brings]
        self._store = project.store

    def take(self, read: Iterable[Batch], taken: Any) -> Iterator[Any]:
        """Fill the folder, then collect it as any other, a block a step; nothing comes of a file that came in before."""
        place = self._project.new_place(self._stage)
        with self._files(place) as files:
            written = _Written()
            for batch in read:
                _count(batch, taken)
                self._write(batch, files, written)
                yield taken
            if self._was_there(written):
                taken.already_there = taken.rows
                return
            folder = self._made(place, self._plan(place.name, written), files)
        taken.run = folder.id
        with self._store.very_many():
            adopt(self._store, folder)
            for collected in collecting(self._store, folder, _BLOCK):
                for kind, ids in collected.new.items():
                    taken.count(f"{kind.lower()}s", len(ids), len(ids))
                    ids.clear()
                yield taken

    def take_whole(self, read: Iterable[Batch], taken: Any, skip_bad: bool) -> None:
        """Fill the folder and the store at once, in one transaction: what is in hand need not be read back from the folder.

        The folder is whole before the transaction is: a process that ends between the two leaves one that opening takes over.
        Raises NotTaken where a row is bad and is not to be skipped, or where the file came in before.
        """
        place = self._project.new_place(self._stage)
        with self._files(place) as files, self._store.very_many(), self._store.write():
            written = _Written()
            self._store.runs.record(self._plan(place.name, written), place)
            for batch in read:
                if (taken.bad or batch.bad) and not skip_bad:
                    taken.pass_by(batch.bad_rows, batch.bad)
                    continue  # what else is bad is yet to be found
                _count(batch, taken)
                self._write(batch, files, written)
                self._add(place.name, batch, taken)
            if taken.bad and not skip_bad:
                raise NotTaken
            if self._was_there(written):
                taken.already_there, taken.new = taken.rows, {}
                raise NotTaken
            folder = self._made(place, self._plan(place.name, written), files)
            self._settle(folder)
        taken.run = folder.id

    @contextmanager
    def _files(self, place: Path) -> Iterator[tuple[TextIO, TextIO]]:
        beside = _beside(place)
        with _lines(beside, "inputs") as inputs, _lines(beside, "results") as results:
            yield inputs, results

    def _write(self, batch: Batch, files: tuple[TextIO, TextIO], written: _Written) -> None:
        if batch.run is not None:
            written.add(batch.run)
            for file, lines in zip(files, (batch.run.inputs, batch.run.results), strict=True):
                file.write(lines)

    def _add(self, run_id: str, batch: Batch, taken: Any) -> None:
        store, part = self._store, batch.run
        store.prompts.add_rows(batch.ready.prompts)
        if part is not None:
            if part.steps:
                taken.count("steps", len(store.chains.add_whole(part.steps, part.chains, run_id)), len(part.steps))
            for name, table in (("answers", store.answers), ("scores", store.scores)):
                rows = getattr(part, name)
                taken.count(name, len(table.add_rows(rows, run_id=run_id)) if rows else 0, len(rows))
            store.done_inputs.add(part.done, run_id)
        store.catch_up()

    def _settle(self, folder: RunFolder) -> None:
        """Say of a run whose rows are there what is known now that all are."""
        runs, plan = self._store.runs, folder.plan
        standing = columns_of(folder.status())
        size = folder.results_file.stat().st_size
        runs.set(plan.id, plan=stored(plan), created=plan.created, collected=size, **standing)
        self._store.chains.rows.expect(plan.id)

    def _was_there(self, written: _Written) -> bool:
        selection = self._selection(written)
        return any(run.plan and run.plan.selection == selection for run in self._store.runs.newest_first())

    def _selection(self, written: _Written) -> str:
        return f"imported from {self._name} (content {written.digest.hexdigest()[:16]})"

    def _plan(self, run: str, written: _Written) -> Plan:
        chains = self._stage == "chains"
        settings = ChainSettings(rounds=written.rounds) if chains else EvaluationSettings(judges="")
        version = self._project.constitution
        return Plan(
            id=run, stage=self._stage, constitution_hash=version.hash,
            task=version.constitution.task, selection=self._selection(written), settings=to_data(settings),
            total=written.prompts, created=_now(), workbench=__version__,
        )  # fmt: skip

    def _made(self, place: Path, plan: Plan, files: tuple[TextIO, TextIO]) -> RunFolder:
        """Make the folder beside its place, results and all, so that it is whole or absent."""
        for file in files:
            file.close()
        inputs, results = (Path(file.name) for file in files)
        beside, version = _beside(place), self._project.constitution
        shutil.rmtree(beside, ignore_errors=True)
        folder = RunFolder.create(beside, plan, version.constitution, inputs, version.yaml)
        results.rename(folder.results_file)
        now = _now()
        folder.write_status(Status(RunState.FINISHED, "imported", plan.total, plan.total, now, now))
        beside.rename(place)
        sync_folder(place.parent)
        return RunFolder.open(place)


def _beside(place: Path) -> Path:
    return place.with_name(f".{place.name}.import")


def _count(batch: Batch, taken: Any) -> None:
    taken.pass_by(batch.bad_rows, batch.bad)
    taken.rows += batch.rows


@contextmanager
def _lines(beside: Path, of: str) -> Iterator[TextIO]:
    """Have a file beside a run's place, which is gone afterwards, unless it was moved."""
    path = beside.with_name(f"{beside.name}.{of}")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
    finally:
        path.unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
