"""Elo scores against closed forms, against another implementation, and their intervals against repeated samples."""

import dataclasses
import math

import numpy as np
import pytest
from evalica import Winner, bradley_terry

from tests.workbench.measurement.matches import matches
from workbench.errors import BadInputError
from workbench.measurement.elo import elo_scores, expected_share
from workbench.measurement.resampling import draw_clusters
from workbench.measurement.win_rates import Match

#: Four models, every two met, some pairs more often; ties among them.
ROUND_ROBIN = [
    *matches("w", "x", 30, 12, 5),
    *matches("w", "y", 25, 4, 1),
    *matches("x", "y", 14, 9, 7),
    *matches("y", "z", 20, 11, 2),
    *matches("z", "w", 3, 40, 4),
    *matches("x", "z", 9, 6),
]


def test_two_models_lie_apart_by_the_log_of_their_odds() -> None:
    found = elo_scores(matches("new", "old", 300, 100), anchor="old")
    new = found.scores["new"]
    assert found.scores["old"].value == 0
    assert new.value == pytest.approx(400 * math.log10(3), abs=1e-6)
    # Textbook: the standard error of the log odds is √(1/300 + 1/100).
    half = 1.96 * math.sqrt(1 / 300 + 1 / 100) * 400 / math.log(10)
    assert (new.high - new.low) / 2 == pytest.approx(half, rel=0.15)
    assert (new.n, found.matches, found.ties, found.bounded) == (400, 400, 0, False)
    assert expected_share(new.value) == pytest.approx(0.75)


@pytest.mark.parametrize("ties", ["left_out", "half_win"])
def test_another_implementation_finds_the_same_strengths(ties: str) -> None:
    used = [match for match in ROUND_ROBIN if ties == "half_win" or match.verdict != "tie"]
    winners = {"a": Winner.X, "b": Winner.Y, "tie": Winner.Draw}
    theirs = bradley_terry(
        [match.model_a for match in used],
        [match.model_b for match in used],
        [winners[match.verdict] for match in used],
        tolerance=1e-12,
        limit=10_000,
    ).scores
    ours = elo_scores(ROUND_ROBIN, ties=ties, resamples=10)  # type: ignore[arg-type]
    for one in "wxyz":
        for other in "wxyz":
            expected = 400 * math.log10(theirs[one] / theirs[other])
            assert ours.scores[one].value - ours.scores[other].value == pytest.approx(expected, abs=1e-3)
    assert ours.ties == 19


def test_at_the_maximum_expected_wins_equal_wins() -> None:
    scores = elo_scores(ROUND_ROBIN, resamples=10).scores
    for model in "wxyz":
        decided = [match for match in ROUND_ROBIN if model in match.models and match.verdict != "tie"]
        wins = sum((match.verdict == "a") == (match.model_a == model) for match in decided)
        others = [next(iter(match.models - {model})) for match in decided]
        expected = sum(expected_share(scores[model].value - scores[other].value) for other in others)
        assert expected == pytest.approx(wins, abs=1e-6)


def test_ties_left_out_are_counted_and_half_wins_pull_together() -> None:
    rows = matches("new", "old", 30, 10, 40)
    left_out, half = elo_scores(rows, anchor="old"), elo_scores(rows, anchor="old", ties="half_win")
    assert left_out.ties == half.ties == 40
    assert left_out.scores["new"].n == 40
    assert half.scores["new"].value == pytest.approx(400 * math.log10(50 / 30), abs=1e-6)
    assert left_out.scores["new"].value == pytest.approx(400 * math.log10(3), abs=1e-6)


def test_matches_on_one_prompt_are_drawn_together() -> None:
    single = [Match("new", "old", "a" if i % 3 else "b", f"p{i}") for i in range(90)]
    tenfold = single * 10  # the same ninety prompts, ten equal matches on each: no more is known than before
    apart = [dataclasses.replace(match, prompt="") for match in tenfold]
    width = {
        name: elo_scores(rows, anchor="old").scores["new"].high - elo_scores(rows, anchor="old").scores["new"].low
        for name, rows in {"single": single, "tenfold": tenfold, "apart": apart}.items()
    }
    assert width["tenfold"] == pytest.approx(width["single"], rel=1e-6)
    assert width["apart"] == pytest.approx(width["single"] / math.sqrt(10), rel=0.15)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    truth = 400 * math.log10(3 / 2)
    draws = np.random.default_rng(5).binomial(150, 0.6, size=200)
    held = 0
    for wins in draws:
        new = elo_scores(matches("new", "old", int(wins), 150 - int(wins)), anchor="old", resamples=200).scores["new"]
        held += new.low <= truth <= new.high
    assert 0.91 <= held / 200 <= 0.98


def test_who_never_lost_stays_finite_and_the_scores_say_so() -> None:
    found = elo_scores(matches("a", "b", 8, 0))
    assert found.bounded
    assert found.scores["a"].value - found.scores["b"].value == pytest.approx(400 * math.log10(8.25 / 0.25), abs=1e-6)


def test_the_same_seed_gives_the_same_interval() -> None:
    assert elo_scores(ROUND_ROBIN, seed=3, resamples=30) == elo_scores(ROUND_ROBIN, seed=3, resamples=30)


def test_what_cannot_be_scored_is_refused() -> None:
    with pytest.raises(BadInputError):
        elo_scores([])
    with pytest.raises(BadInputError):
        elo_scores(matches("a", "b", 0, 0, 4))
    with pytest.raises(BadInputError, match="took part in no decided match"):
        elo_scores(matches("a", "b", 1, 1), anchor="c")
    with pytest.raises(BadInputError):
        elo_scores(matches("a", "a", 1, 0))
    with pytest.raises(BadInputError, match="links c, d with a"):
        elo_scores([*matches("a", "b", 1, 1), *matches("c", "d", 1, 1)])


def test_what_is_drawn_of_clusters_is_drawn_once_and_cannot_be_spoilt() -> None:
    drawn = draw_clusters(7, 20, 3)
    assert draw_clusters(7, 20, 3) is drawn
    assert (drawn == np.random.default_rng(3).multinomial(7, np.full(7, 1 / 7), size=20)).all()
    with pytest.raises(ValueError, match="read-only"):
        drawn[0, 0] = 1
    assert draw_clusters(1001, 1000, 3) is not draw_clusters(1001, 1000, 3)  # too many to keep
