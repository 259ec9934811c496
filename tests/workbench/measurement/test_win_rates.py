"""Win rates and Elo scores against closed forms."""

import math

import pytest

from workbench.errors import BadInputError
from workbench.measurement.win_rates import Match, Verdict, elo_scores, win_rate


def _matches(a: str, b: str, wins: int, losses: int, ties: int = 0) -> list[Match]:
    counts: list[tuple[Verdict, int]] = [("a", wins), ("b", losses), ("tie", ties)]
    return [Match(a, b, verdict) for verdict, count in counts for _ in range(count)]


def test_win_rate_counts_ties_apart_and_sees_both_sides() -> None:
    rows = [*_matches("new", "old", 5, 1, 1), *_matches("old", "new", 1, 2), *_matches("new", "third", 0, 9)]
    rate = win_rate(rows, "new", "old")
    assert (rate.wins.value, rate.losses.value, rate.ties.value) == pytest.approx((0.7, 0.2, 0.1))
    assert rate.score == pytest.approx(0.75)
    assert rate.wins.n == 10
    assert win_rate(rows, "old", "new").wins == rate.losses


def test_models_that_never_met_have_no_win_rate() -> None:
    with pytest.raises(BadInputError, match="never compared"):
        win_rate(_matches("a", "b", 1, 0), "a", "c")


def test_two_models_lie_apart_by_the_log_of_their_odds() -> None:
    # With the half draw of the prior: odds (300 + 0.25) / (100 + 0.25).
    scores = elo_scores(_matches("new", "old", 300, 100), anchor="old", resamples=100)
    assert scores["old"].value == 0
    assert scores["new"].value == pytest.approx(400 * math.log10(300.25 / 100.25), abs=0.5)
    assert scores["new"].low < scores["new"].value < scores["new"].high
    # Textbook: the standard error of the log odds is √(1/300 + 1/100).
    half = 1.96 * math.sqrt(1 / 300 + 1 / 100) * 400 / math.log(10)
    assert (scores["new"].high - scores["new"].low) / 2 == pytest.approx(half, rel=0.3)
    assert scores["new"].n == 400


def test_three_models_keep_to_the_scale() -> None:
    # Strengths 4 : 2 : 1, each pair met 60 times at exactly its odds.
    rows = [*_matches("x", "y", 40, 20), *_matches("y", "z", 40, 20), *_matches("x", "z", 48, 12)]
    scores = elo_scores(rows, resamples=20)
    assert sum(score.value for score in scores.values()) == pytest.approx(0, abs=1e-6)
    assert scores["x"].value - scores["z"].value == pytest.approx(400 * math.log10(4), rel=0.03)
    assert scores["x"].value - scores["y"].value == pytest.approx(400 * math.log10(2), rel=0.03)


def test_only_ties_leave_models_level_and_who_never_lost_stays_finite() -> None:
    assert elo_scores(_matches("a", "b", 0, 0, 8), resamples=10)["a"].value == pytest.approx(0, abs=1e-6)
    assert 0 < elo_scores(_matches("a", "b", 8, 0), resamples=10)["a"].value < 1000


def test_the_same_seed_gives_the_same_interval() -> None:
    rows = _matches("a", "b", 7, 4, 2)
    assert elo_scores(rows, seed=3, resamples=30) == elo_scores(rows, seed=3, resamples=30)


def test_no_matches_an_unknown_anchor_or_a_match_with_oneself_are_refused() -> None:
    with pytest.raises(BadInputError):
        elo_scores([])
    with pytest.raises(BadInputError, match="took part in no match"):
        elo_scores(_matches("a", "b", 1, 1), anchor="c")
    with pytest.raises(BadInputError):
        elo_scores(_matches("a", "a", 1, 0))
