"""Chains and answers that somebody else's models wrote, taken in as a finished run, by the same road as our own."""

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench import __version__
from workbench.interchange.incoming.brought import Brought
from workbench.interchange.lines import BadRow
from workbench.project.project import RUNS, Project
from workbench.records.encoding import to_data
from workbench.records.run import Done, Plan, RunState
from workbench.records.settings import ChainSettings, EvaluationSettings
from workbench.runs.contents import record_line
from workbench.runs.files import sync_folder
from workbench.runs.folder import RunFolder
from workbench.runs.status import Status

Rows = Callable[[], Iterable[tuple[int, Brought] | BadRow]]
_STAGES = {"chains": "chains", "answers": "evaluation"}


class ImportedRun:
    """A run folder filled from a file: its prompts are the inputs, its texts the results."""

    def __init__(self, project: Project, name: str, brings: str) -> None:
        self._project, self._name, self._stage = project, name, _STAGES[brings]

    def take(self, rows: Rows, taken: Any) -> Iterator[Any]:
        """Fill the folder and collect it; a file that came in before brings nothing new."""
        prompts, rounds, digest = self._survey(rows, taken)
        yield taken
        selection = f"imported from {self._name} (content {digest[:16]})"
        if any(run.plan and run.plan.selection == selection for run in self._project.store.runs.newest_first()):
            taken.already_there = taken.rows
            return
        folder = self._fill(rows, self._plan(selection, prompts, rounds))
        collected = self._project.collect(folder)
        taken.run = folder.id
        for kind, ids in collected.new.items():
            taken.count(f"{kind.lower()}s", len(ids), len(ids))
        yield taken

    def _survey(self, rows: Rows, taken: Any) -> tuple[int, int, str]:
        prompts, rounds, digest = 0, 0, hashlib.sha256()
        for found in rows():
            if isinstance(found, BadRow):
                taken.pass_by([found], 1)
                continue
            taken.rows += 1
            prompts += len(found[1].prompts)
            rounds = max(rounds, *(step.round for step in found[1].steps), 0)
            for name in (*(step.id for step in found[1].steps), *(answer.id for answer in found[1].answers)):
                digest.update(name.encode())
        return prompts, rounds, digest.hexdigest()

    def _plan(self, selection: str, prompts: int, rounds: int) -> Plan:
        settings = ChainSettings(rounds=rounds) if self._stage == "chains" else EvaluationSettings(judges="")
        version = self._project.constitution
        return Plan(
            id=self._project.new_place(self._stage).name, stage=self._stage, constitution_hash=version.hash,
            task=version.constitution.task, selection=selection, settings=to_data(settings), total=prompts,
            created=_now(), workbench=__version__,
        )  # fmt: skip

    def _fill(self, rows: Rows, plan: Plan) -> RunFolder:
        """Write the folder beside its place, results and all, so that it is whole or absent."""
        runs = self._project.folder / RUNS
        beside, place = runs / f".{plan.id}.import", runs / plan.id
        shutil.rmtree(beside, ignore_errors=True)
        version = self._project.constitution
        inputs = (prompt for brought in _good(rows) for prompt in brought.prompts)
        folder = RunFolder.create(beside, plan, version.constitution, inputs, version.yaml)
        _write_results(folder.results_file, rows)
        now = _now()
        folder.write_status(Status(RunState.FINISHED, "imported", plan.total, plan.total, now, now))
        beside.rename(place)
        sync_folder(runs)
        return RunFolder.open(place)


def _write_results(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        for brought in _good(rows):
            records: list[Any] = [*brought.steps, *brought.answers, *brought.scores]
            records += [Done(prompt.id) for prompt in brought.prompts]
            file.writelines(record_line(record) + "\n" for record in records)


def _good(rows: Rows) -> Iterator[Brought]:
    return (found[1] for found in rows() if not isinstance(found, BadRow))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
