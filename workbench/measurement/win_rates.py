"""Win rates with ties counted apart, and Bradley–Terry strengths on the Elo scale with bootstrap intervals (evalica)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from workbench.errors import BadInputError
from workbench.measurement.intervals import Estimate, Floats, wilson

ELO_SCALE = 400.0  # points for odds of ten to one, as in the paper's figures 2 and 3
PRIOR_DRAW = 0.5  # weight of one draw added to every pair that met, so that a model that never lost stays finite
RESAMPLES = 200

Verdict = Literal["a", "b", "tie"]


@dataclass(frozen=True)
class Match:
    """One judged pair of answers to the same prompt."""

    model_a: str
    model_b: str
    verdict: Verdict


@dataclass(frozen=True)
class WinRate:
    """How one model fares against another: shares of all matches, each with its interval, and the score with ties as half."""

    wins: Estimate
    losses: Estimate
    ties: Estimate
    score: float


def win_rate(matches: Sequence[Match], model: str, against: str) -> WinRate:
    """Return the win rate of a model against another over the matches between them, whichever was shown first.

    Raises BadInputError where the two never met.
    """
    counts = {"win": 0, "loss": 0, "tie": 0}
    for match in matches:
        if (match.model_a, match.model_b) == (model, against):
            counts[_result(match.verdict, "a")] += 1
        elif (match.model_b, match.model_a) == (model, against):
            counts[_result(match.verdict, "b")] += 1
    n = sum(counts.values())
    if not n:
        raise BadInputError(f"“{model}” and “{against}” were never compared.")
    score = (counts["win"] + counts["tie"] / 2) / n
    return WinRate(wilson(counts["win"], n), wilson(counts["loss"], n), wilson(counts["tie"], n), score)


def elo_scores(
    matches: Sequence[Match], *, anchor: str | None = None, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Estimate]:
    """Return Bradley–Terry strengths as 400·log10 points, the anchor (or else the mean) at nought, ties as half a win.

    The interval is a percentile bootstrap over matches; n is the number of matches the model took part in.
    Raises BadInputError where there is no match or the anchor took part in none.
    """
    models = sorted({name for match in matches for name in (match.model_a, match.model_b)})
    if not matches or any(match.model_a == match.model_b for match in matches):
        raise BadInputError("Elo scores need matches, each between two different models.")
    if anchor is not None and anchor not in models:
        raise BadInputError(f"“{anchor}” took part in no match; choose one of: {', '.join(models)}.")
    fit = _Fit(matches, models, anchor)
    value = fit.scores(np.ones(len(matches)))
    generator = np.random.default_rng(seed)
    shares = np.full(len(matches), 1 / len(matches))
    drawn = np.array(
        [fit.scores(generator.multinomial(len(matches), shares).astype(np.float64)) for _ in range(resamples)]
    )
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    played = [sum(name in (match.model_a, match.model_b) for match in matches) for name in models]
    return {
        name: Estimate(
            float(value[i]), min(float(low[i]), float(value[i])), max(float(high[i]), float(value[i])), played[i]
        )
        for i, name in enumerate(models)
    }


class _Fit:
    """Bradley–Terry on fixed matches under changing weights."""

    def __init__(self, matches: Sequence[Match], models: list[str], anchor: str | None) -> None:
        from evalica import Winner  # noqa: PLC0415 - it brings pandas, which a window's start must not pay for

        winners = {"a": Winner.X, "b": Winner.Y, "tie": Winner.Draw}
        met = sorted({(min(m.model_a, m.model_b), max(m.model_a, m.model_b)) for m in matches})
        self._xs = [match.model_a for match in matches] + [first for first, _ in met]
        self._ys = [match.model_b for match in matches] + [second for _, second in met]
        self._winners = [winners[match.verdict] for match in matches] + [Winner.Draw] * len(met)
        self._prior = np.full(len(met), PRIOR_DRAW)
        self._models, self._anchor = models, anchor

    def scores(self, weights: Floats) -> Floats:
        """Points of each model, in the order of the models."""
        from evalica import bradley_terry  # noqa: PLC0415 - as above

        weighted = np.concatenate([weights, self._prior]).tolist()
        result = bradley_terry(self._xs, self._ys, self._winners, weights=weighted, limit=1000)
        strengths = [max(float(result.scores[name]), 1e-12) for name in self._models]
        points = np.array([ELO_SCALE * math.log10(strength) for strength in strengths])
        zero = points.mean() if self._anchor is None else points[self._models.index(self._anchor)]
        return np.asarray(points - zero, dtype=np.float64)


def _result(verdict: Verdict, side: Literal["a", "b"]) -> str:
    """The verdict seen from one side."""
    if verdict == "tie":
        return "tie"
    return "win" if verdict == side else "loss"
