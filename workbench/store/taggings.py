"""Tags of prompts in the store: what people said, only ever added, and which prompt bears which tag now."""

from collections.abc import Iterable
from typing import Any

from sqlite_utils.db import Database

from workbench.records.intervention import Tagging
from workbench.store.table import Table


class Taggings(Table[Tagging]):
    """People's taggings, each of them a decision."""

    def __init__(self, db: Database) -> None:
        super().__init__(db, "taggings", Tagging)

    def add(self, records: Iterable[Tagging], **more: Any) -> list[str]:
        """Insert taggings and let the prompts bear the tags, or no longer; return the ids that are new."""
        new = []
        for tagging in records:
            if super().add([tagging], **more):
                new.append(tagging.id)
                self._show(tagging)
        return new

    def tags(self) -> dict[str, int]:
        """Return every tag and how many prompts bear it, by name."""
        rows = self._db.execute("SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY tag")
        return {str(tag): int(count) for tag, count in rows}

    def bearing(self, tag: str) -> list[str]:
        """Return the ids of the prompts that bear a tag."""
        return [str(row[0]) for row in self._db.execute("SELECT prompt_id FROM tags WHERE tag = ?", [tag])]

    def of_prompt(self, prompt_id: str) -> list[str]:
        """Return the tags a prompt bears."""
        rows = self._db.execute("SELECT tag FROM tags WHERE prompt_id = ? ORDER BY tag", [prompt_id])
        return [str(row[0]) for row in rows]

    def _show(self, tagging: Tagging) -> None:
        if tagging.tagged:
            sql = "INSERT INTO tags (tag, prompt_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
        else:
            sql = "DELETE FROM tags WHERE tag = ? AND prompt_id = ?"
        self._db.conn.executemany(sql, ((tagging.tag, prompt_id) for prompt_id in tagging.prompts))
