"""Copies of the project's database, made by SQLite itself, verified, and thinned by age."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.errors import MissingError, WorkbenchError

#: Why a backup was made; those a person asked for are never thinned out.
DAILY, BEFORE_MIGRATION, BEFORE_RESTORE, BY_HAND = "daily", "before-migration", "before-restore", "by-hand"
_FORM = "%Y%m%dT%H%M%S%f"
#: A megabyte: what is copied before others get the disk.
_STEP_PAGES = 256
_PAUSE_SECONDS = 0.005
#: So many of SQLite's own steps between two looks at whether to leave off; some milliseconds.
_LOOK_STEPS = 200_000


@dataclass(frozen=True)
class Backup:
    """A copy of the database: its file's name, when it was made, why, and how large it is in bytes."""

    name: str
    made: str
    why: str
    size: int


class _LeftOffError(Exception):
    """The copy was asked to leave off."""


def back_up(
    connection: sqlite3.Connection,
    folder: Path,
    why: str,
    now: datetime | None = None,
    leave: Callable[[], bool] | None = None,
) -> Path:
    """Copy the open database to `folder` as <time>-<why>.db; the copy is checked before it gets its name.

    With leave it is copied in small steps until leave says True. Raises WorkbenchError where there is no room for it.
    """
    path = folder / f"{(now or datetime.now(UTC)).strftime(_FORM)}-{why}.db"
    beside = path.with_suffix(".new")
    try:
        folder.mkdir(exist_ok=True)
        with closing(sqlite3.connect(beside)) as copy:
            found = _copy(connection, copy, leave)
        if found != "ok":
            raise WorkbenchError("A backup of the project could not be made: {found}.", found=found)
        flush(beside)
        beside.rename(path)
    except (sqlite3.Error, OSError) as error:
        raise WorkbenchError(
            "A backup of the project could not be made in {folder}: {error}.", folder=folder, error=error
        ) from error
    finally:
        if beside.exists():
            beside.unlink()
    flush(folder)
    return path


def back_up_daily(database: Path, folder: Path, leave: Callable[[], bool]) -> bool:
    """Make the day's backup while others read and write the database, on any thread; return whether it was not left off."""
    for unfinished in folder.glob(f"*-{DAILY}.new"):  # its process was killed
        unfinished.unlink(missing_ok=True)
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as source:
        # All steps read one state; without a transaction around them each write would let the copy begin anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        try:
            back_up(source, folder, DAILY, leave=leave)
        except (_LeftOffError, WorkbenchError):
            if leave():
                return False
            raise
    thin(folder)
    return True


def _copy(connection: sqlite3.Connection, copy: sqlite3.Connection, leave: Callable[[], bool] | None) -> str:
    """Copy the database and return what SQLite finds in the copy: "ok", or what is wrong."""

    def step(_: int, __: int, ___: int) -> None:
        if leave is not None and leave():
            raise _LeftOffError
        time.sleep(_PAUSE_SECONDS)

    if leave is None:
        connection.backup(copy)
    else:
        connection.backup(copy, pages=_STEP_PAGES, progress=step)
        copy.set_progress_handler(leave, _LOOK_STEPS)
    # The copy is one plain file: it must not need a journal beside it to be read.
    copy.execute("PRAGMA journal_mode = DELETE")
    return str(copy.execute("PRAGMA quick_check").fetchone()[0])


def backups(folder: Path) -> list[Backup]:
    """Return the backups there are, newest first."""
    return [
        Backup(path.name, made.isoformat(timespec="seconds"), path.stem.partition("-")[2], path.stat().st_size)
        for made, path in sorted(_all(folder), reverse=True)
    ]


def find(folder: Path, name: str) -> Path:
    """Return the file of a backup, named wholly or by the beginning of its name, or "newest"; raises MissingError."""
    names = [backup.name for backup in backups(folder)]
    found = names[:1] if name == "newest" else [one for one in names if name and one.startswith(name)]
    if len(found) == 1:
        return folder / found[0]
    if found:
        raise MissingError(
            "'{name}' is the beginning of {found_count} backups; name one: {found}.",
            name=name,
            found_count=len(found),
            found=", ".join(found),
        )
    raise MissingError("There is no backup '{name}'; there are {names}.", name=name, names=", ".join(names) or "none")


def flush(path: Path) -> None:
    """Flush a file, or the names in a folder, to disk."""
    if os.name == "nt" and path.is_dir():  # Windows keeps names by itself and cannot open a folder
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def newest(folder: Path) -> datetime | None:
    """Return when the newest backup was made."""
    return max((made for made, _ in _all(folder)), default=None)


def thin(folder: Path, now: datetime | None = None) -> list[Path]:
    """Keep all backups of two days, then one a day for a week, one a week for two months, one a month; return what went."""
    now = now or datetime.now(UTC)
    kept: set[str] = set()
    gone = []
    for made, path in sorted(_all(folder), reverse=True):
        if path.stem.endswith(f"-{BY_HAND}"):
            continue
        shelf = _shelf(made, now)
        if shelf in kept:
            path.unlink()
            gone.append(path)
        kept.add(shelf)
    return gone


def _shelf(made: datetime, now: datetime) -> str:
    age = now - made
    if age < timedelta(days=2):
        return made.strftime(_FORM)
    if age < timedelta(days=9):
        return made.strftime("day %Y%m%d")
    return made.strftime("week %G%V" if age < timedelta(days=65) else "month %Y%m")


def _all(folder: Path) -> list[tuple[datetime, Path]]:
    found = []
    for path in folder.glob("*.db"):
        try:
            made = datetime.strptime(path.name.partition("-")[0], _FORM).replace(tzinfo=UTC)
        except ValueError:  # somebody else's file
            continue
        found.append((made, path))
    return found
