"""Whose chains training learns from: those of the newest run, and of the runs it only redoes a part of."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.store.database import Store


@dataclass(frozen=True)
class ChainSources:
    """Runs, the newest first; newest_only says that of several chains on one prompt the newest that is not excluded counts."""

    runs: tuple[str, ...] = ()
    newest_only: bool = True

    @classmethod
    def of(cls, store: Store, named: Sequence[str] = ()) -> "ChainSources":
        """Return the named runs with all their chains, or else the newest usable run with those it completes."""
        if named:
            return cls(tuple(named), newest_only=False)
        usable = {run.id: run for run in store.runs.usable("chains")}
        newest = next(iter(usable.values()), None)
        if newest is None:
            return cls()
        amended = newest.plan.amends if newest.plan else ()
        return cls((newest.id, *(run for run in amended if run in usable)))
