"""Drafts in the store: the last text of each constitution, saved as often as somebody asks."""

import dataclasses

from sqlite_utils.db import Database

from workbench.records.constitution import Draft
from workbench.store.rows import storable
from workbench.store.table import Table


class Drafts(Table[Draft]):
    """What people are working on; only the last text is kept, since a draft is nobody's decision yet."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "drafts", Draft, key="name")

    def save(self, draft: Draft) -> None:
        """Keep a draft in place of the one of its name."""
        if not self._db.conn.in_transaction:
            raise RuntimeError("writes belong into `with store.write()`")
        self._db.conn.execute(
            """INSERT INTO drafts (name, text, file_hash, saved) VALUES (?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET text = excluded.text, file_hash = excluded.file_hash, saved = excluded.saved""",
            [storable(value) for value in dataclasses.astuple(draft)],
        )
