"""The runner: a small process that walks a queue, one worker at a time, and leaves when nothing waits any more."""

import argparse
import dataclasses
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.errors import WorkbenchError
from workbench.records.run import RunState
from workbench.runs.control import settled
from workbench.runs.device import Device, device_of
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER, launch
from workbench.runs.queue import Queue
from workbench.runs.states import ACTIVE, state_of
from workbench.sentences import said


def walk(queue: Queue, program: Sequence[str] = WORKER, idle: float = 5.0, every: float = 0.1) -> None:
    """Work the queue until nothing has waited for `idle` seconds.

    A run whose turn has come is started, or, where a worker is at it already, waited for; one that no longer waits is passed by.
    """
    quiet = time.monotonic()
    while time.monotonic() - quiet < idle:
        entries = queue.entries()
        if not entries:
            time.sleep(every)
            continue
        work(entries[0].folder, program, every, queue.state)
        entries[0].place.unlink(missing_ok=True)
        quiet = time.monotonic()


def work(folder: RunFolder, program: Sequence[str], every: float, state: Path | None = None) -> None:
    """Bring one folder to its end: wait for the device, start its worker, then wait until no worker is at it.

    A worker that finds the device taken after all puts its run back into the queue, and its turn comes again.
    """
    while (now := _state(folder)) is RunState.QUEUED or now in ACTIVE:
        if now is RunState.QUEUED and _may_start(folder, state):
            _start(folder, program)
        time.sleep(every)


def _state(folder: RunFolder) -> RunState:
    if not folder.path.is_dir():
        return RunState.FAILED  # it was taken away while it waited
    try:
        return state_of(folder).state
    except WorkbenchError as error:
        _say(f"{folder.path} cannot be read: {error}")
        return RunState.FAILED


def _may_start(folder: RunFolder, state: Path | None) -> bool:
    """Say whether the run's device is free; where it is not, the run says for whom it waits."""
    try:
        device = Device(device_of(folder.plan), state)
    except WorkbenchError:
        return True  # starting it tells what is wrong
    if device.free():
        return True
    status = folder.status()
    reason = said("{busy}; it is worked after that", busy=device.busy())
    if status.state is RunState.QUEUED and status.reason != reason:
        folder.write_status(dataclasses.replace(status, reason=reason))
    return False


def _start(folder: RunFolder, program: Sequence[str]) -> None:
    request = folder.request()
    if request is not None:  # it was asked to leave just when its turn had come
        folder.write_status(settled(folder, request))
        return
    try:
        _say(f"{folder.path}: process {launch(folder, program)}")
    except (WorkbenchError, OSError) as error:
        _say(f"{folder.path} could not be started: {error}")
        _set_failed(folder, said("it could not be started: {error}", error=error))


def _set_failed(folder: RunFolder, reason: str) -> None:
    if folder.path.is_dir():
        folder.write_status(dataclasses.replace(folder.status(), state=RunState.FAILED, reason=reason))


def main(arguments: Sequence[str] | None = None) -> int:
    """Walk one device's queue, unless somebody does."""
    parser = argparse.ArgumentParser(prog="python -m workbench.runs.runner", description=__doc__)
    parser.add_argument("--device", default="default")
    parser.add_argument("--state", type=Path, default=None)
    parser.add_argument("--idle", type=float, default=5.0, help="seconds without work before it leaves")
    parser.add_argument("--program", nargs=argparse.REMAINDER, default=list(WORKER), help="the worker's command line")
    chosen = parser.parse_args(arguments)
    queue = Queue(chosen.device, chosen.state)
    # Whoever holds the lock may be about to leave with our entry unseen: outwait its idle time.
    lock = FileLock(queue.runner_lock, timeout=chosen.idle * 2)
    try:
        with lock:
            _say(f"runner {os.getpid()} walks {queue.path}")
            walk(queue, chosen.program, chosen.idle)
    except Timeout:
        return 0
    return 0


def _say(text: str) -> None:
    print(time.strftime("%Y-%m-%d %H:%M:%S"), text, flush=True)  # noqa: T201 - the runner's own log is its output


if __name__ == "__main__":
    sys.exit(main())
