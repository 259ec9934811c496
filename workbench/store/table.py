"""What all tables of records have in common: adding what is new, reading by id, paging by key."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, compress, count, islice
from sqlite3 import Cursor
from typing import Any, Generic, TypeVar, cast

from sqlite_utils.db import Database

from workbench.store.rows import fields_of, reading, records_of, row_of, stored

R = TypeVar("R")


_BATCH = 500


@cache
def _insertion(table: str, columns: tuple[str, ...], key: str) -> str:
    return _into(table, columns, key, f"({', '.join('?' * len(columns))})")


@lru_cache(maxsize=64)
def _insertion_of_many(table: str, columns: tuple[str, ...], key: str, alike: tuple[bool, ...]) -> str:
    """Return what inserts _BATCH rows; the values of columns in which all are alike are given first, and once."""
    shared, counted = count(1), count(sum(alike) + 1)
    given = [f"?{next(shared)}" if same else "" for same in alike]
    row = (f"({', '.join(mark or f'?{next(counted)}' for mark in given)})" for _ in range(_BATCH))
    return _into(table, columns, key, ", ".join(row))


def _into(table: str, columns: tuple[str, ...], key: str, values: str) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f"INSERT INTO {table} ({names}) VALUES {values}" + (f" ON CONFLICT ({key}) DO NOTHING" if key else "")


def insert_all(
    db: Database, table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], key: str = ""
) -> int:
    """Insert rows, _BATCH of them in a statement, but for those whose key is there already; return how many that were.

    Without a key none may be there.
    """
    whole, added = len(rows) - len(rows) % _BATCH, 0
    for start in range(0, whole, _BATCH):
        part = rows[start : start + _BATCH]
        # Handing a value to SQLite takes as long as writing it, and most columns of a file's rows are alike.
        alike = tuple(column.count(column[0]) == _BATCH for column in zip(*part, strict=True))
        values = [*compress(part[0], alike)]
        differing = [not same for same in alike]
        values += chain.from_iterable(compress(row, differing) for row in part)
        added += db.conn.execute(_insertion_of_many(table, columns, key, alike), values).rowcount
    if rest := rows[whole:]:
        added += db.conn.executemany(_insertion(table, columns, key), rest).rowcount
    return added


class Table(Generic[R]):
    """A table whose rows are records with an id; seq is the order in which they came."""

    def __init__(self, db: Database, name: str, kind: type[R], key: str = "id") -> None:
        self._db = db
        self.name = name
        self.kind = kind
        self._key = key

    def add(self, records: Iterable[R], **more: Any) -> list[str]:
        """Insert records that are not there yet and return their ids; what is there already stays as it is."""
        rest, new = map(row_of, records), list[str]()
        while part := list(islice(rest, _BATCH)):
            new += self.add_rows(part, **more)
        return new

    def add_rows(self, rows: Sequence[tuple[Any, ...]], **more: Any) -> list[str]:
        """Insert records that are rows already, as row_of makes them."""
        last = tuple(stored(value) for value in more.values())
        columns = (*fields_of(cast("Any", self.kind)), *more)
        return self._insert_all(columns, [row + last for row in rows] if last else rows)

    def get(self, record_id: str) -> R | None:
        """Return one record, or None."""
        found = self.select(f"{self._key} = ?", (record_id,), limit=1)
        return found[0] if found else None

    def get_many(self, ids: Sequence[str]) -> dict[str, R]:
        """Return records by id; ids that are not there are left out."""
        found: dict[str, R] = {}
        for start in range(0, len(ids), _BATCH):
            part = list(ids[start : start + _BATCH])
            marks = ",".join("?" * len(part))
            rows = self._db.execute(f"SELECT {self._key}, * FROM {self.name} WHERE {self._key} IN ({marks})", part)
            found.update(self._keyed(rows))
        return found

    def runs_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Return by which run each of some rows (some hundreds at most) was made; those that no run made are left out."""
        marks = ",".join("?" * len(ids))
        sql = f"SELECT {self._key}, run_id FROM {self.name} WHERE run_id IS NOT NULL AND {self._key} IN ({marks})"
        return {str(row[0]): str(row[1]) for row in self._db.execute(sql, list(ids))}

    def count(self, where: str = "1", arguments: Sequence[Any] = ()) -> int:
        """Return how many rows meet a condition."""
        counted: int = self._db.execute(f"SELECT count(*) FROM {self.name} WHERE {where}", arguments).fetchone()[0]
        return counted

    def end(self) -> int:
        """Return the key of the last row; 0 where there is none."""
        return int(self._db.conn.execute(f"SELECT coalesce(max(seq), 0) FROM {self.name}").fetchone()[0])

    def any(self) -> bool:
        """Say whether there is a row."""
        return self._db.execute(f"SELECT 1 FROM {self.name} LIMIT 1").fetchone() is not None

    def page(
        self, after: int = 0, limit: int = _BATCH, where: str = "1", arguments: Sequence[Any] = ()
    ) -> list[tuple[int, R]]:
        """Return a page of (key, record) after a key, in the order they came: the next page begins after the last key."""
        sql = f"SELECT seq, * FROM {self.name} WHERE seq > ? AND ({where}) ORDER BY seq LIMIT ?"
        return [*self._keyed(self._db.execute(sql, (after, *arguments, limit)))]

    def each(self, where: str = "1", arguments: Sequence[Any] = ()) -> Iterator[R]:
        """Yield all records that meet a condition, a page in memory at a time."""
        after = 0
        while page := self.page(after, _BATCH, where, arguments):
            yield from (record for _, record in page)
            after = page[-1][0]

    def select(self, where: str, arguments: Sequence[Any] = (), limit: int = -1, order: str = "seq") -> list[R]:
        """Return the records that meet a condition, at once."""
        sql = f"SELECT * FROM {self.name} WHERE {where} ORDER BY {order} LIMIT ?"
        return records_of(self.kind, self._db.execute(sql, (*arguments, limit)))

    def _keyed(self, rows: Cursor) -> Iterator[tuple[Any, R]]:
        """Yield each row's record with the column that comes before its own."""
        read = reading(cast("Any", self.kind), tuple(column[0] for column in rows.description[1:]))
        return ((row[0], read(row[1:])) for row in rows)

    def _insert_all(self, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> list[str]:
        """Insert rows at once and return the ids of those that were not there."""
        self._must_be_writing()
        end = self.end()
        added = insert_all(self._db, self.name, columns, rows, self._key)
        if added == len(rows):
            at = columns.index(self._key)
            return [str(row[at]) for row in rows]
        found = self._db.conn.execute(f"SELECT {self._key} FROM {self.name} WHERE seq > ? ORDER BY seq", [end])
        return [str(row[0]) for row in found]

    def _must_be_writing(self) -> None:
        if not self._db.conn.in_transaction:
            raise RuntimeError("writes belong into `with store.write()`")

    def _insert(self, row: dict[str, Any], conflict: str = "") -> str | None:
        self._must_be_writing()
        sql = _insertion(self.name, tuple(row), conflict or self._key)
        added = self._db.conn.execute(sql, list(row.values())).rowcount
        return str(row[self._key]) if added else None
