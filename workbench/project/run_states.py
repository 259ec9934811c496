"""Runs as they are now: what the store knows of them, brought up to date from their folders."""

import dataclasses
from pathlib import Path

from workbench.records.run import Run, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.states import at_work, state_of
from workbench.sentences import said


def run_now(run: Run) -> Run:
    """Return a run with its state now and its worker's process number."""
    folder = RunFolder(Path(run.folder))
    if not (folder.path / "plan.json").exists():
        return (
            run
            if run.state.over
            else dataclasses.replace(run, state=RunState.FAILED, reason=said("its folder is gone"))
        )
    status = state_of(folder)
    worker = at_work(folder)
    waits = status.state is RunState.QUEUED and not status.reason
    return dataclasses.replace(
        run,
        state=status.state,
        reason=said("made but not started; resume it to start it") if waits else status.reason,
        done=status.done,
        total=status.total,
        started=status.started,
        ended=status.ended,
        seconds=status.seconds,
        peak_memory_mb=status.peak_memory_mb,
        pid=worker.pid if worker else None,
        discarded=status.discarded,
    )
