"""Copies of the project's database, made by SQLite itself, verified, and thinned by age."""

import os
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.errors import MissingError, WorkbenchError

#: Why a backup was made; those a person asked for are never thinned out.
DAILY, BEFORE_MIGRATION, BEFORE_RESTORE, BY_HAND = "daily", "before-migration", "before-restore", "by-hand"
_FORM = "%Y%m%dT%H%M%S%f"


@dataclass(frozen=True)
class Backup:
    """A copy of the database: its file's name, when it was made, why, and how large it is in bytes."""

    name: str
    made: str
    why: str
    size: int


def back_up(connection: sqlite3.Connection, folder: Path, why: str, now: datetime | None = None) -> Path:
    """Copy the open database to `folder` as <time>-<why>.db; the copy is checked before it gets its name."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{(now or datetime.now(UTC)).strftime(_FORM)}-{why}.db"
    beside = path.with_suffix(".new")
    beside.unlink(missing_ok=True)
    copy = sqlite3.connect(beside)
    try:
        connection.backup(copy)
        # The copy is one plain file: it must not need a journal beside it to be read.
        copy.execute("PRAGMA journal_mode = DELETE")
        found = copy.execute("PRAGMA quick_check").fetchone()[0]
    finally:
        copy.close()
    if found != "ok":
        raise WorkbenchError(f"A backup of the project could not be made: {found}.")
    flush(beside)
    beside.rename(path)
    flush(folder)
    return path


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
        raise MissingError(f"'{name}' is the beginning of {len(found)} backups; name one: {', '.join(found)}.")
    raise MissingError(f"There is no backup '{name}'; there are {', '.join(names) or 'none'}.")


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
