"""Exclusions in the store: rows that are only ever added, each of them a decision."""

from collections.abc import Sequence

from sqlite_utils.db import Database

from workbench.records.intervention import Exclusion
from workbench.store.table import Table

_STANDING = "excluded = 1 AND NOT EXISTS (SELECT 1 FROM exclusions later WHERE later.supersedes = exclusions.id)"


class Exclusions(Table[Exclusion]):
    """What people left out of training."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "exclusions", Exclusion)

    def standing(self) -> dict[str, Exclusion]:
        """Return the exclusions that hold now, by what they exclude."""
        return {exclusion.target: exclusion for exclusion in self.each(_STANDING)}

    def standing_among(self, targets: Sequence[str]) -> dict[str, Exclusion]:
        """Return the exclusions that hold now of some things (a few hundred at most), by what they exclude."""
        marks = ",".join("?" * len(targets))
        return {one.target: one for one in self.select(f"{_STANDING} AND target IN ({marks})", list(targets))}

    def among(self, table: str, run_ids: Sequence[str] | None = None) -> int:
        """Return how many rows of a table are excluded: of those that came from some runs, or of all."""
        sql = f"SELECT count(*) FROM {table} WHERE id IN (SELECT target FROM exclusions WHERE {_STANDING})"
        if run_ids is not None:
            sql += f" AND run_id IN ({','.join('?' * len(run_ids))})"
        return int(self._db.execute(sql, list(run_ids or ())).fetchone()[0])

    def kind_of(self, target: str) -> str | None:
        """Return which table holds an id that may be excluded, or None."""
        for table in ("chains", "steps", "comparisons", "labels"):
            if self._db.execute(f"SELECT 1 FROM {table} WHERE id = ?", [target]).fetchone():
                return table
        return None
