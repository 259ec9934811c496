"""Comparisons in the store."""

import json
from collections.abc import Collection, Sequence

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

    def imported(self) -> list[Comparison]:
        """Return the comparisons that no run made."""
        return self.select("run_id IS NULL")

    def pinned(self, limit: int, kinds: Sequence[str] = (), without: Collection[str] = ()) -> list[Comparison]:
        """Return the same sample each time: reviewed comparisons first, then others, at random by their ids.

        kinds are those of the prompts; none means all. The comparisons named in without are passed by.
        """
        where = f"response_a != response_b AND {KEPT} AND id NOT IN (SELECT value FROM json_each(?))"
        if kinds:
            where += f" AND prompt_id IN (SELECT id FROM prompts WHERE kind IN ({','.join('?' * len(kinds))}))"
        reviewed = "id IN (SELECT comparison_id FROM reviews WHERE decision IN ('a_much', 'a', 'b', 'b_much'))"
        return self.select(where, (json.dumps(sorted(without)), *kinds), limit, f"{reviewed} DESC, id")
