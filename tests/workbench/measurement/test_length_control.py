"""The length-corrected win rate against gradient ascent, and on judges that only look at length."""

import numpy as np
import pytest

from workbench.measurement.length_control import length_corrected_win_rate
from workbench.measurement.win_rates import Match, win_rate


def judged(seed: int, n: int, model: float, length: float, longer: float = 8.0) -> list[Match]:
    """Matches whose judge has these log-odds for the new model and for a longer answer; new answers are longer by some words."""
    generator = np.random.default_rng(seed)
    new, old = generator.normal(40 + longer, 12, n).round(), generator.normal(40, 12, n).round()
    scale = (new - old).std()
    wins = generator.random(n) < 1 / (1 + np.exp(-(model + length * np.tanh((new - old) / scale))))
    rows = []
    for i in range(n):
        a_is_new = i % 2 == 0
        verdict = "a" if bool(wins[i]) == a_is_new else "b"
        lengths = (int(new[i]), int(old[i])) if a_is_new else (int(old[i]), int(new[i]))
        models = ("new", "old") if a_is_new else ("old", "new")
        rows.append(Match(*models, verdict, f"p{i}", *lengths))  # type: ignore[arg-type]
    return rows


def test_gradient_ascent_finds_the_same_coefficients() -> None:
    rows = judged(1, 300, 0.4, 1.5)
    found = length_corrected_win_rate(rows, "new", "old", resamples=10)
    assert found is not None
    sign = np.array([1 if row.model_a == "new" else -1 for row in rows])
    difference = sign * np.array([row.length_a - row.length_b for row in rows])
    won = np.array([(row.verdict == "a") == (row.model_a == "new") for row in rows], dtype=float)
    x = np.tanh(difference / difference.std())
    b, w = 0.0, 0.0
    for _ in range(20_000):
        gap = won - 1 / (1 + np.exp(-(b + w * x)))
        # The two half-won observations that keep it finite, a quarter of one each.
        high, low = (0.25 * (0.5 - 1 / (1 + np.exp(-(b + end * w)))) for end in (1, -1))
        b += 0.01 * (gap.sum() + high + low)
        w += 0.01 * ((gap * x).sum() + high - low)
    assert found.rate.value == pytest.approx(1 / (1 + np.exp(-b)), abs=1e-6)
    assert found.length_weight.value == pytest.approx(w, abs=1e-5)
    assert found.mean_difference == pytest.approx(difference.mean())


def test_a_judge_of_length_alone_is_unmasked() -> None:
    rows = judged(2, 800, 0.0, 2.0)
    raw = win_rate(rows, "new", "old").decided
    corrected = length_corrected_win_rate(rows, "new", "old")
    assert raw is not None
    assert corrected is not None
    assert raw.low > 0.55
    assert corrected.rate.low < 0.5 < corrected.rate.high
    assert corrected.length_weight.low > 1


def test_both_sides_see_the_same_pair() -> None:
    rows = judged(3, 200, 0.5, 1.0)
    new, old = length_corrected_win_rate(rows, "new", "old"), length_corrected_win_rate(rows, "old", "new")
    assert new is not None
    assert old is not None
    assert new.rate.value == pytest.approx(1 - old.rate.value, abs=1e-9)
    assert new.length_weight.value == pytest.approx(old.length_weight.value, abs=1e-8)


def test_all_won_stays_finite_and_equal_lengths_have_no_correction() -> None:
    won = length_corrected_win_rate(judged(4, 50, 50.0, 0.0), "new", "old")
    assert won is not None
    assert 0.9 < won.rate.value < 1
    same = [Match("new", "old", "a", f"p{i}", 10, 10) for i in range(5)]
    assert length_corrected_win_rate(same, "new", "old") is None
    assert length_corrected_win_rate([Match("new", "old", "tie", "p", 3, 9)], "new", "old") is None
