"""Metrics in the store: one value per run, name and step."""

import math
from collections.abc import Iterable

from sqlite_utils.db import Database

from workbench.records.run import Metric


class Metrics:
    """The numbers runs told; a run that resumes from a checkpoint tells some steps again, and its last word counts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, metrics: Iterable[Metric], run_id: str) -> None:
        """Insert values, or replace those of the same run, name and step."""
        rows = ((run_id, m.name, m.step, None if math.isnan(m.value) else m.value) for m in metrics)
        self._db.conn.executemany(
            "INSERT INTO metrics VALUES (?, ?, ?, ?) ON CONFLICT (run_id, name, step) DO UPDATE SET value = excluded.value",
            rows,
        )

    def of_run(self, run_id: str, name: str | None = None) -> list[Metric]:
        """Return a run's metrics, by name and step."""
        sql = "SELECT name, step, value FROM metrics WHERE run_id = ? AND (? IS NULL OR name = ?) ORDER BY name, step"
        rows = self._db.execute(sql, [run_id, name, name]).fetchall()
        return [Metric(row[0], row[1], math.nan if row[2] is None else row[2]) for row in rows]
