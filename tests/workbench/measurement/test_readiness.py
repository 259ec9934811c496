"""The verdict on a preference model: what a good one passes and a bad one fails, on simulated scores."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.measurement.preference_models import ScoredPair
from workbench.measurement.readiness import PADDED, Readiness, rank_correlation, readiness

RIGHT = {"kind": [1.0] * 10}


def simulated(n: int, quality: float, length: float, seed: int = 0, source: str = "label") -> list[ScoredPair]:
    """Comparisons whose labels follow a hidden quality; scores follow it, and length, as strongly as told."""
    random = np.random.default_rng(seed)
    pairs = []
    for _ in range(n):
        better, longer = random.normal(), random.integers(-30, 31)
        truth = 1 / (1 + math.exp(-2.0 * better))
        score = quality * (2.0 * better + random.normal()) + length * float(longer) / 10
        pairs.append(ScoredPair(score, 0.0, truth, source, length_a=60 + int(longer), length_b=60))
    return pairs


def failed(found: Readiness) -> set[str]:
    return {check.name for check in found.checks if not check.passed}


@pytest.mark.parametrize("seed", range(5))
def test_a_good_model_is_ready_on_a_few_hundred_comparisons(seed: int) -> None:
    found = readiness(simulated(300, 1.0, 0.0, seed), RIGHT)
    assert found.ready, found.reasons
    assert found.reasons == ()
    (accuracy,) = (check for check in found.checks if check.name == "accuracy")
    assert accuracy.value is not None
    assert 0.78 < accuracy.value < 0.92


@pytest.mark.parametrize("seed", range(5))
def test_a_model_that_knows_nothing_and_one_that_measures_length_are_not(seed: int) -> None:
    knows_nothing = readiness(simulated(300, 0.0, 0.0, seed), RIGHT)
    assert "accuracy" in failed(knows_nothing)
    assert "must reach" in knows_nothing.reasons[0]
    assert failed(readiness(simulated(300, 0.0, 1.0, seed), RIGHT)) >= {"accuracy", "length", "length_against"}


def test_a_model_of_length_is_refused_though_its_labels_are_length_too() -> None:
    random = np.random.default_rng(1)
    differences = [int(d) for d in random.integers(-30, 31, size=200) if d]
    pairs = [ScoredPair(d / 10, 0.0, 0.9 if d > 0 else 0.1, length_a=60 + d, length_b=60) for d in differences]
    assert failed(readiness(pairs, RIGHT)) == {"length"}


def test_an_inclination_to_length_that_the_labels_share_is_no_fault() -> None:
    # All better responses are longer, by amounts that say nothing about how much better they are.
    random = np.random.default_rng(2)
    pairs = [
        ScoredPair(abs(random.normal(2.0)), 0.0, 0.9, length_a=60 + int(random.integers(1, 40)), length_b=60)
        for _ in range(300)
    ]
    found = readiness(pairs, RIGHT)
    assert "length" not in failed(found)


def test_a_model_that_prefers_refusals_wherever_it_can_is_not_ready() -> None:
    good = simulated(300, 1.0, 0.0)
    refusals = [ScoredPair(-1.0, 2.0, 0.8, refuses_b=True) for _ in range(40)]
    found = readiness([*good, *refusals], RIGHT)
    assert failed(found) >= {"refusing_against"}


def test_too_few_comparisons_and_wrong_fixed_pairs_are_reasons() -> None:
    few = readiness(simulated(20, 1.0, 0.0), RIGHT)
    assert failed(few) == {"accuracy"}
    assert "only 20 held-out comparisons" in few.reasons[0]
    assert not readiness([], {}).ready
    wrong = readiness(simulated(300, 1.0, 0.0), {"kind": [-1.0] * 9 + [1.0]})
    assert wrong.reasons == ("of 10 fixed pairs (kind) it gets 1 right; 0.5 must be within reach",)


def test_a_taste_for_padding_counts_only_where_scores_follow_length() -> None:
    padding = {PADDED: [-1.0] * 10}
    assert readiness(simulated(300, 1.0, 0.0), padding).ready
    assert PADDED in failed(readiness(simulated(300, 1.0, 1.0), padding))
    assert PADDED in failed(readiness([ScoredPair(2.0, 0.0, 0.9)] * 60, padding))


def test_people_who_disagree_are_a_reason() -> None:
    reviews = [
        ScoredPair(pair.score_b, pair.score_a, pair.probability_a, "review") for pair in simulated(60, 1.0, 0.0, seed=3)
    ]
    assert "reviews" in failed(readiness([*simulated(400, 1.0, 0.0), *reviews], RIGHT))
    assert "reviews" not in failed(readiness(simulated(300, 1.0, 0.0, source="review"), RIGHT))


def test_probabilities_that_are_far_off_are_a_reason() -> None:
    certain = [ScoredPair(9.0, 0.0, 0.7) for _ in range(100)]
    assert "calibration" in failed(readiness(certain, RIGHT))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=2, max_size=12))
def test_the_rank_correlation_is_spearmans(rows: list[tuple[int, int]]) -> None:
    def ranks(values: list[int]) -> list[float]:
        return [sum(w < v for w in values) + (sum(w == v for w in values) + 1) / 2 for v in values]

    first, second = ([row[side] for row in rows] for side in (0, 1))
    x, y = ranks(first), ranks(second)
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    below = math.sqrt(sum((a - mean_x) ** 2 for a in x) * sum((b - mean_y) ** 2 for b in y))
    expected = above / below if below > 1e-9 else 0.0
    found = rank_correlation(np.array(first, dtype=np.float64), np.array(second, dtype=np.float64))
    assert found == pytest.approx(expected, abs=1e-9)
