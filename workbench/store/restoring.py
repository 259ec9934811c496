"""Putting a backup back in place of a project's database; what is replaced is kept among the backups."""

import os
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from workbench.errors import BadInputError, WorkbenchError
from workbench.sentences import said
from workbench.store.backups import BEFORE_RESTORE, back_up, flush
from workbench.store.migrations import APPLICATION_ID

_HEADER = b"SQLite format 3\0"


def restore(backup: Path, database: Path) -> Path:
    """Replace a database by a backup of it, in one step; return where what was there before is kept.

    The caller owns the project, and no connection of this process has the database open. Raises BadInputError where
    the backup is damaged.
    """
    _check(backup)
    # Where this is no database at all, SQLite would throw its log away on opening it.
    if database.exists() and _header(database) != _HEADER:
        return _restore_over(backup, database)
    try:
        return _restore_within(backup, database)
    except sqlite3.OperationalError as error:  # in use by another program, no room, no right to write
        raise WorkbenchError(
            "The database {database} cannot be replaced now: {error}.", database=database, error=error
        ) from error
    except (sqlite3.DatabaseError, WorkbenchError):  # what is there is too damaged even to be copied by SQLite
        return _restore_over(backup, database)


def _header(database: Path) -> bytes:
    with database.open("rb") as file:
        return file.read(len(_HEADER))


def _check(backup: Path) -> None:
    try:
        copy = sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)
        try:
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
            mark = copy.execute("PRAGMA application_id").fetchone()[0]
        finally:
            copy.close()
    except sqlite3.Error as error:
        raise BadInputError(
            "The backup {backup} cannot be read: {error}; restore another one.", backup=backup, error=error
        ) from error
    if found != "ok" or mark != APPLICATION_ID:
        why = found if found != "ok" else said("it is not of a project of the workbench")
        raise BadInputError("The backup {backup} is damaged: {why}; restore another one.", backup=backup, why=why)


def _restore_within(backup: Path, database: Path) -> Path:
    """Let SQLite write the backup into the database as one transaction: readers and a crash see one or the other."""
    into = sqlite3.connect(database, timeout=5.0)
    source = sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True)
    try:
        into.execute("PRAGMA synchronous = FULL")
        kept = back_up(into, backup.parent, BEFORE_RESTORE)
        source.backup(into)
    finally:
        source.close()
        into.close()
    return kept


def _restore_over(backup: Path, database: Path) -> Path:
    """Put a copy of the backup in the damaged file's place, and the damaged one, with its log, aside."""
    kept = backup.parent / f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    kept.mkdir()
    beside = database.with_name(f".{database.name}.new")
    shutil.copyfile(backup, beside)
    flush(beside)
    if database.exists():
        shutil.copyfile(database, kept / database.name)
    # A log of the damaged file must not be applied to the copy.
    for log in (f"{database.name}-wal", f"{database.name}-shm"):
        if (database.parent / log).exists():
            os.replace(database.parent / log, kept / log)
    os.replace(beside, database)
    flush(database.parent)
    return kept
