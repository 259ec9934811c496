"""What the machine refuses, as sentences: a full disk, a database that another program has, a folder that is gone."""

import errno
import sqlite3
from pathlib import Path

from workbench.errors import BadInputError, BusyError, DiskFullError, GoneError, WorkbenchError
from workbench.records.commands import quoted

_FULL = (errno.ENOSPC, errno.EDQUOT)


def trouble_of(error: BaseException, folder: Path | None) -> WorkbenchError | None:
    """Return an error of the system or the database as one that a person can act on; None where it is a bug."""
    if not isinstance(error, OSError | sqlite3.Error):
        return None
    told = str(error).lower()
    if folder is not None and not folder.is_dir():
        return GoneError(
            "The project's folder {folder} is not there any more: it was moved, renamed or removed, or its drive "
            "is not connected. Open it where it is now.",
            folder=folder,
        )
    if (isinstance(error, OSError) and error.errno in _FULL) or "disk is full" in told:
        return DiskFullError("The disk is full, and nothing half done was kept. Make room, then do it again.")
    if isinstance(error, sqlite3.OperationalError) and ("locked" in told or "busy" in told):
        return BusyError(
            "Another program has the database of {folder} now; do it again when that is done.",
            folder=folder,
        )
    return None


def no_project(folder: Path) -> GoneError:
    """Return what is to be said of a folder that holds no project."""
    return GoneError(
        "{folder} is not a project; make one with: workbench new {quoted}", folder=folder, quoted=quoted(folder)
    )


def not_there(error: sqlite3.IntegrityError, folder: Path) -> BadInputError:
    """Return what is to be said where a row names what there is not."""
    return BadInputError("Something it names is not in the project {folder} ({error}).", folder=folder, error=error)


def too_old(folder: Path) -> BadInputError:
    """Return what is to be said of a project that only reading cannot bring up to date."""
    return BadInputError(
        "The project {folder} was written by an older version; update it with: workbench check {quoted}",
        folder=folder,
        quoted=quoted(folder),
    )
