"""Which inputs of which run are complete."""

from collections.abc import Iterable

from sqlite_utils.db import Database

from workbench.records.run import Done


class DoneInputs:
    """The inputs runs said were complete."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, done: Iterable[Done], run_id: str) -> None:
        """Insert what is new."""
        rows = ((run_id, one.input) for one in done)
        self._db.conn.executemany("INSERT INTO done_inputs VALUES (?, ?) ON CONFLICT DO NOTHING", rows)

    def count(self, run_id: str) -> int:
        """Return how many inputs of a run are complete."""
        return int(self._db.execute("SELECT count(*) FROM done_inputs WHERE run_id = ?", [run_id]).fetchone()[0])
