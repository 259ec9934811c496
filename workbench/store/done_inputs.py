"""Which inputs of which run are complete, and which were left out."""

from collections.abc import Iterable

from sqlite_utils.db import Database

from workbench.records.run import Done


class DoneInputs:
    """The inputs runs said were complete, or left out because they do not fit a model."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, done: Iterable[Done], run_id: str) -> None:
        """Insert what is new."""
        rows = ((run_id, one.input, one.left_out) for one in done)
        sql = "INSERT INTO done_inputs (run_id, input, left_out) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        self._db.conn.executemany(sql, rows)

    def left_out(self, run_id: str) -> dict[str, str]:
        """Return the inputs of a run that were left out, and why."""
        rows = self._db.execute("SELECT input, left_out FROM done_inputs WHERE run_id = ? AND left_out != ''", [run_id])
        return {str(name): str(why) for name, why in rows}

    def why_left_out(self, run_id: str, input_id: str) -> str:
        """Return why an input of a run was left out; empty where it was not."""
        sql = "SELECT left_out FROM done_inputs WHERE run_id = ? AND input = ?"
        found = self._db.execute(sql, [run_id, input_id]).fetchone()
        return str(found[0]) if found else ""

    def count(self, run_id: str) -> int:
        """Return how many inputs of a run are complete."""
        return int(self._db.execute("SELECT count(*) FROM done_inputs WHERE run_id = ?", [run_id]).fetchone()[0])
