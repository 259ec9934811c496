"""Models that runs made."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlite_utils.db import Database

from workbench.records.run import OUTPUT, Output
from workbench.store.rows import from_row


@dataclass(frozen=True)
class MadeModel:
    """A model folder and the run that made it; path is relative to the run's folder."""

    run_id: str
    path: str
    kind: str
    weights: str
    step: int


class Models:
    """Outputs of runs; a run that is resumed may write its output again."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, outputs: Iterable[Output], run_id: str) -> None:
        """Insert outputs, or replace what is known of them."""
        self._db.conn.executemany(
            """INSERT INTO models (run_id, path, kind, weights, step) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (run_id, path) DO UPDATE SET kind = excluded.kind, weights = excluded.weights, step = excluded.step""",
            ((run_id, output.path, output.kind, output.weights, output.step) for output in outputs),
        )

    def of_run(self, run_id: str, path: str = OUTPUT) -> MadeModel | None:
        """Return the model a run ended with, or another of its models by path; None where it has not made it."""
        rows = list(self._db.query("SELECT * FROM models WHERE run_id = ? AND path = ?", [run_id, path]))
        return from_row(MadeModel, rows[0]) if rows else None

    def all(self) -> list[MadeModel]:
        """Return all models, newest first."""
        return [from_row(MadeModel, row) for row in self._db.query("SELECT * FROM models ORDER BY seq DESC")]
