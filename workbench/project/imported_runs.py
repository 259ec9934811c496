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
from workbench.interchange.incoming.brought import Brought
from workbench.interchange.lines import BadRow
from workbench.project.collection import adopt, collecting
from workbench.project.project import Project
from workbench.records.encoding import to_data
from workbench.records.run import Done, Plan, RunState
from workbench.records.settings import ChainSettings, EvaluationSettings
from workbench.runs.contents import record_line
from workbench.runs.files import sync_folder
from workbench.runs.folder import RunFolder
from workbench.runs.status import Status

Rows = Iterable[tuple[int, Brought] | BadRow]
_STAGES = {"chains": "chains", "answers": "evaluation"}
#: Rows that are written into the folder, and bytes of results that are collected, in a step.
_ROWS, _BLOCK = 5000, 1 << 23


@dataclass
class _Written:
    """What was written of a file's rows so far."""

    prompts: int = 0
    rounds: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, brought: Brought) -> None:
        """Count one row."""
        self.prompts += len(brought.prompts)
        self.rounds = max(self.rounds, *(step.round for step in brought.steps), 0)
        for name in (*(step.id for step in brought.steps), *(answer.id for answer in brought.answers)):
            self.digest.update(name.encode())


class ImportedRun:
    """A run folder filled from a file: its prompts are the inputs, its texts the results."""

    def __init__(self, project: Project, name: str, brings: str) -> None:
        self._project, self._name, self._stage = project, name, _STAGES[brings]

    def take(self, rows: Rows, taken: Any, skip_bad: bool = True) -> Iterator[Any]:
        """Fill the folder and collect it; nothing comes of a file that came in before, or with a bad row that is not skipped."""
        place = self._project.new_place(self._stage)
        beside = place.with_name(f".{place.name}.import")
        with _lines(beside, "inputs") as inputs, _lines(beside, "results") as results:
            written = _Written()
            yield from self._write(rows, taken, (inputs, results), written)
            yield taken
            if taken.bad and not skip_bad:
                return
            selection = f"imported from {self._name} (content {written.digest.hexdigest()[:16]})"
            if any(run.plan and run.plan.selection == selection for run in self._project.store.runs.newest_first()):
                taken.already_there = taken.rows
                return
            for file in (inputs, results):
                file.close()
            plan = self._plan(place.name, selection, written.prompts, written.rounds)
            folder = self._made(place, beside, plan, Path(inputs.name), Path(results.name))
        taken.run = folder.id
        yield from self._collect(folder, taken)

    def _write(self, rows: Rows, taken: Any, files: tuple[TextIO, TextIO], written: _Written) -> Iterator[Any]:
        for found in rows:
            if isinstance(found, BadRow):
                taken.pass_by([found], 1)
                continue
            taken.rows += 1
            brought = found[1]
            written.add(brought)
            records: list[Any] = [*brought.steps, *brought.answers, *brought.scores]
            records += [Done(prompt.id) for prompt in brought.prompts]
            for file, lines in zip(files, (brought.prompts, records), strict=True):
                file.writelines(record_line(record) + "\n" for record in lines)
            if taken.rows % _ROWS == 0:
                yield taken

    def _collect(self, folder: RunFolder, taken: Any) -> Iterator[Any]:
        with self._project.store.very_many():
            adopt(self._project.store, folder)
            for collected in collecting(self._project.store, folder, _BLOCK):
                for kind, ids in collected.new.items():
                    taken.count(f"{kind.lower()}s", len(ids), len(ids))
                    ids.clear()
                yield taken

    def _plan(self, run: str, selection: str, prompts: int, rounds: int) -> Plan:
        settings = ChainSettings(rounds=rounds) if self._stage == "chains" else EvaluationSettings(judges="")
        version = self._project.constitution
        return Plan(
            id=run, stage=self._stage, constitution_hash=version.hash,
            task=version.constitution.task, selection=selection, settings=to_data(settings), total=prompts,
            created=_now(), workbench=__version__,
        )  # fmt: skip

    def _made(self, place: Path, beside: Path, plan: Plan, inputs: Path, results: Path) -> RunFolder:
        """Make the folder beside its place, results and all, so that it is whole or absent."""
        shutil.rmtree(beside, ignore_errors=True)
        version = self._project.constitution
        folder = RunFolder.create(beside, plan, version.constitution, inputs, version.yaml)
        results.rename(folder.results_file)
        now = _now()
        folder.write_status(Status(RunState.FINISHED, "imported", plan.total, plan.total, now, now))
        beside.rename(place)
        sync_folder(place.parent)
        return RunFolder.open(place)


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
