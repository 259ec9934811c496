"""Metrics in the store: one value per run, name and step."""

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlite_utils.db import Database

from workbench.records.run import Metric

_NAMES = """WITH RECURSIVE found (name) AS (
    SELECT min(name) FROM metrics WHERE run_id = :run
    UNION ALL SELECT (SELECT min(name) FROM metrics WHERE run_id = :run AND name > found.name)
        FROM found WHERE found.name IS NOT NULL)
SELECT name FROM found WHERE name IS NOT NULL"""

_BUCKETS = """SELECT max(step), min(value), max(value), avg(value) FROM metrics
WHERE run_id = ? AND name = ? AND step >= ? AND value IS NOT NULL GROUP BY step / ? ORDER BY step"""


class Bucket(NamedTuple):
    """The numbers of some steps that follow each other: the last of those steps, and how the values lie."""

    step: int
    low: float
    high: float
    mean: float


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

    def names(self, run_id: str) -> list[str]:
        """Return the names a run has numbers under; a look into the index for each, however many numbers there are."""
        return [row[0] for row in self._db.execute(_NAMES, {"run": run_id})]

    def last_step(self, run_id: str, name: str) -> int:
        """Return the last step of a run's numbers of a name, or -1."""
        found = self._db.execute(
            "SELECT max(step) FROM metrics WHERE run_id = ? AND name = ?", [run_id, name]
        ).fetchone()
        return -1 if found[0] is None else int(found[0])

    def last_values(self, run_id: str, names: Iterable[str]) -> tuple[tuple[str, float], ...]:
        """Return the names a run has numbers under, of those given, each with its last value."""
        sql = "SELECT value FROM metrics WHERE run_id = ? AND name = ? AND value IS NOT NULL ORDER BY step DESC LIMIT 1"
        found = ((name, self._db.execute(sql, [run_id, name]).fetchone()) for name in names)
        return tuple((name, float(row[0])) for name, row in found if row)

    def ends(self, run_id: str, name: str, count: int) -> list[float]:
        """Return the first and the last values of a run's numbers of a name, so many of each, each value once."""
        sql = "SELECT step, value FROM metrics WHERE run_id = ? AND name = ? AND value IS NOT NULL ORDER BY step {} LIMIT ?"
        found = {
            row[0]: row[1]
            for way in ("ASC", "DESC")
            for row in self._db.execute(sql.format(way), [run_id, name, count])
        }
        return [found[step] for step in sorted(found)]

    def buckets(self, run_id: str, name: str, since: int = 0, width: int = 1) -> Iterator[Bucket]:
        """Yield a run's numbers of a name from a step on, so many steps together; what is no number is left out."""
        return map(Bucket._make, self._db.execute(_BUCKETS, [run_id, name, since, width]))
