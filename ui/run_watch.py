"""Looking after runs on the store's thread: what they have appended comes into the project, and how they stand is told."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project import Project
from workbench.project.inbox import take_orders
from workbench.project.overview import Overview, overview_of
from workbench.project.run_states import run_now
from workbench.records.run import Run
from workbench.runs.folder import RunFolder
from workbench.runs.follower import Follower, told_so_far
from workbench.runs.queue import submit
from workbench.runs.states import ACTIVE
from workbench.sentences import said

#: Events further back than this tell nothing about the pace now.
_MOST_BYTES = 1_000_000
#: Rows that come in are counted this often: over a hundred thousand that takes a while.
_COUNT_SECONDS = 1.0


@dataclass(frozen=True)
class RunNow:
    """A run with its pace: units of work a second and seconds left, None while they cannot be told."""

    run: Run
    rate: float | None = None
    eta: float | None = None

    @property
    def active(self) -> bool:
        """Whether a process is at work on it."""
        return self.run.state in ACTIVE


@dataclass(frozen=True)
class Look:
    """What one look found: all runs, ids that are new by kind of record, counts where they changed, and troubles."""

    runs: tuple[RunNow, ...]
    new: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    overview: Overview | None = None
    troubles: tuple[str, ...] = ()
    #: How long it took.
    seconds: float = 0.0

    @property
    def lively(self) -> bool:
        """Whether more is likely to come soon."""
        return any(one.active or one.run.state == "queued" for one in self.runs)


class RunWatch:
    """Follows the runs of one project; lives on the store's thread and touches nothing of Qt."""

    def __init__(self) -> None:
        self._followers: dict[str, Follower] = {}
        self._seen: dict[str, object] = {}
        self._counted: object = None
        self._more, self._count_at = False, 0.0

    def look(self, project: Project) -> Look:
        """Collect what is new and return how the runs stand."""
        began = time.perf_counter()
        take_orders(project, submit)
        new: dict[str, tuple[str, ...]] = {}
        troubles: list[str] = []
        pace: dict[str, tuple[float | None, float | None]] = {}
        for run in project.store.runs.unfinished():
            try:
                pace[run.id] = self._follow(project, run, new)
            except WorkbenchError as error:
                troubles += self._trouble(run, error.sentence)
        stored = project.store.runs.newest_first()
        runs = tuple(RunNow(self._standing(project, run, new), *pace.get(run.id, (None, None))) for run in stored)
        standing = tuple((one.run.id, one.run.state) for one in runs)
        overview = self._overview(project, standing, bool(new))
        return Look(runs, new, overview, tuple(troubles), time.perf_counter() - began)

    def _follow(self, project: Project, run: Run, new: dict[str, tuple[str, ...]]) -> tuple[float | None, float | None]:
        update = self._follower(run).poll(events=False)
        seen = (update.status, update.results_size)
        if self._seen.get(run.id) != seen:  # collecting flushes to disk, so only where there is something to collect
            self._collect(project, run.id, new)
            self._seen[run.id] = seen
        return update.rate, update.eta

    def _collect(self, project: Project, run_id: str, new: dict[str, tuple[str, ...]]) -> None:
        for kind, ids in project.collect(run_id).new.items():
            new[kind] = new.get(kind, ()) + tuple(ids)

    def _standing(self, project: Project, run: Run, new: dict[str, tuple[str, ...]]) -> Run:
        """Return how a run stands; one that ended since it was collected is collected first: what is over is all there."""
        now = run if run.state.over else run_now(run)
        if now.state.over and not run.state.over:
            with suppress(WorkbenchError):  # told as a trouble by the next look
                self._collect(project, run.id, new)
                return project.run(run.id)
        return now

    def _follower(self, run: Run) -> Follower:
        if run.id not in self._followers:
            folder = RunFolder.open(Path(run.folder))
            events = folder.events_file
            short = not events.exists() or events.stat().st_size < _MOST_BYTES
            self._followers[run.id] = Follower(folder, 0 if short else told_so_far(folder))
        return self._followers[run.id]

    def _trouble(self, run: Run, sentence: str) -> list[str]:
        if self._seen.get(run.id) == sentence:
            return []
        self._seen[run.id] = sentence
        return [said("Run {run}: {sentence}", run=run.id, sentence=sentence)]

    def _overview(self, project: Project, standing: object, more: bool) -> Overview | None:
        """Count what the project holds: at once where a run's state is another, where rows come in once in a while."""
        self._more = self._more or more
        if standing == self._counted and not (self._more and time.monotonic() >= self._count_at):
            return None
        self._counted, self._more, self._count_at = standing, False, time.monotonic() + _COUNT_SECONDS
        return overview_of(project)
