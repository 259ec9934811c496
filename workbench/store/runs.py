"""Runs in the store: what each was asked to do, where its folder is, how far it has been collected."""

import dataclasses
from pathlib import Path
from typing import Any

from sqlite_utils.db import Database

from workbench.records.run import Plan, Run, RunState
from workbench.store.rows import to_row
from workbench.store.table import Table

#: States whose results a later stage may use.
_USABLE = "(state = 'finished' OR state = 'stopped') AND discarded = 0"


class Runs(Table[Run]):
    """The project's runs; folders are kept relative to the project, so that it can be moved."""

    def __init__(self, db: Database, project: Path) -> None:
        super().__init__(db, "runs", Run)
        self._project = project

    def record(self, plan: Plan, folder: Path) -> None:
        """Add a run, queued; a run that is there already stays as it is."""
        place = self._place(folder)
        run = Run(plan.id, plan.stage, RunState.QUEUED, total=plan.total, folder=place, created=plan.created, plan=plan)
        row = to_row(run, constitution_hash=plan.constitution_hash, seed=plan.seed)
        row.pop("pid")
        self._insert(row)

    def move(self, run_id: str, folder: Path) -> None:
        """Say where a run's folder lies now; its results are read anew, for they may be in another order there."""
        self.set(run_id, folder=self._place(folder), collected=0)

    def set(self, run_id: str, **columns: Any) -> None:
        """Change what is known of a run's course."""
        if not self._db.conn.in_transaction:
            raise RuntimeError("writes belong into `with store.write()`")
        names = ", ".join(f'"{name}" = ?' for name in columns)
        self._db.conn.execute(f"UPDATE runs SET {names} WHERE id = ?", [*columns.values(), run_id])

    def collected(self, run_id: str) -> int:
        """Return up to which byte a run's results have been collected."""
        found = self._db.execute("SELECT collected FROM runs WHERE id = ?", [run_id]).fetchone()
        return int(found[0]) if found else 0

    def folder(self, run: Run) -> Path:
        """Return where a run's folder is."""
        return self._project / run.folder  # an absolute folder stays what it is

    def newest_first(self) -> list[Run]:
        """Return all runs."""
        return [self._placed(run) for run in self.select("1", order="seq DESC")]

    def find(self, run_id: str) -> Run | None:
        """Return a run with its folder's full path, or None."""
        run = self.get(run_id)
        return None if run is None else self._placed(run)

    def usable(self, stage: str) -> list[Run]:
        """Return the runs of a stage whose results may be used: finished ones first, newest first."""
        where = f"stage = ? AND {_USABLE}"
        return [self._placed(run) for run in self.select(where, (stage,), order="state = 'finished' DESC, seq DESC")]

    def next_id(self, stage: str) -> str:
        """Return a name for a new run of a stage, such as chains-3."""
        names = [row["id"] for row in self._db.query("SELECT id FROM runs WHERE stage = ?", [stage])]
        numbers = [int(tail) for tail in (name.rpartition("-")[2] for name in names) if tail.isdigit()]
        return f"{stage}-{max(numbers, default=0) + 1}"

    def unfinished(self) -> list[Run]:
        """Return the runs of which more may come."""
        return [self._placed(run) for run in self.select("state NOT IN ('finished', 'stopped')")]

    def queued(self) -> list[Run]:
        """Return the runs that wait."""
        return [self._placed(run) for run in self.select("state = 'queued'")]

    def _place(self, folder: Path) -> str:
        """Return a folder as a row has it: within the project from there on, elsewhere with its whole path."""
        whole = folder.resolve()
        return str(whole.relative_to(self._project) if whole.is_relative_to(self._project) else whole)

    def _placed(self, run: Run) -> Run:
        return dataclasses.replace(run, folder=str(self.folder(run)))
