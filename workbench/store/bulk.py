"""Very many rows in one transaction: what takes long row by row is done once for all of them, before it is committed."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlite_utils.db import Database

from workbench.store.new_rows import NewRows

#: Indexes in the order of ids, which are hashes: each new row changes another page of them, but sorted they are soon made.
_SCATTERED = ("comparisons_by_prompt", "reviews_by_comparison")
#: 32 MB are sorted at a time and the rest lies in a file (1), or else in memory, where it takes half as much again as all else.
_WHILE_SORTING = {"cache_size": -32 * 1024, "temp_store": 1}
#: Ids are hashes, so that each new row changes pages all over several indexes.
_CACHE_OF_MANY_KB = 224 * 1024


@contextmanager
def room_for_many(connection: sqlite3.Connection, usual_kb: int) -> Iterator[None]:
    """Have more memory at hand than usual, and write pages back less often."""
    connection.execute(f"PRAGMA cache_size = -{_CACHE_OF_MANY_KB}")
    connection.execute("PRAGMA wal_autocheckpoint = 20000")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA cache_size = -{usual_kb}")
        connection.execute("PRAGMA wal_autocheckpoint = 1000")


class ScatteredIndexes:
    """Can be away while rows come in; a transaction that is rolled back has never lost them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._away: list[str] = []

    def put_off(self) -> None:
        """Take them away; nothing may be sought by them until they are back."""
        marks = ",".join("?" * len(_SCATTERED))
        sql = f"SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND name IN ({marks}) ORDER BY rowid"
        for name, statement in self._db.conn.execute(sql, _SCATTERED).fetchall():
            self._db.conn.execute(f"DROP INDEX {name}")
            self._away.append(statement)

    def put_back(self) -> None:
        """Make those that are away from the rows as they are now."""
        if not self._away:
            return
        usual = {name: self._db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in _WHILE_SORTING}
        try:
            self._set(_WHILE_SORTING)
            while self._away:
                self._db.conn.execute(self._away.pop(0))
        finally:
            self._set(usual)

    def _set(self, settings: Mapping[str, int]) -> None:
        for name, value in settings.items():
            self._db.conn.execute(f"PRAGMA {name} = {value}")


def named_but_absent(db: Database, tables: Sequence[str], before: NewRows) -> list[str]:
    """Return which columns of new rows name something that is not there, for rows whose foreign keys were not looked at.

    Each is walked by its index, in the order of the one it is looked up in, which takes a seventh of looking at row by row.
    """
    found = []
    for table in tables:
        for key in db.conn.execute(f"PRAGMA foreign_key_list({table})").fetchall():
            named, column, there = key[2:5]
            sql = f"""SELECT 1 FROM {table} AS new WHERE +new.seq > ? AND new.{column} IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM {named} AS old WHERE old.{there} = new.{column}) LIMIT 1"""
            if db.conn.execute(sql, [before.after(table)]).fetchone():
                found.append(f"{table}.{column}")
    return found
