"""Agreement against cases worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadInputError
from workbench.measurement.agreement import accuracy, kappa, order_flips, soft_accuracy
from workbench.measurement.intervals import wilson

verdicts = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), min_size=1, max_size=30)


def test_kappa_of_nine_in_ten_is_eight_tenths() -> None:
    truth = ["a"] * 5 + ["b"] * 5
    given_ = [*truth[:-1], "a"]
    assert accuracy(given_, truth) == wilson(9, 10)
    estimate = kappa(given_, truth)
    assert estimate.value == pytest.approx(0.8)
    assert estimate.low == pytest.approx(2 * wilson(9, 10).low - 1)


def test_a_coin_has_no_kappa() -> None:
    assert kappa(["a", "a", "b", "b"], ["a", "b", "a", "b"]).value == 0


def test_one_half_is_right_half_of_the_time() -> None:
    estimate = soft_accuracy([0.5, 0.9, 0.2, 0.4], [True, True, False, True])
    assert estimate.value == pytest.approx((0.5 + 1 + 1 + 0) / 4)
    assert estimate.low <= estimate.value <= estimate.high


def test_a_flip_is_a_verdict_that_turns_with_the_order() -> None:
    assert order_flips([0.9, 0.6, 0.5, 0.1], [0.8, 0.4, 0.1, 0.2]).value == 0.25


@given(verdicts)
def test_agreement_is_symmetric_and_within_its_interval(rows: list[tuple[str, str]]) -> None:
    first, second = [one for one, _ in rows], [other for _, other in rows]
    estimate = kappa(first, second)
    assert estimate == kappa(second, first)
    assert -1 <= estimate.low <= estimate.value <= estimate.high <= 1


def test_unequal_lengths_and_nothing_are_refused() -> None:
    with pytest.raises(BadInputError):
        accuracy([], [])
    with pytest.raises(BadInputError):
        accuracy(["a"], [])
    with pytest.raises(BadInputError):
        kappa(["a"], ["a"], expected=1)
