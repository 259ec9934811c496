"""The memory: SQLite through sqlite-utils, one writer, and the only place where SQL lives."""

import sys
import threading
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

#: sqlite_utils takes these along wherever they are installed, and then takes twice as long to start.
_UNWANTED = ("pandas", "numpy")


class _NotHere(MetaPathFinder):
    """Tells one thread that some modules cannot be imported; the window's may be importing them at the same time."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:
        """Refuse the unwanted ones, leave the others to those who come after."""
        if name in _UNWANTED and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"sqlite_utils does without {name} here", name=name)


def _import_sqlite_utils_alone() -> None:
    """Import sqlite_utils without what it can do without."""
    if "sqlite_utils" in sys.modules:
        return
    refusing = _NotHere()
    sys.meta_path.insert(0, refusing)
    try:
        import sqlite_utils.db  # noqa: F401, PLC0415
    finally:
        sys.meta_path.remove(refusing)


_import_sqlite_utils_alone()
