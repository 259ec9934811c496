"""Calibration against cases worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.measurement.calibration import Binning, expected_calibration_error, reliability_bins

cases = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40)


def test_error_of_two_bins_by_hand() -> None:
    # Bin 0.9–1: three of four right at 0.95 → gap 0.20, weight 4/6. Bin 0.2–0.3: none of two right at 0.25 → 0.25, 2/6.
    probabilities = [0.95] * 4 + [0.25] * 2
    outcomes = [True, True, True, False, False, False]
    assert expected_calibration_error(probabilities, outcomes).value == pytest.approx(0.2 * 4 / 6 + 0.25 * 2 / 6)


def test_equal_mass_splits_by_rank() -> None:
    # Halves by rank: (0.1, 0.2) none right → 0.15; (0.6, 0.9) both right → 0.25.
    estimate = expected_calibration_error(
        [0.9, 0.1, 0.2, 0.6], [True, False, False, True], bins=2, binning="equal_mass"
    )
    assert estimate.value == pytest.approx((0.15 + 0.25) / 2)


def test_a_perfect_judge_has_no_error() -> None:
    estimate = expected_calibration_error([0.0, 1.0, 1.0], [False, True, True])
    assert (estimate.value, estimate.low, estimate.high, estimate.n) == (0, 0, 0, 3)


def test_bins_by_hand() -> None:
    first, last = reliability_bins([0.04, 0.06, 1.0], [False, True, True])
    assert (first.low, first.high, first.n) == (0.0, 0.1, 2)
    assert first.mean_probability == pytest.approx(0.05)
    assert first.observed.value == 0.5
    assert (last.low, last.high, last.n) == (0.9, 1.0, 1)


@pytest.mark.parametrize(("probabilities", "outcomes"), [([], []), ([0.5], [True, False]), ([1.2], [True])])
def test_bad_input_is_refused(probabilities: list[float], outcomes: list[bool]) -> None:
    with pytest.raises(BadInputError):
        expected_calibration_error(probabilities, outcomes)


@given(cases, st.integers(1, 12), st.sampled_from(["equal_width", "equal_mass"]))
def test_the_error_is_a_share_and_the_bins_hold_every_case(
    rows: list[tuple[float, bool]], bins: int, binning: Binning
) -> None:
    probabilities, outcomes = [p for p, _ in rows], [outcome for _, outcome in rows]
    estimate = expected_calibration_error(probabilities, outcomes, bins=bins, binning=binning, resamples=20)
    found = reliability_bins(probabilities, outcomes, bins=bins, binning=binning)
    assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1 + 1e-9
    assert sum(one.n for one in found) == len(rows)
    by_bins = sum(one.n * abs(one.observed.value - one.mean_probability) for one in found) / len(rows)
    assert estimate.value == pytest.approx(by_bins)
