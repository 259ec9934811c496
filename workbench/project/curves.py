"""The numbers of a run as curves: as many points as a chart can show, however long the run is."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadInputError
from workbench.project.project import Project
from workbench.records.run import Metric
from workbench.runs.folder import RunFolder
from workbench.runs.pace import elapsed
from workbench.store.metrics import Bucket

#: Points a curve has at most; beyond, steps are put together in twos, fours, eights, …
MOST_POINTS = 1000


@dataclass(frozen=True)
class Reached:
    """Up to where a reader knows a run's curves: steps to a point, and by name the step its last point begins at."""

    width: int = 1
    begins: Mapping[str, int] | None = None


@dataclass(frozen=True)
class CurveUpdate:
    """What is new of a run's curves: points by name, the first of which replaces the reader's last; or all of them anew."""

    run_id: str
    anew: bool
    reached: Reached
    points: Mapping[str, tuple[Bucket, ...]]
    #: (step, seconds of work until then), in order; pauses do not count.
    seconds: tuple[tuple[int, float], ...] = ()


def curves_since(project: Project, run_id: str, reached: Reached | None = None, timed: bool = False) -> CurveUpdate:
    """Return what has come since a reader looked last; everything, in wider points, where it would be too much.

    timed reads the run's events too, for when each step was reached.
    """
    metrics = project.store.metrics
    last = {name: metrics.last_step(run_id, name) for name in metrics.names(run_id)}
    width = reached.width if reached else 1
    while max(last.values(), default=0) >= width * MOST_POINTS:
        width *= 2
    anew = reached is None or width != reached.width
    begins = {} if anew or reached is None else reached.begins or {}
    points = {name: tuple(metrics.buckets(run_id, name, begins.get(name, 0), width)) for name in last}
    now = Reached(width, {name: step - step % width for name, step in last.items()})
    # The numbers stay where a run's folder is gone; only the time they took is no longer known.
    folder = RunFolder(Path(project.run(run_id).folder))
    return CurveUpdate(run_id, anew, now, points, tuple(elapsed(folder)) if timed else ())


def all_numbers(project: Project, run_id: str, names: tuple[str, ...] = ()) -> Iterator[Metric]:
    """Yield every number of a run, as it was told, of some names or of all."""
    known = project.store.metrics.names(project.run(run_id).id)
    for name in names or known:
        yield from project.store.metrics.of_run(run_id, name)


def write_csv(project: Project, file: Path, runs: Sequence[str], names: tuple[str, ...] = ()) -> int:
    """Write every value of some numbers of some runs as CSV: run, name, step, value; return how many there were."""
    count = 0
    try:
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(("run", "name", "step", "value"))
            for run_id in runs:
                for one in all_numbers(project, run_id, names):
                    writer.writerow((run_id, one.name, one.step, one.value))
                    count += 1
    except OSError as error:
        raise BadInputError("{file} cannot be written: {error}.", file=file, error=error.strerror or error) from error
    return count
