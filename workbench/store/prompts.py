"""Prompts in the store."""

from collections.abc import Sequence

from sqlite_utils.db import Database

from workbench.records.prompt import Prompt
from workbench.store.prompt_rows import PromptRows
from workbench.store.table import Table


class Prompts(Table[Prompt]):
    """The inputs to answer."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "prompts", Prompt)
        self.rows = PromptRows(db)

    def sources(self) -> list[str]:
        """Return the names of the files that prompts came from."""
        sql = "SELECT DISTINCT source FROM prompts WHERE source != '' ORDER BY source"
        return [row["source"] for row in self._db.query(sql)]

    def in_splits(self, splits: Sequence[str]) -> list[Prompt]:
        """Return the prompts of any of these splits, in the order they came."""
        return self.select(f"split IN ({','.join('?' * len(splits))})", splits)

    def near(self, place: float, kind: str) -> Prompt | None:
        """Return a prompt of a kind, not held out for tests, at or after a place from 0 to 1 among them; None where none is."""
        where = "kind = ? AND split != 'test'"
        first = "(SELECT min(seq) + ? * (max(seq) - min(seq)) FROM prompts WHERE " + where + ")"
        found = self.select(f"{where} AND seq >= {first}", (kind, place, kind), limit=1)
        return found[0] if found else None
