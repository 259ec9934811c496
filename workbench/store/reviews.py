"""Reviews in the store: rows that are only ever added, each of them a decision."""

from collections import defaultdict
from collections.abc import Sequence

from sqlite_utils.db import Database

from workbench.records.comparison import Review
from workbench.store.table import Table


class Reviews(Table[Review]):
    """People's decisions on comparisons."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "reviews", Review)

    def reviewers(self) -> list[str]:
        """Return who has reviewed, the one with most reviews first."""
        sql = "SELECT reviewer FROM reviews GROUP BY reviewer ORDER BY count(*) DESC, reviewer"
        return [row["reviewer"] for row in self._db.query(sql)]

    def of(self, comparison_ids: Sequence[str]) -> dict[str, list[Review]]:
        """Return the reviews of some comparisons (some hundreds at most), in the order they were made."""
        found: dict[str, list[Review]] = defaultdict(list)
        marks = ",".join("?" * len(comparison_ids))
        for review in self.select(f"comparison_id IN ({marks})", list(comparison_ids)):
            found[review.comparison_id].append(review)
        return found
