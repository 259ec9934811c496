"""The reading order and PPO's rhythm: everything is used as often as it should be, and a step's number is its place."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.stages.training.rhythm import rhythm_of
from workbench.stages.training.schedule import accumulation, reading_order

LENGTHS = st.lists(st.integers(1, 50), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(lengths=LENGTHS, batch=st.integers(1, 9), epochs=st.integers(1, 3), seed=st.integers(0, 99))
def test_whole_epochs_read_every_row_equally_often(lengths: list[int], batch: int, epochs: int, seed: int) -> None:
    order = reading_order(lengths, batch, epochs, seed)
    assert sorted(order) == sorted(list(range(len(lengths))) * epochs)
    assert order == reading_order(lengths, batch, epochs, seed)


def test_half_an_epoch_reads_half_the_batches() -> None:
    assert len(reading_order([1] * 40, 4, 0.5, seed=0)) == 20
    assert len(reading_order([1] * 40, 4, 1.5, seed=0)) == 60
    assert len(reading_order([1] * 3, 4, 0.5, seed=0)) == 3


def test_batches_hold_rows_of_like_length() -> None:
    lengths = [(row * 37) % 101 for row in range(400)]
    order = reading_order(lengths, 10, 1, seed=1)
    spreads = [
        max(lengths[row] for row in order[at : at + 10]) - min(lengths[row] for row in order[at : at + 10])
        for at in range(0, 400, 10)
    ]
    assert sum(spreads) / len(spreads) < 30
    assert order != sorted(order)


def test_accumulation_wants_whole_micro_batches() -> None:
    assert accumulation(16, 16) == (16, 1)
    assert accumulation(16, 4) == (4, 4)
    assert accumulation(8, 32) == (8, 1)
    with pytest.raises(BadInputError, match="multiple of micro_batch_size"):
        accumulation(10, 4)


@settings(max_examples=40, deadline=None)
@given(
    batches=st.integers(1, 3),
    passes=st.integers(1, 3),
    mini=st.integers(1, 3),
    micro=st.integers(1, 3),
    in_micro=st.integers(1, 3),
)
def test_every_pass_uses_each_episode_once(batches: int, passes: int, mini: int, micro: int, in_micro: int) -> None:
    size = mini * micro * in_micro
    rhythm = rhythm_of(
        RlSettings(
            episodes=batches * size, batch_size=size, micro_batch_size=in_micro, ppo_epochs=passes, mini_batches=mini
        )
    )
    lengths = [(row * 5) % 7 for row in range(size)]
    seen: dict[tuple[int, int], list[int]] = {}
    for index in range(rhythm.length):
        at = rhythm.position(index)
        rows = rhythm.mini_batch(at, lengths, seed=3)[at.micro_batch]
        seen.setdefault((at.batch, at.passed), []).extend(rows)
    assert len(seen) == batches * passes
    assert all(sorted(rows) == list(range(size)) for rows in seen.values())


def test_episodes_are_rounded_up_to_whole_batches() -> None:
    assert rhythm_of(RlSettings(episodes=65, batch_size=64)).batches == 2


@pytest.mark.parametrize("wrong", [{"batch_size": 10, "mini_batches": 4}, {"episodes": 0}, {"micro_batch_size": 5}])
def test_numbers_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInputError):
        rhythm_of(RlSettings(**wrong))
