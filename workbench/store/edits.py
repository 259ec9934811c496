"""Edits in the store: rows that are only ever added, each of them a decision; what the model wrote stays as it is."""

from collections.abc import Sequence

from sqlite_utils.db import Database

from workbench.records.intervention import Edit
from workbench.store.table import Table

_STANDING = "NOT EXISTS (SELECT 1 FROM edits later WHERE later.supersedes = edits.id)"


class Edits(Table[Edit]):
    """People's wordings of steps."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "edits", Edit)

    def last(self, step_id: str) -> Edit | None:
        """Return what a person said last of a step, be it only to go back to what the model wrote."""
        found = self.select(f"step_id = ? AND {_STANDING}", (step_id,), limit=1, order="seq DESC")
        return found[0] if found else None

    def of_chains(self, chain_ids: Sequence[str]) -> dict[str, Edit]:
        """Return the wordings that hold now in some chains (some hundreds at most), by step."""
        return self._standing("chain_id", chain_ids)

    def of_runs(self, run_ids: Sequence[str]) -> dict[str, Edit]:
        """Return the wordings that hold now in the chains of some runs, by step."""
        return self._standing("run_id", run_ids)

    def _standing(self, column: str, ids: Sequence[str]) -> dict[str, Edit]:
        marks = ",".join("?" * len(ids))
        steps = f"SELECT id FROM steps WHERE {column} IN ({marks})"
        found = self.select(f"text IS NOT NULL AND {_STANDING} AND step_id IN ({steps})", list(ids))
        return {edit.step_id: edit for edit in found}
