"""Comparisons in the store."""

from sqlite_utils.db import Database

from workbench.records.comparison import Comparison
from workbench.store.table import Table

#: Rows of discarded runs stay, but nothing is made of them any more.
KEPT = "(run_id IS NULL OR run_id NOT IN (SELECT id FROM runs WHERE discarded = 1))"


#: In which order labelled comparisons are reviewed; ids are hashes, so that by id is at random and the same every time.
_QUEUES = {
    "random": ("1", "comparisons.id"),
    "uncertain": ("1", "abs(labels.probability_a - 0.5), comparisons.id"),
    "flips": ("labels.order_flip = 1", "comparisons.id"),
}
_QUEUE = f"""SELECT comparisons.id AS id FROM comparisons JOIN labels ON labels.seq =
    (SELECT max(seq) FROM labels WHERE comparison_id = comparisons.id AND verdict = 'ok' AND {KEPT})"""


class Comparisons(Table[Comparison]):
    """Pairs of responses to choose between."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "comparisons", Comparison)

    def without_label(self, constitution_hash: str, method: str) -> list[Comparison]:
        """Return the comparisons that have no usable label of this constitution version by this method."""
        labelled = f"""SELECT comparison_id FROM labels WHERE verdict = 'ok' AND constitution_hash = ? AND method = ?
            AND {KEPT}"""
        return self.select(f"id NOT IN ({labelled}) AND {KEPT}", (constitution_hash, method))

    def queue(self, name: str) -> list[str]:
        """Return the ids of the labelled comparisons of a queue for review (random, uncertain or flips), in its order."""
        where, order = _QUEUES[name]
        return [str(row["id"]) for row in self._db.query(f"{_QUEUE} WHERE {where} ORDER BY {order}")]
