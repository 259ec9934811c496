"""Whose chains training learns from: those of the newest run, and of the runs it only redoes a part of."""

from collections.abc import Sequence

from workbench.store.database import Store


def current_runs(store: Store) -> tuple[str, ...]:
    """Return the newest run of chains, finished or not, and those it amends; nothing where there is none."""
    newest = store.runs.select("stage = 'chains' AND discarded = 0", limit=1, order="seq DESC")
    return (newest[0].id, *(newest[0].plan.amends if newest[0].plan else ())) if newest else ()


def chain_runs(store: Store, named: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the named runs, or else the newest usable one with those it amends, whose chains it may take the place of."""
    if named:
        return tuple(named)
    usable = {run.id: run for run in store.runs.usable("chains")}
    newest = next(iter(usable.values()), None)
    if newest is None:
        return ()
    amended = newest.plan.amends if newest.plan else ()
    return (newest.id, *(run for run in amended if run in usable))
