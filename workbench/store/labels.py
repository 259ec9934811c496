"""Labels in the store, and which principles they were asked under."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlite_utils.db import Database

from workbench.records.comparison import Label
from workbench.store.comparisons import KEPT
from workbench.store.table import Table


class Labels(Table[Label]):
    """The feedback model's answers; they live apart from reviews, so that none can ever stand in for a person's."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "labels", Label)

    def add(self, records: Iterable[Label], **more: Any) -> list[str]:
        """Insert labels and the principles they were asked under; return the ids that are new."""
        labels = list(records)
        new = super().add(labels, **more)
        fresh = set(new)
        for label in labels:
            for principle in dict.fromkeys(label.principle_ids) if label.id in fresh else ():
                self._db.conn.execute("INSERT INTO label_principles VALUES (?, ?)", [principle, label.id])
        return new

    def principles(self) -> list[str]:
        """Return the ids of the principles that labels were given by."""
        rows = self._db.query("SELECT DISTINCT principle_id AS id FROM label_principles ORDER BY principle_id")
        return [row["id"] for row in rows]

    def of(self, comparison_ids: Sequence[str]) -> dict[str, list[Label]]:
        """Return the labels of some comparisons (some hundreds at most), in the order they came."""
        found: dict[str, list[Label]] = defaultdict(list)
        marks = ",".join("?" * len(comparison_ids))
        for label in self.select(f"comparison_id IN ({marks}) AND {KEPT}", list(comparison_ids)):
            found[label.comparison_id].append(label)
        return found
