"""What a stage adapter is given: the plan, the inputs, what is there already, and the ways to save and to tell."""

import dataclasses
import resource
import sys
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, TypeVar

from workbench.errors import BadInputError
from workbench.records.constitution import Constitution
from workbench.records.encoding import from_data
from workbench.records.run import WAITS, Done, Metric, Plan
from workbench.records.settings import SETTINGS
from workbench.runs.contents import record_line
from workbench.runs.events import Event, Message, Progress, Recorded, SampleShown, event_line
from workbench.runs.folder import RunFolder
from workbench.runs.lines import LineWriter
from workbench.worker.live import LiveText
from workbench.worker.whereabouts import found_here, remember, remembered

R = TypeVar("R")


class Work:
    """One sitting at a run folder; everything a stage does to the outside goes through here."""

    #: Whether this process saves what the run makes; of several that train together one does.
    writes = True

    def __init__(
        self,
        folder: RunFolder,
        asked: Callable[[], str | None] = lambda: None,
        models: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.folder = folder
        self._models = models
        self._asked = asked
        if self.writes:  # to open a file mends it, which would cut off what another process is writing
            self._results = LineWriter(folder.results_file)
            self._events = LineWriter(folder.events_file)
        #: Shows a walk's text so far to whoever watches it grow.
        self.live = LiveText(folder.path)
        self._told = {"recorded": 0.0, "progress": 0.0}
        self._progress = Progress(folder.status().done, folder.status().total)
        #: What the stage was answered when it looked whether it should stop.
        self.leaving: str | None = None
        #: Held while the state is written, which two threads do.
        self._turn = Lock()
        self._waiting = ""
        #: Whether what the stage waited for was ended, because it was asked to leave: whatever error follows is no failure.
        self.broken_off = False
        #: Why the stage paused by itself, in words.
        self.paused_because = ""
        #: The most memory that this process and those beside it have held together, in MiB.
        self.together_mb = 0.0

    @cached_property
    def plan(self) -> Plan:
        """The run's plan, with its models where they lie on this machine."""
        run = self.folder.path
        found = found_here(self.folder.plan, {**remembered(run), **self._models}, run)
        if self.writes:
            remember(run, found, self._models)
        return found

    @property
    def constitution(self) -> Constitution:
        """The constitution the run works by."""
        return self.folder.constitution

    @cached_property
    def settings(self) -> Any:
        """The stage's settings as their record, for example ChainSettings."""
        if self.plan.stage not in SETTINGS:
            raise BadInputError("There are no settings for a stage {stage}.", stage=self.plan.stage)
        return from_data(SETTINGS[self.plan.stage], self.plan.settings)

    def inputs(self, kind: type[R]) -> list[R]:
        """Return the inputs of one kind, in order, complete ones among them."""
        return list(self.folder.inputs(kind))

    def results(self, kind: type[R]) -> list[R]:
        """Return the results of one kind that are there already."""
        return list(self.folder.results(kind))

    def done_inputs(self) -> set[str]:
        """Return the ids of the inputs that are complete."""
        return self.folder.done_inputs()

    def emit(self, *records: Any) -> None:
        """Save records: append them with one write, then tell that there are more."""
        self._results.append([record_line(record) for record in records])
        if self._due("recorded", 0.1):
            self._tell_size()

    def left_out(self) -> dict[str, str]:
        """Return the ids of the inputs that are left out, and why."""
        return self.folder.left_out()

    def done_input(self, input_id: str, left_out: str = "") -> None:
        """Save that an input is complete, or why it is left out, so that a resumed run passes it by."""
        self.emit(Done(input_id, left_out))

    def metric(self, name: str, step: int, value: float) -> None:
        """Save one number of the run at one step."""
        self.emit(Metric(name, step, float(value)))

    def progress(self, done: int, total: int) -> None:
        """Say how much of the work is done, in any unit; told at most ten times a second, and at the end."""
        self._progress = Progress(done, total)
        if self._due("progress", 0.1) or done >= total:
            self.tell(self._progress)
            with self._turn:
                status = self.folder.status()
                self.folder.write_status(dataclasses.replace(status, done=done, total=total), durable=False)

    def wait_for(self, whom: str) -> None:
        """Say in the run's state that nothing goes on until somebody answers, or that it does again, where whom is empty."""
        if not self.writes or whom == self._waiting:
            return
        with self._turn:
            self._waiting, reason = whom, f"{WAITS}{whom}" if whom else ""
            self.folder.write_status(dataclasses.replace(self.folder.status(), reason=reason), durable=False)

    def say(self, text: str) -> None:
        """Tell a sentence to whoever watches."""
        self.tell(Message(text))

    def show(self, title: str, text: str) -> None:
        """Show a text worth looking at while the run goes on."""
        self.tell(SampleShown(title, text))

    def tell(self, event: Event) -> None:
        """Append an event."""
        self._events.append([event_line(event)])

    def should_stop(self) -> str | None:
        """Return pause, stop or discard where somebody asked for it; look between records or steps, then return."""
        self.leaving = self.folder.request() or self._asked() or self.leaving
        return self.leaving

    def pause(self, because: str) -> None:
        """Leave the run paused for a reason of the stage's own, unless somebody asked for more."""
        self.leaving, self.paused_because = self.leaving or "pause", because

    @property
    def output_folder(self) -> Path:
        """Where a model the run makes belongs, made if need be."""
        return self._made("output")

    @property
    def checkpoint_folder(self) -> Path:
        """Where checkpoints belong, made if need be."""
        return self._made("checkpoints")

    @property
    def reached(self) -> Progress:
        """How far the stage said it was."""
        return self._progress

    def sync(self) -> None:
        """Flush what was saved and told to disk; safe to call from another thread."""
        self._results.sync()
        self._events.sync()

    def catch_up(self) -> None:
        """Tell how far results and progress are, where telling was put off."""
        self._tell_size()
        self.tell(self._progress)

    def close(self) -> None:
        """Flush and close the files."""
        self._results.close()
        self._events.close()

    def _made(self, name: str) -> Path:
        path = self.folder.path / name
        path.mkdir(exist_ok=True)
        return path

    def _tell_size(self) -> None:
        self.tell(Recorded(self.folder.results_file.stat().st_size))

    def _due(self, what: str, rhythm: float) -> bool:
        now = time.monotonic()
        if now - self._told[what] < rhythm:
            return False
        self._told[what] = now
        return True


def peak_memory_mb() -> float:
    """Return the most memory this process has held, in MiB (getrusage counts KiB on Linux, bytes on macOS)."""
    status = Path("/proc/self/status")
    if status.is_file():  # elsewhere on Linux stands what the process that started this one had held before, too
        held = next((line for line in status.read_text().splitlines() if line.startswith("VmHWM:")), "")
        if held:
            return round(int(held.split()[1]) / (1 << 10), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)
