"""Starting a run in the background and following it from a terminal."""

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from workbench.cli.printing import say, say_aside
from workbench.errors import BusyError
from workbench.project import Project
from workbench.records.commands import quoted
from workbench.records.run import WAITS, Run, RunState
from workbench.runs.control import ask
from workbench.runs.device import device_of
from workbench.runs.events import Message, SampleShown
from workbench.runs.folder import RunFolder
from workbench.runs.follower import Update, follow, told_so_far
from workbench.runs.queue import Queue


def start(folder: RunFolder) -> None:
    """Put a run into its device's queue and see to it that the queue is walked."""
    queue = Queue(device_of(folder.plan))
    queue.put(folder)
    queue.start_runner()


def start_again(folder: RunFolder) -> int:
    """Start a run that may have been started before; return the offset in its events from which on they are new."""
    offset = told_so_far(folder)
    start(folder)
    return offset


def follow_run(
    project_folder: Path, folder: RunFolder, quiet: bool = False, say_end: bool = True, offset: int = 0
) -> Run:
    """Follow a run until it stands still, collect what it made, and say how it ended; Ctrl-C asks it to pause.

    quiet shows no progress and no samples, and says nothing at the end. What was told before the offset is not told again.
    """
    line = _Line(quiet)
    with _interrupts(lambda: _ask_to_pause(folder, line)):
        for update in follow(folder, offset=offset):
            for event in update.events:
                if isinstance(event, Message):
                    line.say(event.text)
                elif isinstance(event, SampleShown) and not quiet:
                    line.say(f"{event.title}: {event.text}")
            line.show(folder, update)
    line.end()
    ended = _collected(project_folder, folder)
    if say_end and not quiet:
        say(_closing(project_folder, ended))
    return ended


def _collected(project_folder: Path, folder: RunFolder, wait: float = 30.0) -> Run:
    """Collect a run, or wait until whoever has the project open has; return how it stands then."""
    until = time.monotonic() + wait
    while True:
        try:
            with Project.open(project_folder, wait=1.0) as project:
                project.collect(folder)
                return project.run(folder.id)
        except BusyError:
            with Project.read(project_folder) as project:
                if project.has_collected(folder):
                    return project.run(folder.id)
            if time.monotonic() > until:
                raise


def collect_all(project_folder: Path, rundir: Path | None = None) -> list[Run]:
    """Collect one run folder, or every run's; return the runs of which the project has learned something by that."""
    with Project.read(project_folder) as project:
        before = {run.id: _learned(project, run) for run in project.store.runs.newest_first()}
    with Project.open(project_folder) as project:  # which collects what is unfinished
        folders = [RunFolder.open(rundir)] if rundir else [RunFolder(Path(run.folder)) for run in project.runs()]
        for folder in folders:
            project.collect(folder)
        known = project.store.runs.newest_first()
        return [run for run in known if _learned(project, run) != before.get(run.id)]


def _learned(project: Project, run: Run) -> tuple[object, ...]:
    return run.state, run.done, project.store.runs.collected(run.id)


def _closing(project_folder: Path, run: Run) -> str:
    said = f"{run.stage} {run.id}: {run.state}, {run.done} of {run.total} in {run.seconds:.0f} s"
    if run.reason:
        said += f" ({run.reason.rstrip('.')})"
    if run.state.resumable:
        said += f". Go on with: workbench resume {quoted(project_folder)} {quoted(run.id)}"
    return said + "."


def _ask_to_pause(folder: RunFolder, line: "_Line") -> None:
    line.say("Asked the run to pause; once more ends it at once.")
    ask(folder, "pause")


@contextlib.contextmanager
def _interrupts(act: Callable[[], None]) -> Iterator[None]:
    """Turn Ctrl-C into an action for a while."""

    def note(number: int, frame: FrameType | None) -> None:
        act()

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class _Line:
    """One line of progress that is written over on a terminal, and now and then written out elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.live = sys.stderr.isatty()
        self.told = 0.0
        self.width = 0

    def show(self, folder: RunFolder, update: Update) -> None:
        if self.quiet or update.standing:
            return
        now = time.monotonic()
        if now - self.told < (0.2 if self.live else 10.0):
            return
        self.told = now
        text = _progress(folder, update)
        if self.live:
            sys.stderr.write("\r" + text.ljust(self.width))
            sys.stderr.flush()
            self.width = len(text)
        else:
            say_aside(text)

    def say(self, text: str) -> None:
        self.end()
        say_aside(text)

    def end(self) -> None:
        if self.live and self.width:
            sys.stderr.write("\r" + " " * self.width + "\r")
            self.width = 0


def _progress(folder: RunFolder, update: Update) -> str:
    status = update.status
    text = f"{folder.plan.stage} {folder.id}: {status.state} {status.done}/{status.total}"
    if status.state is RunState.RUNNING and status.reason.startswith(WAITS):
        return f"{text}, {status.reason}"
    if update.rate:
        text += f", {update.rate:.1f} a second"
    if update.eta is not None:
        text += f", {_duration(update.eta)} left"
    return text


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
