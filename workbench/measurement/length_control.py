"""Length-corrected win rate: what would be left of a model's wins if its answers were as long as the other's.

Logistic regression of the verdict on the difference of lengths, after length-controlled AlpacaEval (arXiv 2404.04475) and
RLAIF (arXiv 2309.00267): P(win) = σ(model + length · tanh(Δ / s)), Δ in words, s their spread; corrected is σ(model).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.measurement.intervals import Estimate, Floats
from workbench.measurement.resampling import cluster_places, draw_clusters
from workbench.measurement.win_rates import Match, Ties, clusters_of, result_for

RESAMPLES = 500
#: Half-won observations of this weight at either end of the length scale keep coefficients finite where all was won.
_BOUNDING_WEIGHT = 0.25
_MOST_STEPS = 200


@dataclass(frozen=True)
class LengthCorrected:
    """The win rate at equal length, the weight of length in log-odds, and the mean difference of lengths in words."""

    rate: Estimate
    length_weight: Estimate
    mean_difference: float


def length_corrected_win_rate(
    matches: Sequence[Match],
    model: str,
    against: str,
    *,
    ties: Ties = "left_out",
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> LengthCorrected | None:
    """Return the win rate of a model against another at equal length, with bootstrap intervals over prompts.

    None where no match was decided or all pairs differ by the same length, so that length cannot be told from the model.
    """
    used = [m for m in matches if m.models == {model, against} and (ties == "half_win" or m.verdict != "tie")]
    differences = np.array([_difference(match, model) for match in used], dtype=np.float64)
    if not used or np.ptp(differences) == 0:
        return None
    results = np.array([result_for(match, model) for match in used])
    lengths = np.tanh(differences / differences.std())
    places, count = cluster_places(clusters_of(used))
    weights = draw_clusters(count, resamples, seed)[:, places]
    value = _fit(lengths, results, np.ones((1, len(used))))[0]
    drawn = _fit(lengths, results, weights)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    rate = Estimate(_share(value[0]), _share(min(low[0], value[0])), _share(max(high[0], value[0])), len(used))
    weight = Estimate(float(value[1]), float(min(low[1], value[1])), float(max(high[1], value[1])), len(used))
    return LengthCorrected(rate, weight, float(differences.mean()))


def _difference(match: Match, model: str) -> int:
    difference = match.length_a - match.length_b
    return difference if match.model_a == model else -difference


def _share(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def _fit(lengths: Floats, results: Floats, weights: Floats) -> Floats:
    """Intercept and slope of each weighted logistic regression by Newton's method: weights (fits, n) → (fits, 2)."""
    design = np.column_stack([np.ones(len(lengths) + 2), np.append(lengths, [1.0, -1.0])])
    targets = np.append(results, [0.5, 0.5])
    weights = np.hstack([weights, np.full((len(weights), 2), _BOUNDING_WEIGHT)])
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), 4)
    found = np.zeros((len(weights), 2))
    for _ in range(_MOST_STEPS):
        expected = 1 / (1 + np.exp(-found @ design.T))
        slope = (weights * (targets - expected)) @ design
        bend = (weights * expected * (1 - expected) @ products).reshape(-1, 2, 2)
        step = np.linalg.solve(bend, slope[:, :, None])[:, :, 0]
        found += np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-9:
            break
    return found
