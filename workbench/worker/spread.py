"""Generation on several processes: each has its own copy of the models and takes the next input when it has room.

A small model on a CPU gains little from a second thread and nearly everything from a second process. What is written is the same
however many there are, since every draw has a random stream of its own.
"""

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from queue import Empty
from threading import Lock
from typing import Any, Protocol, runtime_checkable

import psutil

from workbench.errors import WorkbenchError
from workbench.models.language_model import LanguageModel, Listener
from workbench.records.model import ModelRef
from workbench.runs.watching import Watched
from workbench.worker.work import Work, peak_memory_mb

#: Weights larger than this (bytes) keep all cores busy from one process; copies of them would only fight for memory.
_SMALL = 64 << 20
#: What a process needs beside its weights, in bytes.
_EACH = 700 << 20
#: Fewer inputs per process than this are done before a second process has loaded its model.
_WORTH = 24
#: Seconds between two looks at what nobody waits for, and how long a run that is to leave waits for a record.
LOOK, PATIENCE = 1.0, 5.0
#: Seconds between two messages with a text in the making.
_RHYTHM = 0.05


class Job(Protocol):
    """What each process does: open the models, then write the records of the inputs it is handed. It must be picklable."""

    def __call__(self, inputs: Iterator[Any], told: "Told") -> Iterator[Any]:
        """Yield the records of the inputs, taking each input when there is room for it."""
        ...


@runtime_checkable
class Closable(Protocol):
    """A model that can be ended while it is asked; whoever waits for it then gets an error."""

    def close(self) -> None:
        """End all that is under way."""
        ...


@runtime_checkable
class Awaited(Protocol):
    """A model that may answer nobody for a while, and is asked again."""

    @property
    def waits_for(self) -> str:
        """Return who is waited for, in words; nothing where it answers."""
        ...


@dataclass
class Told:
    """Where a job's remarks and the text somebody watches go, and the models whose remarks are told as they come."""

    say: Callable[[str], None]
    live: Listener
    models: tuple[LanguageModel, ...] = ()
    #: How many of each model's remarks have been told.
    _told: dict[int, int] = field(default_factory=dict)
    _turn: Lock = field(default_factory=Lock)

    def hear(self, *models: LanguageModel) -> None:
        """Tell what these models have to say from now on."""
        with self._turn:
            self.models = models
            self._told.clear()
        self.notes()

    def notes(self) -> None:
        """Tell what the models have to say and have not said yet; from any thread."""
        new: dict[str, None] = {}
        with self._turn:
            for place, model in enumerate(self.models):
                notes = model.notes
                new |= dict.fromkeys(notes[self._told.get(place, 0) :])
                self._told[place] = len(notes)
        for note in new:
            self.say(note)

    @property
    def waits_for(self) -> str:
        """Return which of the models answer nobody at the moment, in words."""
        found = (model.waits_for for model in self.models if isinstance(model, Awaited))
        return "; ".join(dict.fromkeys(filter(None, found)))


@dataclass(frozen=True)
class Layout:
    """How many processes write, and with how many threads each (0: as torch has it)."""

    processes: int = 1
    threads: int = 0

    def apply(self) -> None:
        """Give torch its number of threads."""
        if self.threads:
            from workbench.models.threads import use_threads  # noqa: PLC0415 - a scripted run needs no torch

            use_threads(self.threads)


def layout_for(machine: Mapping[str, Any], models: Iterable[ModelRef | None], inputs: int) -> Layout:
    """Return the layout measured for small models on this machine; large models keep all cores busy from one process."""
    folders = [model.folder for model in models if model is not None]
    if machine.get("device", "cpu") != "cpu" or not folders or None in folders:
        return Layout()
    weights = sum(_weight(Path(folder)) for folder in set(folders) if folder)
    if weights > _SMALL:
        return Layout()
    room = psutil.virtual_memory().available // (_EACH + 2 * weights)
    processes = min(int(machine.get("processes", 1)), room, inputs // _WORTH)
    return Layout(processes, 1) if processes > 1 else Layout(1, int(machine.get("threads", 0)))


def spread(work: Work, job: Job, inputs: Sequence[Any], layout: Layout, together: int = 1) -> Generator[Any]:
    """Yield the records of all inputs, as they come; close the iterator to end the processes.

    So many inputs go together to one process: numbers that are read off a batch differ, in their last digits, with what is in it,
    and must not follow from which process was the quicker.
    """
    if layout.processes <= 1:
        layout.apply()
        with looking_on(work) as told:
            yield from job(iter(inputs), told)
        return
    team = _Team(work, job, inputs, layout, together)
    try:
        yield from team.records()
    finally:
        team.close()


@contextmanager
def looking_on(work: Work, *models: LanguageModel) -> Iterator[Told]:
    """Tell what models have to say although no record comes, and end those that keep a run from leaving: no server may answer."""
    told, over = Told(work.say, work.live), threading.Event()
    told.hear(*models)

    def look() -> None:
        asked = 0
        while not over.wait(LOOK):
            told.notes()
            work.wait_for(told.waits_for)
            asked = asked + 1 if work.should_stop() else 0
            if asked * LOOK > PATIENCE:
                for model in told.models:
                    if isinstance(model, Closable):
                        work.broken_off = True
                        model.close()
                return

    thread = threading.Thread(target=look, name="looking on", daemon=True)
    thread.start()
    try:
        yield told
    finally:
        over.set()
        thread.join()
        told.notes()
        work.wait_for("")


def _weight(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


@dataclass
class _Team:
    """The processes, seen from the worker: it hands out inputs, saves what comes back and notices who is missing."""

    work: Work
    job: Job
    inputs: Sequence[Any]
    layout: Layout
    together: int = 1
    members: list[SpawnProcess] = field(default_factory=list)

    def __post_init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.inbox, self.outbox = context.Queue(), context.Queue()
        for at in range(0, len(self.inputs), self.together):
            self.inbox.put(self.inputs[at : at + self.together])
        for _ in range(self.layout.processes):
            self.inbox.put(None)
        for _ in range(self.layout.processes):
            channels = (self.inbox, self.outbox, self.work.folder.path)
            member = context.Process(target=_member, args=(self.job, self.layout, *channels), daemon=True)
            member.start()
            self.members.append(member)

    def records(self) -> Iterator[Any]:
        working, said, memory = self.layout.processes, set(), 0.0
        while working:
            try:
                what, value = self.outbox.get(timeout=0.5)
            except Empty:
                self._look_after()
                continue
            if what == "record":
                yield value
            elif what == "live":
                self.work.live(*value)
            elif what == "say" and value not in said:
                said.add(value)
                self.work.say(value)
            elif what == "error":
                raise value
            elif what == "end":
                working -= 1
                memory += value
        self.work.together_mb = max(self.work.together_mb, memory + peak_memory_mb())

    def _look_after(self) -> None:
        """Raise if a process ended without a word: the system ends the largest when memory runs out."""
        lost = [member.exitcode for member in self.members if member.exitcode not in (None, 0)]
        if lost:
            raise WorkbenchError(
                "One of the processes that write texts was ended from outside (exit code {lost}), probably for want "
                "of memory. What was saved is kept: close other programs and resume the run.",
                lost=lost[0],
            )

    def close(self) -> None:
        for member in self.members:
            if member.is_alive():
                member.terminate()
        for member in self.members:
            member.join()
        for queue in (self.inbox, self.outbox):
            queue.cancel_join_thread()
            queue.close()


def _member(job: Job, layout: Layout, inbox: Any, outbox: Any, folder: Path) -> None:
    """One process: what it writes goes out record by record; it ends with the worker that began it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_worker, daemon=True).start()
    told = Told(lambda text: outbox.put(("say", text)), _Text(outbox, folder))
    try:
        layout.apply()
        for record in job(chain.from_iterable(iter(inbox.get, None)), told):
            outbox.put(("record", record))
        outbox.put(("end", peak_memory_mb()))
    except WorkbenchError as error:
        outbox.put(("error", error))
    except Exception as error:  # noqa: BLE001 - a process's edge: the worker keeps the traceback and says what it was
        outbox.put(("error", RuntimeError(f"{type(error).__name__}: {error}\n{traceback.format_exc()}")))


def _end_with_worker() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


class _Text:
    """The text somebody watches, on its way to the worker; what the record after it holds is never sent behind that."""

    def __init__(self, outbox: Any, folder: Path) -> None:
        self._outbox = outbox
        self._watched = Watched(folder)
        self._sent = 0.0

    def wants(self, walk: Hashable) -> bool:
        """Say whether anybody watches this walk."""
        return self._watched.wants(walk)

    def __call__(self, walk: Hashable, text: str) -> None:
        """Send a walk's text so far, if that is due."""
        now = time.monotonic()
        if now - self._sent >= _RHYTHM and self.wants(walk):
            self._sent = now
            self._outbox.put(("live", (walk, text)))
