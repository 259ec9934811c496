"""What is told of a batch is the same however it lies in micro-batches and processes."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from workbench.stages.training.ranks import ALONE, Ranks
from workbench.stages.training.tally import Tally


@dataclass(frozen=True)
class _Table(Ranks):
    """Processes that tell one after the other: the last hears them all."""

    told: list[Any] = field(default_factory=list)

    def gathered(self, mine: Any) -> list[Any]:
        self.told.append(mine)
        return self.told


_MICRO_BATCH = st.lists(st.floats(-100, 100), max_size=5)


@given(st.lists(st.lists(_MICRO_BATCH, max_size=4), min_size=1, max_size=4))
def test_numbers_are_of_the_whole_batch(processes: list[list[list[float]]]) -> None:
    table, found = _Table(), dict[str, float]()
    for micro_batches in processes:
        tally = Tally()
        for values in micro_batches:
            for name in ("mean", "least", "most"):
                tally.add(name, torch.tensor(values), name)
        found = tally.taken(table)
    rows = [float(torch.tensor(row)) for process in processes for micro_batch in process for row in micro_batch]
    assert found == ({} if not rows else pytest.approx(
        {"mean": sum(rows) / len(rows), "least": min(rows), "most": max(rows)}, abs=1e-9))  # fmt: skip


def test_what_was_told_is_not_told_again() -> None:
    tally = Tally()
    tally.add("accuracy", torch.tensor([True, False]))
    assert tally.taken(ALONE) == {"accuracy": 0.5}
    assert tally.taken(ALONE) == {}
