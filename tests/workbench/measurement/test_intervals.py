"""Intervals against numbers worked out by hand, and their ranges on any input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.measurement.intervals import (
    bootstrap,
    bootstrap_mean,
    bootstrap_means,
    wilson,
)

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20)


def test_wilson_of_eight_in_ten() -> None:
    # z² = 3.841459; centre = (0.8 + z²/20) / (1 + z²/10) = 0.716740; half = z/(1 + z²/10) · √(0.016 + z²/400) = 0.226578
    estimate = wilson(8, 10)
    assert estimate.value == 0.8
    assert estimate.low == pytest.approx(0.490162, abs=1e-5)
    assert estimate.high == pytest.approx(0.943318, abs=1e-5)
    assert estimate.n == 10


def test_wilson_of_none_in_n_is_z_squared_over_n_plus_z_squared() -> None:
    estimate = wilson(0, 100)
    assert estimate.low == 0
    assert estimate.high == pytest.approx(3.841459 / 103.841459, abs=1e-6)


@given(st.integers(1, 5000), st.data())
def test_wilson_holds_the_share_and_stays_a_share(n: int, data: st.DataObject) -> None:
    estimate = wilson(data.draw(st.integers(0, n)), n)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


@pytest.mark.parametrize(("count", "n"), [(0, 0), (3, 2), (-1, 2)])
def test_a_share_of_nothing_is_refused(count: int, n: int) -> None:
    with pytest.raises(BadInputError):
        wilson(count, n)


def test_the_mean_of_a_large_normal_sample_has_the_textbook_interval() -> None:
    values = np.random.default_rng(1).normal(5, 2, 1000)
    estimate = bootstrap_mean(values.tolist())
    half = 1.96 * values.std() / math.sqrt(1000)
    assert estimate.value == pytest.approx(values.mean())
    assert estimate.low == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert estimate.high == pytest.approx(values.mean() + half, abs=0.15 * half)


def test_blocks_of_resamples_draw_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [float(i % 7) for i in range(50)]
    whole = bootstrap_mean(values)
    monkeypatch.setattr("workbench.measurement.intervals._CELLS_AT_ONCE", 500)
    assert bootstrap_mean(values) == whole


def test_series_of_one_length_have_the_intervals_each_has_alone() -> None:
    generator = np.random.default_rng(2)
    series = [generator.normal(5, 2, 40).tolist(), generator.random(40).tolist()]
    together = bootstrap_means(series)
    assert together == [bootstrap_mean(values) for values in series]
    assert together[0] == bootstrap(np.array(series[0])[:, None], lambda rows: rows[:, :, 0].mean(axis=1))
    assert bootstrap_means([]) == []
    with pytest.raises(BadInputError, match="equally many"):
        bootstrap_means([[1.0], [1.0, 2.0]])


def test_no_values_and_odd_ones_are_refused() -> None:
    with pytest.raises(BadInputError):
        bootstrap_mean([])
    with pytest.raises(BadInputError):
        bootstrap_mean([1, math.nan])


@given(numbers, st.integers(0, 5))
def test_the_interval_holds_the_mean_lies_among_the_values_and_repeats(values: list[float], seed: int) -> None:
    estimate = bootstrap_mean(values, seed=seed, resamples=50)
    slack = 1e-6 * max(1, *map(abs, values))
    assert min(values) - slack <= estimate.low <= estimate.value <= estimate.high <= max(values) + slack
    assert bootstrap_mean(values, seed=seed, resamples=50) == estimate
    assert estimate.n == len(values)
