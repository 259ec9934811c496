"""Bradley–Terry strengths on the Elo scale, by maximum likelihood, with bootstrap intervals over prompts (paper section 3.3)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadInputError
from workbench.measurement.intervals import Estimate, Floats
from workbench.measurement.resampling import cluster_places, draw_clusters
from workbench.measurement.win_rates import Match, Ties, clusters_of, result_for

ELO_SCALE = 400.0  # points for odds of ten to one, as in the paper's figures 2 and 3
RESAMPLES = 1000
#: Draws added to each pair that met where the likelihood has no maximum, so that who never lost stays finite.
BOUNDING_DRAWS = 0.5
_MOST_STEPS = 200
_LONGEST_STEP = 2.0


@dataclass(frozen=True)
class EloScores:
    """Points of each model, and what they rest on; bounded says that a model won or lost all and draws were added."""

    scores: dict[str, Estimate]
    matches: int
    ties: int
    ties_as: Ties
    bounded: bool


def elo_scores(
    matches: Sequence[Match],
    *,
    anchor: str | None = None,
    ties: Ties = "left_out",
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> EloScores:
    """Return Bradley–Terry strengths in points of 400·log10, the anchor (or else the mean) at nought.

    The interval is a percentile bootstrap over prompts; a model's n is the number of matches behind its points. Only
    differences mean anything. Raises BadInputError where no match is left, models are not linked, or the anchor never met one.
    """
    used = [match for match in matches if ties == "half_win" or match.verdict != "tie"]
    models = sorted({name for match in used for name in match.models})
    _require_linked(used, models, anchor)
    tally = _tally(used, models)
    drawn = draw_clusters(len(tally), resamples, seed) @ tally.reshape(len(tally), -1)
    zero = None if anchor is None else models.index(anchor)
    whole = tally.sum(axis=0)[None]
    value = _points(whole, whole, zero)[0]
    low, high = np.quantile(_points(drawn.reshape(resamples, *whole.shape[1:]), whole, zero), [0.025, 0.975], axis=0)
    found = {
        name: Estimate(float(at), min(float(low[i]), float(at)), max(float(high[i]), float(at)), _played(used, name))
        for i, (name, at) in enumerate(zip(models, value, strict=True))
    }
    tied = sum(match.verdict == "tie" for match in matches)
    return EloScores(found, len(matches), tied, ties, not bool(_has_maximum(whole)[0]))


def expected_share(points: float) -> float:
    """Return the share of decided matches a model wins that lies so many points above the other."""
    return float(1 / (1 + 10 ** (-points / ELO_SCALE)))


def _played(matches: Sequence[Match], name: str) -> int:
    return sum(name in match.models for match in matches)


def _require_linked(matches: Sequence[Match], models: list[str], anchor: str | None) -> None:
    if not matches or any(len(match.models) < 2 for match in matches):
        raise BadInputError("Elo scores need decided matches, each between two different models.")
    if anchor is not None and anchor not in models:
        raise BadInputError(
            "“{anchor}” took part in no decided match; choose one of: {models}.",
            anchor=anchor,
            models=", ".join(models),
        )
    linked = {models[0]}
    while more := {name for match in matches if match.models & linked for name in match.models} - linked:
        linked |= more
    if left := sorted(set(models) - linked):
        raise BadInputError(
            "No chain of decided matches links {left} with {models}; judge pairs between them as well.",
            left=", ".join(left),
            models=models[0],
        )


def _tally(matches: Sequence[Match], models: list[str]) -> Floats:
    """Wins of the row's model over the column's: (prompts, models, models)."""
    places, count = cluster_places(clusters_of(matches))
    wins = np.zeros((count, len(models), len(models)))
    for place, match in zip(places, matches, strict=True):
        a, b = models.index(match.model_a), models.index(match.model_b)
        result = result_for(match, match.model_a)
        wins[place, a, b] += result
        wins[place, b, a] += 1 - result
    return wins


def _has_maximum(wins: Floats) -> NDArray[np.bool_]:
    """Say for each table of wins whether every model beats every other by some chain of wins (Ford 1957)."""
    reach = (wins > 0) | np.eye(wins.shape[1], dtype=bool)
    for _ in range(max(1, math.ceil(math.log2(wins.shape[1])))):
        reach = (reach.astype(np.float64) @ reach.astype(np.float64)) > 0
    return np.asarray(reach.all(axis=(1, 2)), dtype=np.bool_)


def _points(wins: Floats, whole: Floats, zero: int | None) -> Floats:
    """Points of each model under each table of wins: (tables, models, models) → (tables, models)."""
    met = BOUNDING_DRAWS / 2 * ((whole + whole.transpose(0, 2, 1)) > 0)
    bounded = wins + np.where(_has_maximum(wins)[:, None, None], 0.0, met)
    strengths = _maximum(bounded)
    origin = strengths.mean(axis=1) if zero is None else strengths[:, zero]
    return np.asarray((strengths - origin[:, None]) * ELO_SCALE / math.log(10), dtype=np.float64)


def _maximum(wins: Floats) -> Floats:
    """Maximise Σ wins_ij · log σ(s_i − s_j) by Newton's method, all tables at once, strengths of mean nought."""
    tables, models = wins.shape[:2]
    met = wins + wins.transpose(0, 2, 1)
    strengths = np.zeros((tables, models))
    for _ in range(_MOST_STEPS):
        expected = 1 / (1 + np.exp(strengths[:, None, :] - strengths[:, :, None]))
        slope = (wins - met * expected).sum(axis=2)
        bend = met * expected * (1 - expected)
        # The ones hold the mean, along which the likelihood is flat.
        hessian = np.eye(models) * bend.sum(axis=2)[:, :, None] - bend + 1 / models
        step = np.linalg.solve(hessian, slope[:, :, None])[:, :, 0]
        strengths += np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        if np.abs(step).max() < 1e-10:
            break
    return strengths
