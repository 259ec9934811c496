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
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER, launch
from workbench.runs.queue import Queue
from workbench.runs.states import ACTIVE, state_of


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
        work(entries[0].folder, program, every)
        entries[0].place.unlink(missing_ok=True)
        quiet = time.monotonic()


def work(folder: RunFolder, program: Sequence[str], every: float) -> None:
    """Bring one folder to its end: start its worker where it waits, then wait until no worker is at it."""
    try:
        if state_of(folder).state is RunState.QUEUED:
            _say(f"{folder.path}: process {launch(folder, program)}")
    except (WorkbenchError, OSError) as error:
        _say(f"{folder.path} could not be started: {error}")
        _set_failed(folder, f"it could not be started: {error}")
    while state_of(folder).state in ACTIVE:
        time.sleep(every)


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
