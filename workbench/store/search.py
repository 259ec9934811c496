"""Finding texts by their words, over prompts and all that was written: best first, or newest first where very many are found."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from sqlite_utils.db import Database

from workbench.errors import BadInputError
from workbench.store.migrations import SEARCHED
from workbench.store.new_rows import NewRows
from workbench.store.rows import storable

_WIDTH = 160
#: To say which rows are best, each that holds the words has to be weighed: of a million that takes seconds, and tells little.
MOST_WEIGHED = 20_000
#: The text of a prompt; nearly all have one turn, whose text is at hand without listing the turns.
_ONE_TURN = """CASE json_array_length({{row}}.messages) WHEN 1 THEN coalesce(json_extract({{row}}.messages, '$[0].text'), '')
    ELSE {more} END"""
_ROWS = {
    "prompts": """SELECT id, id AS prompt_id, '' AS run_id, kind, (SELECT group_concat(json_extract(value, '$.text'),
        char(10) || char(10)) FROM json_each(messages)) AS text FROM prompts WHERE seq = ?""",
    "steps": "SELECT id, prompt_id, run_id, kind, text FROM steps WHERE seq = ?",
    "comparisons": """SELECT id, prompt_id, coalesce(run_id, '') AS run_id, source AS kind,
        response_a || char(10) || char(10) || response_b AS text FROM comparisons WHERE seq = ?""",
    "answers": "SELECT id, prompt_id, run_id, kind, text FROM answers WHERE seq = ?",
    "edits": """SELECT edits.id AS id, steps.prompt_id AS prompt_id, steps.run_id AS run_id, steps.kind AS kind,
        edits.text AS text FROM edits JOIN steps ON steps.id = edits.step_id WHERE edits.seq = ?""",
    "samples": "SELECT id, prompt_id, run_id, 'step ' || step AS kind, text FROM samples WHERE seq = ?",
}


@dataclass(frozen=True)
class Found:
    """A row whose text holds the words: its table and id, where it belongs, and the text around the first of them."""

    table: str
    id: str
    kind: str
    prompt_id: str
    run_id: str
    excerpt: str


class Search:
    """The index of words."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def catch_up(self, new: NewRows, grown: Sequence[str]) -> None:
        """Bring the index into line with what the transaction has changed; to be called before it is committed."""
        changed = self._db.execute("SELECT 1 FROM search_notes LIMIT 1").fetchone() is not None
        for place, (table, text) in enumerate(SEARCHED.items()):
            end = new.after(table)
            learnt = _ONE_TURN.format(more=text).format(row=table) if table == "prompts" else text.format(row=table)
            learn = f"INSERT INTO search (rowid, text) SELECT seq * 8 + {place}, {learnt} FROM {table} "
            if changed:
                self._forget(place, end)
                noted = f"SELECT place / 8 FROM search_notes WHERE place % 8 = {place}"
                self._db.conn.execute(f"{learn} WHERE seq <= ? AND seq IN ({noted})", [end])
            if table in grown:
                self._db.conn.execute(f"{learn} WHERE seq > ?", [end])
        if changed:
            self._db.conn.execute("DELETE FROM search_notes")

    def _forget(self, place: int, end: int) -> None:
        """Take out what the index holds of changed rows: what each was before the first change, and of new ones nothing."""
        self._db.conn.execute(
            f"""INSERT INTO search (search, rowid, text) SELECT 'delete', place, forgotten FROM search_notes AS note
            WHERE forgotten IS NOT NULL AND place % 8 = {place} AND place / 8 <= ?
            AND seq = (SELECT min(seq) FROM search_notes WHERE search_notes.place = note.place)""",
            [end],
        )

    def find(self, words: str, tables: Sequence[str] = (), limit: int = 20) -> list[Found]:
        """Return the rows that hold every word, or a word beginning like it; no tables means all, limit 0 all rows.

        The best come first; where more than MOST_WEIGHED rows hold the words, the newest of each table in turn.
        Case and accents do not matter. Raises BadInputError where there is no word or no such table.
        """
        asked = _words(words)
        query = match_of(words)
        if unknown := [table for table in tables if table not in SEARCHED]:
            raise BadInputError(
                "{unknown} cannot be searched; there are {searched}.",
                unknown=", ".join(unknown),
                searched=", ".join(SEARCHED),
            )
        places = [list(SEARCHED).index(table) for table in tables or SEARCHED]
        limit = limit or -1
        if len(self._rowids(query, places, "rowid", MOST_WEIGHED + 1)) <= MOST_WEIGHED:
            rows = self._rowids(query, places, "rank, rowid DESC", limit)
        else:
            newest = (self._rowids(query, [place], "rowid DESC", limit, self._end(place)) for place in places)
            rows = [row for turn in zip_longest(*newest) for row in turn if row is not None]
        return [self._found(row, asked) for row in rows[: limit if limit > 0 else None]]

    def _end(self, place: int) -> int:
        """Return the last row number that a table can have: from there the index goes to its newest row without a detour."""
        return 8 * int(self._db.execute(f"SELECT coalesce(max(seq), 0) FROM {[*SEARCHED][place]}").fetchone()[0]) + 7

    def _rowids(self, query: str, places: Sequence[int], order: str, limit: int, end: int = 2**62) -> list[int]:
        sql = f"""SELECT rowid FROM search WHERE search MATCH ? AND rowid <= ? AND rowid % 8 IN ({",".join("?" * len(places))})
            ORDER BY {order} LIMIT ?"""
        return [row[0] for row in self._db.execute(sql, [query, end, *places, limit])]

    def _found(self, place: int, words: Sequence[str]) -> Found:
        table = list(SEARCHED)[place % 8]
        row: dict[str, Any] = next(iter(self._db.query(_ROWS[table], [place // 8])))
        return Found(table, row["id"], row["kind"], row["prompt_id"], row["run_id"], _excerpt(row["text"] or "", words))


def match_of(words: str) -> str:
    """Return what the index is asked for to find every word, or a word beginning like it; BadInputError where there is none."""
    asked = _words(words)
    if not asked:
        raise BadInputError("Say at least one word to search for.")
    # Every word is quoted, so that nothing in it is taken for an operator.
    return " ".join('"' + word.replace('"', '""') + '" *' for word in asked)


def _words(words: str) -> list[str]:
    return storable(words).replace("\0", " ").split()  # type: ignore[no-any-return]


def _excerpt(text: str, words: Sequence[str]) -> str:
    """Return the part of a text around the first of the words, on one line."""
    folded = _folded(text)
    at = min((place for word in words if (place := folded.find(_folded(word))) >= 0), default=0)
    start = max(0, at - _WIDTH // 4)
    part = " ".join(text[start : start + _WIDTH].split())
    return ("…" if start else "") + part + ("…" if start + _WIDTH < len(text) else "")


def _folded(text: str) -> str:
    """Return a text of the same length without accents and capitals."""
    if text.isascii():
        return text.lower()
    return "".join(unicodedata.normalize("NFKD", character)[0].lower()[0] for character in text)
