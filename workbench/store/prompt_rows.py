"""Prompts as a list shows them: narrowed by kind, split, tag and words, a page at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlite_utils.db import Database

from workbench.store.keys import Keys, read_keys
from workbench.store.search import match_of

#: So many letters of a prompt stand in a list.
_LISTED = 300
#: By so many first words a text is looked up.
_LOOKED_UP = 12


@dataclass(frozen=True)
class PromptQuery:
    """Which prompts to list; what is empty narrows nothing. chains: "without" leaves those no run has written a chain for."""

    kind: str = ""
    split: str = ""
    tag: str = ""
    words: str = ""
    chains: str = ""


@dataclass(frozen=True)
class PromptRow:
    """A prompt as a list shows it."""

    key: int
    id: str
    text: str
    turns: int
    kind: str
    split: str
    source: str
    tags: tuple[str, ...] = ()
    chains: int = 0


class PromptRows:
    """Lists prompts without reading them whole."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keys(self, query: PromptQuery, limit: int = -1) -> Keys:
        """Return the keys of the prompts a query finds, in the order they came."""
        where, arguments = _where(query)
        sql = f"SELECT seq FROM prompts WHERE {where} ORDER BY seq LIMIT ?"
        return read_keys(self._db, sql, [*arguments, limit])

    def ids(self, query: PromptQuery) -> list[str]:
        """Return the ids of the prompts a query finds, in the order they came."""
        where, arguments = _where(query)
        return [row[0] for row in self._db.execute(f"SELECT id FROM prompts WHERE {where} ORDER BY seq", arguments)]

    def kinds(self, splits: Sequence[str], ids: AbstractSet[str] | None = None) -> dict[str, int]:
        """Return by kind how many prompts there are in some splits, of some ids or (None) of all."""
        marks = ",".join("?" * len(splits))
        if ids is None:
            sql = f"SELECT kind, count(*) FROM prompts WHERE split IN ({marks}) GROUP BY kind"
            return {str(kind): int(count) for kind, count in self._db.execute(sql, list(splits))}
        rows = self._db.execute(f"SELECT id, kind FROM prompts WHERE split IN ({marks})", list(splits))
        return dict(Counter(str(kind) for prompt_id, kind in rows if prompt_id in ids))

    def asks(self, text: str, kind: str) -> bool:
        """Whether a text is what a prompt of a kind asks in its last turn."""
        first = " ".join(text.split()[:_LOOKED_UP])
        where, arguments = _where(PromptQuery(kind=kind, words=first))
        sql = f"SELECT 1 FROM prompts WHERE {where} AND json_extract(messages, '$[#-1].text') = ? LIMIT 1"
        return bool(first) and self._db.execute(sql, [*arguments, text]).fetchone() is not None

    def rows(self, keys: Sequence[int]) -> list[PromptRow]:
        """Return some rows by key, in the order of the keys."""
        sql = f"""SELECT seq AS key, id, substr(coalesce(json_extract(messages, '$[#-1].text'), ''), 1, {_LISTED}) AS text,
            json_array_length(messages) AS turns, kind, split, source,
            (SELECT group_concat(tag, char(10)) FROM tags WHERE prompt_id = prompts.id) AS tags,
            (SELECT count(*) FROM chain_rows WHERE prompt_id = prompts.id AND steps > 0) AS chains
            FROM prompts WHERE seq IN ({",".join("?" * len(keys))})"""
        found = {row["key"]: _row(row) for row in self._db.query(sql, list(keys))}
        return [found[key] for key in keys if key in found]


def _where(query: PromptQuery) -> tuple[str, list[Any]]:
    parts: list[str] = []
    arguments: list[Any] = []
    for column in ("kind", "split"):
        if value := getattr(query, column):
            parts.append(f"{column} = ?")
            arguments.append(value)
    if query.tag:
        parts.append("id IN (SELECT prompt_id FROM tags WHERE tag = ?)")
        arguments.append(query.tag)
    if query.words.strip():
        parts.append("seq IN (SELECT rowid / 8 FROM search WHERE search MATCH ? AND rowid % 8 = 0)")
        arguments.append(match_of(query.words))
    if query.chains == "without":
        parts.append("NOT EXISTS (SELECT 1 FROM chain_rows WHERE prompt_id = prompts.id AND steps > 0)")
    return " AND ".join(parts) or "1", arguments


def _row(row: Mapping[str, Any]) -> PromptRow:
    text = row["text"] if len(row["text"]) < _LISTED else f"{row['text']}…"
    return PromptRow(**{**row, "text": text, "tags": tuple(sorted(row["tags"].split("\n"))) if row["tags"] else ()})
