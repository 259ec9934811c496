"""One sitting of a worker at a run folder: lock it, say who works here, work, say how it ended."""

import dataclasses
import errno
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from types import MappingProxyType

import psutil
from filelock import FileLock, Timeout

from workbench.errors import BusyError, WorkbenchError
from workbench.records.run import OUT_OF_MEMORY, RunState
from workbench.runs.control import settled
from workbench.runs.device import Device, device_of
from workbench.runs.events import Failed, Finished, Left, Started
from workbench.runs.folder import RunFolder
from workbench.runs.identity import identity_of, this_host
from workbench.runs.lines import mend
from workbench.runs.status import Status
from workbench.sentences import said
from workbench.worker.stages import stage_function
from workbench.worker.work import Work, peak_memory_mb

_BEAT = 2.0
#: How torch words that there is no memory left, on a processor and on a GPU.
_ALLOCATIONS = ("can't allocate memory", "not enough memory", "out of memory", "cannot allocate memory")
#: How gloo and NCCL, by which processes that train together speak, word that one of them is gone.
_PARTINGS = ("gloo/transport", "nccl")


def work_folder(
    folder: RunFolder,
    stages: Mapping[str, str],
    asked: Callable[[], str | None] = lambda: None,
    beside: bool = False,
    models: Mapping[str, str] = MappingProxyType({}),
) -> RunState:
    """Work a run folder until it is done, fails, or is asked to leave; return the state it is left in.

    models says by role where models lie that are not where the plan says.

    Raises BusyError where another worker has the folder, or has the device and it is not to work beside that one.
    """
    with _locked(folder), nullcontext() if beside else _device(folder):
        before = _take_up(folder)
        work = Work(folder, asked, models)
        began = time.monotonic()
        work.tell(Started(os.getpid(), this_host(), resumed=before.seconds > 0 or bool(work.done_inputs())))
        with _heartbeat(folder, work):
            status = _outcome(folder, work, stages)
        status = _put_down(work, _with_figures(status, work, before.seconds + time.monotonic() - began))
        folder.write_status(status)
        return status.state


@contextmanager
def _locked(folder: RunFolder) -> Iterator[None]:
    lock = FileLock(folder.lock_file, timeout=2)
    try:
        lock.acquire()
    except Timeout as error:
        worker = folder.worker()
        by = said("process {pid} on {host}", pid=worker.pid, host=worker.host) if worker else said("another process")
        raise BusyError("The run folder {path} is being worked by {by}.", path=folder.path, by=by) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _device(folder: RunFolder) -> Iterator[None]:
    """Hold the run's device; where another worker has it, a run that was started from the queue goes back there."""
    try:
        lock = Device(device_of(folder.plan)).acquire(identity_of(os.getpid()), folder.path)
    except BusyError as error:
        status = folder.status()
        if status.state is RunState.STARTING:
            folder.write_status(dataclasses.replace(status, state=RunState.QUEUED, reason=str(error)))
        raise
    try:
        yield
    finally:
        lock.release()


def _take_up(folder: RunFolder) -> Status:
    me = identity_of(os.getpid())
    if me is not None:
        folder.write_worker(me)
    folder.heartbeat_file.touch()
    for file in (folder.results_file, folder.events_file):
        mend(file)
    before = folder.status()
    if before.state not in (RunState.QUEUED, RunState.STARTING):
        folder.write_request(None)  # what an earlier sitting was asked was settled with it
    started = before.started or datetime.now(UTC).isoformat(timespec="seconds")
    folder.write_status(dataclasses.replace(before, state=RunState.RUNNING, reason="", started=started, ended=""))
    return before


@contextmanager
def _heartbeat(folder: RunFolder, work: Work) -> Iterator[None]:
    """Beat every two seconds, and flush what was saved: a stage that is busy elsewhere must not keep it in memory's hands."""
    over = threading.Event()

    def beat() -> None:
        turn = 0
        while not over.wait(_BEAT / 2):
            with suppress(OSError):  # the writer remembers, and the next record that is saved raises it
                work.sync()
            turn += 1
            if turn % 2 == 0:
                with suppress(OSError):  # a disk that did not answer once may answer the next time
                    folder.heartbeat_file.touch()

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _outcome(folder: RunFolder, work: Work, stages: Mapping[str, str]) -> Status:
    try:
        folder.verify_inputs()
        stage_function(work.plan.stage, stages)(work)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the worker's edge: a bug is kept with its traceback
        if not work.broken_off:
            return _failed(folder, _reason(folder, error))
    complete = work.reached.done >= work.reached.total > 0
    if work.leaving and not complete:
        status = settled(folder, work.leaving)
        paused = status.state is RunState.PAUSED and work.paused_because
        return dataclasses.replace(status, reason=paused) if paused else status
    return dataclasses.replace(folder.status(), state=RunState.FINISHED, reason="")


def _reason(folder: RunFolder, error: BaseException) -> str:
    """Return why a run failed; what is no WorkbenchError keeps its traceback."""
    if isinstance(error, WorkbenchError):
        return str(error)
    _keep_traceback(folder)
    known = known_cause(error)
    if known:
        return known
    detail = str(error).strip().split("\n")[0][:300]
    sentence = said(
        "An unexpected {kind} ended the run: {detail}",
        kind=type(error).__name__,
        detail=detail or said("it says nothing"),
    )
    return said("{sentence}. The traceback is at the end of {log_file}.", sentence=sentence, log_file=folder.log_file)


def _failed(folder: RunFolder, reason: str) -> Status:
    return dataclasses.replace(folder.status(), state=RunState.FAILED, reason=reason)


def known_cause(error: BaseException) -> str | None:
    """Return the sentence for what is no bug but a machine at its limits."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return said("The disk is full; make room and resume the run.")
    # Torch's own error is told by its name, because this file must not load torch.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError" or _failed_to_allocate(error):
        return said(
            "{out_of_memory}{figures}; retry makes the run again in smaller pieces, or take a smaller model.",
            out_of_memory=OUT_OF_MEMORY,
            figures=_figures(error),
        )
    if _parted(error):
        return said(
            "One of the processes that train together ended, and the others cannot go on without it. What it "
            "said is in the run's log; put that right and resume: the run goes on from its newest checkpoint."
        )
    return None


def _parted(error: BaseException) -> bool:
    return isinstance(error, RuntimeError) and any(words in str(error).lower() for words in _PARTINGS)


def _failed_to_allocate(error: BaseException) -> bool:
    """Whether torch could not get memory: on a processor that is a RuntimeError like any other, told by its words."""
    told = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in told for words in _ALLOCATIONS)


def _figures(error: BaseException) -> str:
    """Return in words what was asked for and what there was, where it can be told."""
    asked = re.search(r"tried to allocate ([\d.]+) ?(bytes|[KMGT]i?B)", str(error), re.IGNORECASE)
    free = round(psutil.virtual_memory().available / (1 << 20))
    wanted = said(" when it asked for {size} more", size=_size(asked[1], asked[2])) if asked else ""
    return said(
        "{wanted}: this process had held up to {peak:.0f} MB, and {free} MB of the machine's were free",
        wanted=wanted,
        peak=peak_memory_mb(),
        free=free,
    )


def _size(amount: str, unit: str) -> str:
    """Return a size as a person reads it: torch tells bytes on a processor, and larger units on a GPU."""
    return f"{float(amount) / (1 << 20):.0f} MB" if unit == "bytes" else f"{amount} {unit}"


def _keep_traceback(folder: RunFolder) -> None:
    sys.stderr.flush()
    with folder.log_file.open("a", encoding="utf-8", errors="replace") as log:
        traceback.print_exc(file=log)


def _put_down(work: Work, status: Status) -> Status:
    """Tell how it ended and let go of the files; a sitting whose last lines could not be written has failed, and says why."""
    try:
        work.catch_up()
        _tell_end(work, status)
        work.close()
    except OSError as error:
        known = status.reason if status.state is RunState.FAILED else ""
        return dataclasses.replace(status, state=RunState.FAILED, reason=known or _reason(work.folder, error))
    return status


def _with_figures(status: Status, work: Work, seconds: float) -> Status:
    return dataclasses.replace(
        status,
        done=work.reached.done,
        total=work.reached.total,
        ended=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        peak_memory_mb=max(status.peak_memory_mb, peak_memory_mb(), round(work.together_mb, 1)),
    )


def _tell_end(work: Work, status: Status) -> None:
    if status.state is RunState.FINISHED:
        work.tell(Finished(status.seconds, status.peak_memory_mb))
    elif status.state is RunState.FAILED:
        work.tell(Failed(status.reason, str(work.folder.log_file)))
    else:
        work.tell(Left(work.leaving or "pause"))
