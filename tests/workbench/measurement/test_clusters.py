"""Intervals of clustered shares: against Wilson's by hand, and in simulated audits of judges whose accuracy is known."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.errors import BadInputError
from workbench.measurement.clusters import clustered_share, student_quantile
from workbench.measurement.intervals import wilson


def test_cases_of_their_own_have_wilsons_interval() -> None:
    hits = [1.0] * 8 + [0.0] * 2
    assert clustered_share(hits, [str(i) for i in range(10)]) == wilson(8, 10)


def test_cases_that_always_agree_count_once_a_cluster() -> None:
    # Forty prompts, each judged wholly right or wholly wrong on three pairs: worth forty cases (times 39/40, degrees of freedom).
    hits = [float(prompt % 5 > 0) for prompt in range(40) for _ in range(3)]
    clusters = [str(prompt) for prompt in range(40) for _ in range(3)]
    found = clustered_share(hits, clusters)
    z, worth = 2.022691, 40 * 39 / 40
    half = z / (1 + z * z / worth) * math.sqrt(0.8 * 0.2 / worth + z * z / (4 * worth * worth))
    assert found.value == pytest.approx(0.8)
    assert found.n == 120
    assert (found.high - found.low) / 2 == pytest.approx(half, rel=1e-4)


def test_cases_that_do_not_cluster_are_hardly_wider_than_wilsons() -> None:
    hits = [float(i % 7 > 0) for i in range(210)]
    spread = clustered_share(hits, [str(i // 7) for i in range(210)])  # every prompt has one error in seven
    plain = wilson(180, 210)
    assert spread.high - spread.low == pytest.approx(plain.high - plain.low, rel=0.06)


def test_where_all_is_right_each_prompt_counts_once() -> None:
    found = clustered_share([1.0] * 60, [str(i // 3) for i in range(60)])
    assert found.value == found.high == 1
    assert found.low < wilson(20, 20).low  # Student's quantile is wider than the normal one
    one_prompt = clustered_share([1.0, 0.0, 1.0], ["p", "p", "p"])
    assert (one_prompt.low, one_prompt.high) == (0, 1)


@pytest.mark.parametrize(("freedom", "tabled"), [(3, 3.182446), (10, 2.228139), (30, 2.042272), (200, 1.971896)])
def test_students_quantile_is_the_tabled_one(freedom: int, tabled: float) -> None:
    assert student_quantile(freedom) == pytest.approx(tabled, rel=3e-3)


def test_bad_input_is_refused() -> None:
    with pytest.raises(BadInputError):
        clustered_share([], [])
    with pytest.raises(BadInputError):
        clustered_share([1.0], ["a", "b"])
    with pytest.raises(BadInputError):
        clustered_share([1.5], ["a"])


def audit(generator: np.random.Generator, accuracy: float, prompts: int, together: float) -> NDArray[np.float64]:
    """One audit: three comparisons of each prompt; each prompt has its own difficulty, `together` is how alike they fall out."""
    if not together:
        return generator.binomial(1, accuracy, (prompts, 3)).astype(np.float64)
    rest = 1 / together - 1
    ease = generator.beta(accuracy * rest, (1 - accuracy) * rest, (prompts, 1))
    return (generator.random((prompts, 3)) < ease).astype(np.float64)


def test_stated_intervals_hold_the_truth_and_are_hardly_wider_than_wilsons() -> None:
    """2,000 audits as the demo world has them: judges right 80 to 95 % of the time, three comparisons a prompt."""
    generator = np.random.default_rng(2026)
    held, widths = 0, []
    cases = [(accuracy, prompts, together) for accuracy in (0.8, 0.85, 0.9, 0.95) for prompts in (60, 150, 350)
             for together in (0.0, 0.05, 0.1, 0.15)]  # fmt: skip
    for number in range(2000):
        accuracy, prompts, together = cases[number % len(cases)]
        hits = audit(generator, accuracy, prompts, together).ravel()
        found = clustered_share(hits.tolist(), [str(place // 3) for place in range(len(hits))])
        plain = wilson(int(hits.sum()), len(hits))
        held += found.low <= accuracy <= found.high
        widths.append((found.high - found.low) / (plain.high - plain.low))
    assert 0.93 <= held / 2000 <= 0.98
    assert np.mean(widths) <= 1.15


def test_without_clusters_in_mind_the_intervals_would_be_too_narrow() -> None:
    """The simulation can fail: where errors come together, plain Wilson does not hold the truth often enough."""
    generator = np.random.default_rng(7)
    held = {"clustered": 0, "plain": 0}
    for _ in range(1000):
        hits = audit(generator, 0.85, 150, 0.4).ravel()
        found = clustered_share(hits.tolist(), [str(place // 3) for place in range(len(hits))])
        plain = wilson(int(hits.sum()), len(hits))
        held["clustered"] += found.low <= 0.85 <= found.high
        held["plain"] += plain.low <= 0.85 <= plain.high
    assert held["plain"] < 900
    assert held["clustered"] >= 930
