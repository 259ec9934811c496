"""Who may write a project: one process at a time, by a lock beside the database that ends with the process."""

import json
import os
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.errors import BusyError
from workbench.sentences import said


class Ownership:
    """The lock on a project folder, held until released or until the process ends."""

    def __init__(self, folder: Path, wait: float = 0.0) -> None:
        self._who = folder / ".project.owner.json"
        self._lock = FileLock(folder / ".project.lock", timeout=wait)
        try:
            self._lock.acquire()
        except Timeout as error:
            raise BusyError(
                "The project {folder} is in use by {owner}; try again when it is done.",
                folder=folder,
                owner=self._owner(),
            ) from error
        self._who.write_text(json.dumps({"pid": os.getpid()}), encoding="utf-8")

    def release(self) -> None:
        """Let others own the project."""
        self._lock.release()

    def _owner(self) -> str:
        try:
            return f"process {int(json.loads(self._who.read_text(encoding='utf-8'))['pid'])}"
        except (OSError, ValueError, KeyError, TypeError):
            return said("another process")
