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

    def in_splits(self, splits: Sequence[str]) -> list[Prompt]:
        """Return the prompts of any of these splits, in the order they came."""
        return self.select(f"split IN ({','.join('?' * len(splits))})", splits)
