"""What the machine refuses, as sentences: a full disk, a database that another program has, a folder that is gone."""

import errno
import sqlite3
from pathlib import Path

from workbench.errors import BusyError, DiskFullError, GoneError, WorkbenchError

_FULL = (errno.ENOSPC, errno.EDQUOT)


def trouble_of(error: BaseException, folder: Path | None) -> WorkbenchError | None:
    """Return an error of the system or the database as one that a person can act on; None where it is a bug."""
    if not isinstance(error, OSError | sqlite3.Error):
        return None
    said = str(error).lower()
    if folder is not None and not folder.is_dir():
        return GoneError(
            f"The project's folder {folder} is not there any more: it was moved, renamed or removed, or its drive is not "
            "connected. Open it where it is now."
        )
    if (isinstance(error, OSError) and error.errno in _FULL) or "disk is full" in said:
        return DiskFullError("The disk is full, and nothing half done was kept. Make room, then do it again.")
    if isinstance(error, sqlite3.OperationalError) and ("locked" in said or "busy" in said):
        return BusyError(f"Another program has the database of {folder} now; do it again when that is done.")
    return None
