"""Evaluation sets and what judges answered on them."""

from sqlite_utils.db import Database

from workbench.records.evaluation_set import EvaluationItem, ItemAnswer
from workbench.store.table import Table


class EvaluationItems(Table[EvaluationItem]):
    """Questions whose right answers are known."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "evaluation_items", EvaluationItem)

    def sets(self) -> dict[str, int]:
        """Return the sets by name, in the order they came, with how many items each has."""
        sql = "SELECT set_name, count(*) FROM evaluation_items GROUP BY set_name ORDER BY min(seq)"
        return {str(name): int(count) for name, count in self._db.execute(sql)}


class ItemAnswers(Table[ItemAnswer]):
    """Judges' answers on items of evaluation sets."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "item_answers", ItemAnswer)
