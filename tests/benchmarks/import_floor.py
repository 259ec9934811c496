"""What SQLite alone takes for the rows an import has left: the same rows put into the same tables and indexes, nothing else.

As an import of very many does it: in one transaction, scattered indexes made last, foreign keys not looked at. No import can be
quicker than this with these tables: whatever else it takes is reading, naming and chaining.
"""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.project.importing import BATCH
from workbench.store.bulk import ScatteredIndexes
from workbench.store.migrations import SEARCHED

#: In the order in which one refers to another.
_TABLES = ("decisions", "constitutions", "prompts", "comparisons", "reviews", "comparison_states", "runs", "chains", "steps",
    "chain_rows", "done_inputs",
)  # fmt: skip
_AS_AN_IMPORT = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = OFF", "temp_store = MEMORY",
    "wal_autocheckpoint = 20000", "cache_size = -229376",
)  # fmt: skip
_SCHEMA = """SELECT sql FROM sqlite_schema WHERE sql NOT NULL AND name NOT GLOB 'sqlite_*' AND name NOT GLOB 'search_*'
    ORDER BY type = 'table' DESC, rowid"""


def bare(project: Path, beside: Path) -> dict[str, float]:
    """Return seconds and processor seconds of inserting a project's rows into an empty database of its schema."""
    # Before the store is imported it would bring pandas along, which takes 80 MB.
    from sqlite_utils.db import Database  # noqa: PLC0415

    source, target = sqlite3.connect(project), sqlite3.connect(beside, isolation_level=None)
    for setting in _AS_AN_IMPORT:
        target.execute(f"PRAGMA {setting}")
    for (statement,) in source.execute(_SCHEMA):
        target.execute(statement)
    wall = used = 0.0
    indexes = ScatteredIndexes(Database(target))
    target.execute("BEGIN")
    indexes.put_off()
    for inserting, rows in _inserted(source):
        since, began = time.process_time(), time.perf_counter()
        target.executemany(inserting, rows)
        wall, used = wall + time.perf_counter() - began, used + time.process_time() - since
    since, began = time.process_time(), time.perf_counter()
    indexes.put_back()
    target.execute("COMMIT")
    wall, used = wall + time.perf_counter() - began, used + time.process_time() - since
    source.close()
    target.close()
    return {"seconds": round(wall, 1), "processor_seconds": round(used, 1)}


def _inserted(source: sqlite3.Connection) -> Iterator[tuple[str, list[Any]]]:
    """Yield the rows of a project in batches, each with what inserts them."""
    for table in _TABLES:
        yield from _batches(source, table, f"SELECT * FROM {table}")
    for place, (table, text) in enumerate(SEARCHED.items()):
        found = f"SELECT seq * 8 + {place}, {text.format(row=table)} FROM {table}"
        yield from _batches(source, "search (rowid, text)", found)


def _batches(source: sqlite3.Connection, into: str, sql: str) -> Iterator[tuple[str, list[Any]]]:
    rows = source.execute(sql)
    inserting = f"INSERT INTO {into} VALUES ({', '.join('?' * len(rows.description))})"
    while batch := rows.fetchmany(BATCH):
        yield inserting, batch
