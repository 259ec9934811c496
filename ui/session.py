"""The open project as Qt signals: the one bridge between the window and the project.

The project lives on a thread of its own, so that a flush to disk never stalls a frame. Requests go there and answers come
back on a timer of the window's thread; no other thread ever touches a Qt object.
"""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from shiboken6 import isValid

from ui.live_watch import LiveWatch
from ui.static_words import in_language
from workbench.errors import WorkbenchError

if TYPE_CHECKING:  # sqlite and all that comes with it is loaded on the store's thread, after the first paint
    from ui.run_watch import Look, RunNow, RunWatch
    from workbench.project import Project
    from workbench.project.overview import Overview
    from workbench.runs.watching import Live

T = TypeVar("T")

TICK_MS = 50
_LIVELY_SECONDS = 0.25
_IDLE_SECONDS = 1.0
#: After a look comes a rest this many times as long: what comes in fast is taken in larger parts, with less to show anew.
_REST = 20


@dataclass(frozen=True)
class Failure:
    """Something that could not be done: what was being done, and a sentence on why and what helps."""

    doing: str
    sentence: str
    #: What stood in the way, where it is of a kind one can do something about.
    cause: WorkbenchError | None = field(default=None, compare=False)
    #: Asks for the same once more, where that is safe: what failed left nothing behind.
    again: Callable[[], None] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class _Pending:
    future: "Future[Any]"
    work: Callable[[], Any]
    doing: str
    then: Callable[[Any], None] | None
    failed: Callable[[Failure], None] | None
    owner: QObject | None = None

    @property
    def gone(self) -> bool:
        """Whether whoever asked is there no more."""
        return self.owner is not None and not isValid(self.owner)


class Session(QObject):
    """Owns the project while it is open; every signal is emitted on the window's thread and carries ids."""

    #: The project's folder.
    opened = Signal(str)
    #: The project is about to be closed.
    closing = Signal()
    closed = Signal()
    #: A Failure.
    failed = Signal(object)
    overview_changed = Signal()
    #: The ids of the runs whose state or progress is another than before.
    runs_changed = Signal(object)
    #: Kind of record ("Step", "Label", …) and the ids that are new.
    rows_added = Signal(str, object)
    #: The text of the chain being watched as it grows: a workbench.runs.watching.Live.
    live = Signal(object)
    #: The hash of the version that was committed.
    committed = Signal(str)
    #: Weights are missing, and somebody wants to train them: the stage, and the run that made them once (or nothing).
    wants_training = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.overview: Overview | None = None
        self.runs: tuple[RunNow, ...] = ()
        self._threads: ThreadPoolExecutor | None = None
        self._project: Project | None = None
        self._watch: RunWatch | None = None
        self._pending: deque[_Pending] = deque()
        self._looking = False
        self._next_look = 0.0
        self._live: LiveWatch | None = None
        self._watched, self._reading_live = "", False
        #: Does work when there is room for it; the window puts it behind its frames.
        self.room: Callable[[Callable[[], None]], None] = lambda work: work()
        self._ticking = False
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick_soon)

    @property
    def waiting(self) -> bool:
        """Whether something that was asked is not answered yet."""
        return bool(self._pending)

    def open(self, folder: Path, make: "Callable[[], Project] | None" = None) -> None:
        """Open a project, or make one and open it; opened or failed tells how it went."""
        self.close()
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._timer.start()
        what = self.tr("Opening {folder}").format(folder=folder)
        self._submit(what, (lambda: watched(make())) if make else (lambda: _open(folder)), self._have_opened, None)

    def close(self) -> None:
        """Close the project; what was asked before is done first, and told where it failed."""
        if self._threads is None:
            return
        self.closing.emit()
        self._timer.stop()
        if self._project is not None:
            self.watch("", "")
            self._threads.submit(self._project.close)
        elif self._pending:  # it is being opened
            self._threads.submit(_let_go, self._pending[0].future)
        self._threads.shutdown(wait=True)
        had_one = self._project is not None
        self._threads = self._project = self._watch = self._live = None
        asked = [*self._pending] if had_one else []
        self._pending.clear()
        try:
            self._tell_failures(asked)
        finally:
            self.folder, self.overview, self.runs = None, None, ()
            self._looking = self._ticking = False
            if had_one:
                self.closed.emit()

    def ask(
        self,
        doing: str,
        request: "Callable[[Project], T]",
        then: Callable[[T], None] | None = None,
        failed: Callable[[Failure], None] | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Have something done with the project on its thread; then is called with the answer on the window's.

        Where owner has gone meanwhile, as a sheet that was closed, nobody is told.

        Requests are done in the order they are asked. A WorkbenchError goes to failed, or is told by the signal of that name;
        so does what the system refuses, as a full disk; anything else is a bug and is raised in the window's thread.
        """
        project = self._project
        if project is not None:
            self._submit(doing, lambda: request(project), then, failed, owner)

    def watch(self, run_id: str, walk: str) -> None:
        """Let the signal live tell one walk's text as it grows; an empty run ends that, and costs the worker nothing."""
        if self._live is None:
            self._live = LiveWatch()
        live, self._watched, self._reading_live = self._live, run_id, False
        self.ask(self.tr("Watching a chain"), lambda project: live.point_at(project, run_id, walk))

    def is_going(self, stage: str) -> bool:
        """Say whether a run of a stage is at work or waits its turn."""
        return any(one.run.stage == stage and (one.active or one.run.state == "queued") for one in self.runs)

    def look_soon(self) -> None:
        """Look at the runs at the next tick."""
        self._next_look = 0.0

    def refresh_overview(self) -> None:
        """Count anew what the project holds."""
        self.ask(self.tr("Counting"), _overview, self._have_counted)

    def settle(self, seconds: float = 10.0) -> bool:
        """Wait until everything asked so far is answered; say whether that came about in time."""
        until = time.monotonic() + seconds
        while self._pending and time.monotonic() < until:
            wait([self._pending[0].future], max(0.01, until - time.monotonic()))
            self._answer()
        return not self._pending

    def _submit(
        self,
        doing: str,
        work: Callable[[], Any],
        then: Callable[[Any], None] | None,
        failed: Callable[[Failure], None] | None,
        owner: QObject | None = None,
    ) -> None:
        assert self._threads is not None
        self._pending.append(_Pending(self._threads.submit(work), work, doing, then, failed, owner))

    @Slot()
    def _tick_soon(self) -> None:
        if not self._ticking:
            self._ticking = True
            self.room(self._tick)

    def _tick(self) -> None:
        self._ticking = False
        self._answer()
        if self._watched and self._live is not None and not self._reading_live:
            live, self._reading_live = self._live, True
            self.ask(self.tr("Watching a chain"), lambda _: live.look(), self._have_live)
        if self._project is not None and not self._looking and time.monotonic() >= self._next_look:
            assert self._watch is not None
            self._looking = True
            self.ask(self.tr("Looking after the runs"), self._watch.look, self._have_looked, self._could_not_look)

    def _answer(self) -> None:
        while self._pending and self._pending[0].future.done():
            pending = self._pending.popleft()
            error = pending.future.exception()
            if error is not None:
                self._answer_error(pending, error)
                continue
            value = pending.future.result()
            if pending.then is not None and not pending.gone:
                pending.then(value)

    def _answer_error(self, pending: _Pending, error: BaseException) -> None:
        known = self._known(error)
        if known is None:
            raise error
        if not pending.gone:
            again = partial(self._again, self._threads, pending)
            (pending.failed or self.failed.emit)(Failure(pending.doing, in_language(known.sentence), known, again))

    def _tell_failures(self, asked: list[_Pending]) -> None:
        """Tell which of the last requests of a project failed; of what went well whoever asked is told no more."""
        bugs: list[BaseException] = []
        for pending in asked:
            error = pending.future.exception()
            known = self._known(error) if error is not None else None
            if known is not None and not pending.gone:
                (pending.failed or self.failed.emit)(Failure(pending.doing, in_language(known.sentence), known))
            elif error is not None and known is None:
                bugs.append(error)
        if bugs:
            raise bugs[0]

    def _known(self, error: BaseException) -> WorkbenchError | None:
        """Return what a person can act on; None where the error is a bug."""
        from workbench.store.trouble import trouble_of  # noqa: PLC0415 - with sqlite, which is loaded by now

        return error if isinstance(error, WorkbenchError) else trouble_of(error, self.folder)

    def _again(self, threads: ThreadPoolExecutor | None, pending: _Pending) -> None:
        """Have done once more what failed, unless that project was closed meanwhile or whoever asked has gone."""
        if threads is not None and threads is self._threads and not pending.gone:
            self._submit(pending.doing, pending.work, pending.then, pending.failed, pending.owner)

    def _have_live(self, live: "Live | None") -> None:
        self._reading_live = False
        if live is not None and self._watched:
            self.live.emit(live)

    def _have_opened(self, opened: "tuple[Project, RunWatch, Look]") -> None:
        self._project, self._watch, look = opened
        self.folder = self._project.folder
        self._have_looked(look)
        self.opened.emit(str(self.folder))

    def _have_looked(self, look: "Look") -> None:
        self._looking = False
        rest = max(_LIVELY_SECONDS, _REST * look.seconds) if look.lively else _IDLE_SECONDS
        self._next_look = time.monotonic() + min(rest, _IDLE_SECONDS)
        before = {one.run.id: one for one in self.runs}
        self.runs = look.runs
        changed = tuple(one.run.id for one in look.runs if before.get(one.run.id) != one)
        for kind, ids in look.new.items():
            self.rows_added.emit(kind, ids)
        if look.overview is not None:
            self._have_counted(look.overview)
        if changed:
            self.runs_changed.emit(changed)
        for sentence in look.troubles:
            self.failed.emit(Failure(self.tr("Looking after the runs"), in_language(sentence)))

    def _could_not_look(self, failure: Failure) -> None:
        self._looking = False
        self._next_look = time.monotonic() + 5 * _IDLE_SECONDS
        self.failed.emit(failure)

    def _have_counted(self, overview: "Overview") -> None:
        self.overview = overview
        self.overview_changed.emit()


def _open(folder: Path) -> "tuple[Project, RunWatch, Look]":
    from workbench.project import Project  # noqa: PLC0415

    return watched(Project.open(folder, wait=1.0, backed_up=False))


def watched(project: "Project") -> "tuple[Project, RunWatch, Look]":
    """Return an open project with its watch and a first look at its runs."""
    from ui.run_watch import RunWatch  # noqa: PLC0415

    watch = RunWatch()
    try:
        return project, watch, watch.look(project)
    except BaseException:
        project.close()
        raise


def _let_go(opening: "Future[tuple[Project, RunWatch, Look]]") -> None:
    """Close a project that nobody waits for any more."""
    if opening.exception() is None:
        opening.result()[0].close()


def _overview(project: "Project") -> "Overview":
    from workbench.project.overview import overview_of  # noqa: PLC0415

    return overview_of(project)
