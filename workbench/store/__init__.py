"""The memory: SQLite through sqlite-utils, one writer, and the only place where SQL lives."""

import sys


def _import_sqlite_utils_alone() -> None:
    """Import sqlite_utils without pandas, which it takes along wherever it is installed and which doubles the time to start."""
    if "pandas" in sys.modules or "sqlite_utils" in sys.modules:
        return
    # None is how Python is told that a module cannot be imported.
    sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        import sqlite_utils.db  # noqa: F401, PLC0415
    finally:
        del sys.modules["pandas"]


_import_sqlite_utils_alone()
