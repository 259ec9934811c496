"""Where a run is: what its folder says, checked against the process that said it."""

import dataclasses
import os
import time

from workbench.records.run import RunState
from workbench.runs.folder import RunFolder
from workbench.runs.identity import ProcessIdentity, alive, this_host
from workbench.runs.status import Status
from workbench.sentences import said

#: States in which a process is at work.
ACTIVE = frozenset({RunState.STARTING, RunState.RUNNING, RunState.STOPPING})
#: A worker beats every two seconds; after this many without a beat it is not responding.
SILENT_AFTER = 60.0
_ASKED = {
    "pause": said("asked to pause, which it does after the step in hand"),
    "stop": said(
        "asked to stop, which it does after the step in hand; what it made is kept",
    ),
    "discard": said(
        "asked to stop, which it does after the step in hand; what it made is left out",
    ),
}
INTERRUPTED = said(
    "its process ended without a word (killed, or the machine went down); resume it to go on",
)
_LAST_WORDS = 2000


def state_of(folder: RunFolder) -> Status:
    """Return a run's state now, with a reason a person can read."""
    stated = folder.status()
    if stated.state not in ACTIVE:
        return stated
    worker = folder.worker()
    if worker is not None and worker.host != this_host():
        return dataclasses.replace(stated, state=RunState.ELSEWHERE, reason=_elsewhere(folder, worker))
    if worker is None or not alive(worker):
        again = folder.status()  # it may have finished between the two looks
        return again if again != stated else _interrupted(folder, stated)
    return _working(folder, stated)


def at_work(folder: RunFolder) -> ProcessIdentity | None:
    """Return the living process that works in this folder on this machine, or None."""
    worker = folder.worker()
    return worker if worker is not None and folder.status().state in ACTIVE and alive(worker) else None


def _interrupted(folder: RunFolder, stated: Status) -> Status:
    """Return the state of a run whose process has gone; one that never began to work has left its last words in the log."""
    words = _last_words(folder) if stated.state is RunState.STARTING else ""
    reason = (
        said(
            "its process ended before it began: {words}; its log says more, resume it to try again",
            words=words,
        )
        if words
        else INTERRUPTED
    )
    return dataclasses.replace(stated, state=RunState.INTERRUPTED, reason=reason)


def _last_words(folder: RunFolder) -> str:
    """Return the last line of a run's log, where anything was written there since the run was started."""
    try:
        if folder.log_file.stat().st_mtime_ns < (folder.path / "state.json").stat().st_mtime_ns:
            return ""
        with folder.log_file.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LAST_WORDS))
            lines = log.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ""
    told = (line.strip() for line in reversed(lines))
    return next((line.rstrip(".") for line in told if any(map(str.isalpha, line))), "")


def _working(folder: RunFolder, stated: Status) -> Status:
    request = folder.request()
    silent = _silence(folder)
    reason = stated.reason
    if silent is not None and silent > SILENT_AFTER:
        reason = said("not responding for {silent:.0f} seconds", silent=silent)
    if request is None:
        return dataclasses.replace(stated, reason=reason)
    return dataclasses.replace(stated, state=RunState.STOPPING, reason=reason or _ASKED.get(request, ""))


def _elsewhere(folder: RunFolder, worker: ProcessIdentity) -> str:
    silent = _silence(folder)
    seen = (
        said("no sign of life yet")
        if silent is None
        else said("last sign of life {silent:.0f} seconds ago", silent=silent)
    )
    return said("process {pid} on {host} has it, {seen}", pid=worker.pid, host=worker.host, seen=seen)


def _silence(folder: RunFolder) -> float | None:
    try:
        return max(0.0, time.time() - folder.heartbeat_file.stat().st_mtime)
    except FileNotFoundError:
        return None
