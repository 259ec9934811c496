"""Checking a project: database, decisions, run folders."""

from collections.abc import Iterator
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.records.telling import Tell, untold
from workbench.runs.folder import RunFolder
from workbench.runs.states import state_of
from workbench.sentences import said
from workbench.store.database import Store


def problems(store: Store, tell: Tell = untold) -> list[str]:
    """Return what is wrong, a sentence each: damaged database, broken chain of decisions, run folders that cannot be read."""
    found = [*store.damage, *store.problems(tell)]
    tell("the folders of runs")
    return list(dict.fromkeys([*found, *_runs(store)]))


def _runs(store: Store) -> Iterator[str]:
    for run in store.runs.newest_first():
        folder = Path(run.folder)
        if not (folder / "plan.json").is_file():
            yield said(
                "Run {run}: its folder {folder} is gone; what was collected from it is still here.",
                run=run.id,
                folder=folder,
            )
            continue
        try:
            read = RunFolder(folder)
            if read.plan.id != run.id:
                yield said("Run {run}: its folder holds the plan of {plan}.", run=run.id, plan=read.plan.id)
            state_of(read)
        except WorkbenchError as error:
            yield f"Run {run.id}: {error}"
