"""Win rates counted by hand."""

import pytest

from tests.workbench.measurement.matches import matches
from workbench.errors import BadInputError
from workbench.measurement.win_rates import win_rate


def test_win_rate_counts_ties_apart_and_sees_both_sides() -> None:
    rows = [*matches("new", "old", 5, 1, 1), *matches("old", "new", 1, 2), *matches("new", "third", 0, 9)]
    rate = win_rate(rows, "new", "old")
    assert (rate.wins.value, rate.losses.value, rate.ties.value) == pytest.approx((0.7, 0.2, 0.1))
    assert rate.decided is not None
    assert rate.decided.value == pytest.approx(7 / 9)
    assert rate.decided.n == 9
    assert rate.score == pytest.approx(0.75)
    assert rate.wins.n == 10
    assert win_rate(rows, "old", "new").wins == rate.losses


def test_nothing_is_decided_by_ties() -> None:
    assert win_rate(matches("a", "b", 0, 0, 3), "a", "b").decided is None


def test_models_that_never_met_have_no_win_rate() -> None:
    with pytest.raises(BadInputError, match="never compared"):
        win_rate(matches("a", "b", 1, 0), "a", "c")
