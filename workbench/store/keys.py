"""The keys of all rows of a long table: a million of them are read, kept and let go without holding up another thread."""

from array import array
from collections.abc import Iterator, Sequence
from typing import Any

from sqlite_utils.db import Database

#: Letters that are read as numbers before another thread may have its turn.
_PART = 100_000
#: A block of memory: letting go of a million objects instead takes up to two seconds, in the thread that lets go.
Keys = Sequence[int]


def read_keys(db: Database, sql: str, arguments: Sequence[Any]) -> Keys:
    """Return the column seq of a query, in its order.

    SQLite puts the numbers together in one step. Row by row it would let go of the interpreter a million times, each too
    short for the window's thread to get hold of it.
    """
    told = db.execute(f"SELECT group_concat(seq) FROM ({sql})", arguments).fetchone()[0]
    keys = array("q")
    for part in _parts(told or ""):
        keys.extend(map(int, part.split(",")))
    return keys


def _parts(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        comma = text.find(",", start + _PART)
        end = comma if comma >= 0 else len(text)
        yield text[start:end]
        start = end + 1
