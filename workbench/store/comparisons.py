"""Comparisons in the store."""

from sqlite_utils.db import Database

from workbench.records.comparison import Comparison
from workbench.store.table import Table

#: Rows of discarded runs stay, but nothing is made of them any more.
KEPT = "(run_id IS NULL OR run_id NOT IN (SELECT id FROM runs WHERE discarded = 1))"


class Comparisons(Table[Comparison]):
    """Pairs of responses to choose between."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "comparisons", Comparison)

    def without_label(self, constitution_hash: str, method: str) -> list[Comparison]:
        """Return the comparisons that have no usable label of this constitution version by this method."""
        labelled = f"""SELECT comparison_id FROM labels WHERE verdict = 'ok' AND constitution_hash = ? AND method = ?
            AND {KEPT}"""
        return self.select(f"id NOT IN ({labelled}) AND {KEPT}", (constitution_hash, method))
