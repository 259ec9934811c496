import pytest

from workbench.errors import BadInputError
from workbench.measurement.audit import BlindAnswer, audit_figures
from workbench.measurement.audit_size import error_bound, pairs_for_bound, pairs_for_width


@pytest.mark.parametrize(
    ("expected", "half_width", "pool", "pairs"),
    [(0.9, 0.05, 0, 141), (0.8, 0.05, 0, 245), (0.8, 0.1, 0, 60), (0.7, 0.03, 0, 894), (0.5, 0.02, 0, 2398),
     (0.8, 0.05, 2000, 219)],
)  # fmt: skip
def test_pairs_for_an_interval_of_a_width(expected: float, half_width: float, pool: int, pairs: int) -> None:
    assert pairs_for_width(half_width, expected, pool) == pairs


@pytest.mark.parametrize(
    ("most", "misses", "pairs"),
    [(0.05, 0, 59), (0.05, 1, 93), (0.05, 2, 124), (0.05, 5, 208), (0.1, 2, 61), (0.01, 0, 299), (0.2, 5, 50)],
)
def test_pairs_to_rule_out_a_share_of_errors(most: float, misses: int, pairs: int) -> None:
    assert pairs_for_bound(most, misses) == pairs
    assert pairs_for_bound(most, misses, pool=40) == min(40, pairs)
    assert error_bound(misses, pairs) <= most < error_bound(misses, pairs - 1)


def test_people_who_answer_the_same_pairs_rule_out_no_more_than_one_does() -> None:
    def bound(*reviewers: str, wrong: int = 2) -> float | None:
        answers = [
            BlindAnswer(f"pair {pair}", reviewer, pair >= wrong, None, False, 0.8)
            for pair in range(50)
            for reviewer in reviewers
        ]
        return audit_figures(answers).error_bound

    assert bound("ann") == bound("ann", "ben", "eva") == error_bound(2, 50)
    # One of two who sees an error is half of one; halves are rounded up, since a bound is to hold.
    half = [BlindAnswer("pair 0", name, chose, None, False, 0.8) for name, chose in (("ann", True), ("ben", False))]
    assert audit_figures(half).error_bound == error_bound(1, 1)


def test_what_cannot_be_planned_is_a_sentence() -> None:
    for wrong in (
        lambda: pairs_for_width(0, 0.8), lambda: pairs_for_width(0.05, 2), lambda: pairs_for_bound(1),
        lambda: pairs_for_bound(0.1, -1), lambda: error_bound(3, 2),
    ):  # fmt: skip
        with pytest.raises(BadInputError):
            wrong()
