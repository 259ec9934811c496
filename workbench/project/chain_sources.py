"""Whose chains training learns from: those of the newest run, and of the runs it only redoes a part of."""

from collections.abc import Sequence

from workbench.records.run import Run, RunState
from workbench.store.database import Store


def current_runs(store: Store) -> tuple[str, ...]:
    """Return the runs whose chains count: the newest while more may come of it, with those it amends, or what training takes.

    Where training could take none, the newest; nothing where there is none.
    """
    newest = next(iter(store.runs.select("stage = 'chains' AND discarded = 0", limit=1, order="seq DESC")), None)
    if newest is None:
        return ()
    ended = newest.state.over or newest.state is RunState.FAILED
    return (ended and chain_runs(store)) or (newest.id, *_amended(newest))


def chain_runs(store: Store, named: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the named runs, or else the newest usable one with those it amends, whose chains it may take the place of.

    One that was stopped stands behind finished ones, unless it amends the newest of them.
    """
    if named:
        return tuple(named)
    usable = {run.id: run for run in store.runs.usable("chains")}
    first = next(iter(usable), "")
    newest = next((run for run in usable.values() if first in _amended(run)), usable.get(first))
    return () if newest is None else (newest.id, *(run for run in _amended(newest) if run in usable))


def _amended(run: Run) -> tuple[str, ...]:
    return run.plan.amends if run.plan else ()
