"""Which version of the schema a file has: whether the workbench knows it, and what brings it up to date."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from sqlite_utils.db import Database

from workbench.errors import BadInputError, TooNewError
from workbench.store.migrations import APPLICATION_ID, migrations
from workbench.store.trouble import too_old, trouble_of


def check_version(db: Database, file: Path) -> None:
    """Raise BadInputError where a file is no project, TooNewError where a newer version of the workbench wrote it."""
    mark = db.conn.execute("PRAGMA application_id").fetchone()[0]
    tables = db.conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if mark != APPLICATION_ID and tables:
        raise BadInputError("{folder} is not a project of the workbench.", folder=file)
    known = {migration.name for migration in migrations.pending(Database(memory=True))}
    newer = [migration.name for migration in migrations.applied(db) if migration.name not in known]
    if newer:
        raise TooNewError(
            "The project {folder} was written by a newer version of the workbench (it knows '{newer}'); update "
            "the workbench to open it.",
            folder=file.parent,
            newer=newer[-1],
        )


def must_be_up_to_date(db: Database, folder: Path) -> None:
    """Raise BadInputError where the schema is older than what is asked of it."""
    if migrations.pending(db):
        raise too_old(folder)


def bring_up_to_date(db: Database, folder: Path, back_up: Callable[[], object]) -> None:
    """Make the schema what it is to be, after a backup where there is something to lose.

    All of it, and the mark that tells a project from any other file, is one transaction: a process that is killed meanwhile
    leaves what was there, and the disk is waited for once instead of at every step.
    """
    if not migrations.pending(db):
        return
    if migrations.applied(db):
        back_up()
    try:
        db.conn.execute("BEGIN IMMEDIATE")
        migrations.apply(db)
        db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.conn.execute(f"PRAGMA user_version = {len(migrations.applied(db))}")
        db.conn.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if known := trouble_of(error, folder):
            raise known from error
        raise
    finally:
        if db.conn.in_transaction:
            db.conn.execute("ROLLBACK")
