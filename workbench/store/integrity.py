"""Checking a database: pages, references, and the chain of decisions."""

import sqlite3

from sqlite_utils.db import Database

from workbench.records.telling import Tell, untold
from workbench.sentences import said
from workbench.store.decisions import Decisions


def sqlite_version() -> str:
    """Return the version of the SQLite library that Python brings."""
    return sqlite3.sqlite_version


def database_problems(db: Database, decisions: Decisions, tell: Tell = untold) -> list[str]:
    """Return what is wrong with a database, a sentence each; flipped bits in a decision show in its hash, not in the pages."""
    tell("the pages of the database")
    pages = [str(row[0]) for row in db.conn.execute("PRAGMA integrity_check").fetchall()]
    found = [said("The database is damaged: {text}", text=text) for text in pages if text != "ok"]
    tell("what its rows name")
    for table, _, parent, _ in db.conn.execute("PRAGMA foreign_key_check").fetchall():
        found.append(said("A row of {table} names something that is not in {parent}.", table=table, parent=parent))
    return [*found, *decisions.verify(tell)]
