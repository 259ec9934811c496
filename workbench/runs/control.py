"""Asking a run to pause, to stop or to be discarded; and ending its processes where asking does not help."""

import contextlib
import dataclasses
import time
from typing import Literal

import psutil

from workbench.errors import BadInputError
from workbench.records.commands import quoted
from workbench.records.run import OUTPUT, TRAININGS, Output, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.identity import ProcessIdentity, alive
from workbench.runs.states import ACTIVE, at_work, state_of
from workbench.runs.status import Status
from workbench.sentences import said

Request = Literal["pause", "stop", "discard"]
Answer = Literal["asked", "ended", "settled"]

_AFTER: dict[str, RunState] = {"pause": RunState.PAUSED, "stop": RunState.STOPPED, "discard": RunState.STOPPED}
_REASON: dict[str, str] = {
    "pause": said("paused; resume it to go on"),
    "stop": said("stopped; what it made is kept"),
    "discard": said("stopped and discarded; what it made is left out"),
}
_NEVER_BEGAN = said("stopped before it began; it made nothing")
_UNWRITTEN = said(
    "ended before its model was written; resume it to go on from its newest checkpoint, and stop it then "
    "to keep a model",
)


def settled(folder: RunFolder, request: str) -> Status:
    """Return the status of a run that has left because of a request.

    A training that is to be kept and has no model yet stands still instead: over for good, it would leave nothing to use.
    """
    status = folder.status()
    state, reason = _AFTER[request], _REASON[request]
    if request == "stop":
        state, reason = _kept(folder, status)
    return dataclasses.replace(status, state=state, reason=reason, discarded=status.discarded or request == "discard")


def _kept(folder: RunFolder, status: Status) -> tuple[RunState, str]:
    """Return how a run is left of which everything is to stay, and what that is."""
    if not status.started:
        return RunState.STOPPED, _NEVER_BEGAN
    if folder.plan.stage not in TRAININGS:
        return RunState.STOPPED, _REASON["stop"]
    model = _model(folder)
    if model is None:
        return RunState.PAUSED, _UNWRITTEN
    return (
        RunState.STOPPED,
        said(
            "stopped early; its model of step {step} of {total} is kept, to be used like any",
            step=model.step,
            total=status.total,
        ),
    )


def _model(folder: RunFolder) -> Output | None:
    return next((output for output in folder.results(Output) if output.path == OUTPUT), None)


def ask(folder: RunFolder, request: Request, grace: float = 5.0, again_ends: bool = True) -> Answer:
    """Ask a run to pause, stop or be discarded; a second request ends its processes at once, unless again_ends is False.

    Returns "asked" where the worker will see to it, "ended" where its processes were ended, "settled" where none was at work.
    """
    state = state_of(folder).state
    if state.over and not (request == "discard" and state is RunState.STOPPED):
        raise BadInputError("Run {folder} is {state} already.", folder=folder.id, state=state)
    if state in ACTIVE:
        again = again_ends and folder.request() is not None
        folder.write_request(request)
        if again:
            end(folder, grace)
        return "ended" if again else "asked"
    if state is RunState.ELSEWHERE:
        folder.write_request(request)
        return "asked"
    if request == "pause" and state is not RunState.QUEUED:
        return "settled"  # paused, failed or interrupted: it stands still already
    if request == "stop" and state is not RunState.QUEUED and _kept(folder, folder.status())[0] is RunState.PAUSED:
        raise BadInputError(
            "Run {folder} stands still and has written no model that could be kept: resume it and stop it once "
            "it is at work, or discard it.",
            folder=folder.id,
        )
    # The queue may be starting it at this moment: whoever comes second sees what the first has done.
    folder.write_request(request)
    now = state_of(folder)
    if now.state in ACTIVE:
        return "asked"
    folder.write_status(settled(folder, request))
    return "settled"


def keep(folder: RunFolder) -> None:
    """Take back that a run was discarded: what it made counts again, and a training that has no model yet can be resumed."""
    status = folder.status()
    if not status.discarded:
        raise BadInputError("Run {folder} is not discarded.", folder=folder.id)
    working = status.state in ACTIVE
    folder.write_request("stop" if working else None)
    state, reason = (status.state, _REASON["stop"]) if working else _kept(folder, status)
    folder.write_status(dataclasses.replace(status, state=state, discarded=False, reason=reason))


def wait_or_end(folder: RunFolder, deadline: float = 30.0, every: float = 0.1, grace: float = 5.0) -> Status:
    """Wait until a run that was asked has left; after the deadline (seconds) end its processes."""
    until = time.monotonic() + deadline
    while state_of(folder).state in ACTIVE:
        if time.monotonic() > until:
            end(folder, grace)
            break
        time.sleep(every)
    return state_of(folder)


def end(folder: RunFolder, grace: float = 5.0) -> None:
    """End a run's worker and all it started: politely, after `grace` seconds by force.

    Nothing is signalled unless number, start time and boot are those the worker left.
    """
    worker = at_work(folder)
    if worker is None:
        return
    _end_tree(worker, grace)
    left = folder.status()
    if left.state in ACTIVE:
        folder.write_status(settled(folder, folder.request() or "pause"))


def _end_tree(worker: ProcessIdentity, grace: float) -> None:
    try:
        top = psutil.Process(worker.pid)
        tree = [*top.children(recursive=True), top]
    except psutil.NoSuchProcess:
        return
    if not alive(worker):  # the number was given away between the two looks
        return
    for process in tree:
        _signal(process, force=False)
    _, left = psutil.wait_procs(tree, timeout=grace)
    for process in left:
        _signal(process, force=True)
    psutil.wait_procs(left, timeout=grace)


def _signal(process: psutil.Process, force: bool) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        # psutil checks the process's start time again before it signals.
        (process.kill if force else process.terminate)()


def prepared(folder: RunFolder) -> None:
    """Leave a new run's folder to be worked by hand, here or elsewhere; resuming it works it here."""
    reason = said("prepared, to be worked anywhere with: workbench work {path}", path=quoted(folder.path))
    folder.write_status(dataclasses.replace(folder.status(), state=RunState.PAUSED, reason=reason))
