"""Calibration: is a probability of 0.8 right four times out of five? Reliability bins and expected calibration error."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadInputError
from workbench.measurement.intervals import RESAMPLES, Estimate, Floats, bootstrap, wilson

Binning = Literal["equal_width", "equal_mass"]


@dataclass(frozen=True)
class ReliabilityBin:
    """One bar of a reliability diagram: range and mean of the probabilities, and how often the outcome came true."""

    low: float
    high: float
    mean_probability: float
    observed: Estimate

    @property
    def n(self) -> int:
        """How many cases fall into the bin."""
        return self.observed.n


def reliability_bins(
    probabilities: Sequence[float], outcomes: Sequence[bool], *, bins: int = 10, binning: Binning = "equal_width"
) -> list[ReliabilityBin]:
    """Return the bins that hold a case, from low to high, each share with its Wilson interval (paper figure 9).

    equal_width: ranges of the same width over [0, 1]; equal_mass: as many cases in each as possible.
    """
    rows = _rows(probabilities, outcomes)
    places = _places(rows[None, :, 0], bins, binning)[0]
    found: list[ReliabilityBin] = []
    for place in range(bins):
        inside = rows[places == place]
        if len(inside):
            low, high = _edges(inside[:, 0], place, bins, binning)
            observed = wilson(int(inside[:, 1].sum()), len(inside))
            found.append(ReliabilityBin(low, high, float(inside[:, 0].mean()), observed))
    return found


def expected_calibration_error(
    probabilities: Sequence[float],
    outcomes: Sequence[bool],
    *,
    bins: int = 10,
    binning: Binning = "equal_width",
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Return Σ (bin size / n) · |share that came true − mean probability|, between 0 and 1, with a bootstrap interval.

    The estimate is biased upwards on few cases, and resamples of it more so: read the interval as a hint of its spread.
    Raises BadInputError where there is no case, lengths differ, or a probability lies outside [0, 1].
    """
    rows = _rows(probabilities, outcomes)
    return bootstrap(rows, lambda drawn: _error(drawn, bins, binning), seed=seed, resamples=resamples)


def _error(drawn: Floats, bins: int, binning: Binning) -> Floats:
    """The calibration error of each resample: (resamples, n, 2) → (resamples,)."""
    count, n = drawn.shape[:2]
    places = _places(drawn[:, :, 0], bins, binning) + bins * np.arange(count)[:, None]
    gaps = np.bincount(places.ravel(), weights=(drawn[:, :, 1] - drawn[:, :, 0]).ravel(), minlength=bins * count)
    return np.asarray(np.abs(gaps).reshape(count, bins).sum(axis=1) / n, dtype=np.float64)


def _places(probabilities: Floats, bins: int, binning: Binning) -> NDArray[np.int64]:
    """The bin of each probability: (resamples, n) → (resamples, n); equal mass goes by rank within a resample."""
    if binning == "equal_width":
        return np.minimum((probabilities * bins).astype(np.int64), np.int64(bins - 1))
    ranks = probabilities.argsort(axis=1, kind="stable").argsort(axis=1, kind="stable")
    return np.asarray(ranks * bins // probabilities.shape[1], dtype=np.int64)


def _edges(inside: Floats, place: int, bins: int, binning: Binning) -> tuple[float, float]:
    """The range of a bin: its share of [0, 1], or the least and greatest probability in it."""
    if binning == "equal_width":
        return place / bins, (place + 1) / bins
    return float(inside.min()), float(inside.max())


def _rows(probabilities: Sequence[float], outcomes: Sequence[bool]) -> Floats:
    """Probabilities and outcomes as an array (n, 2)."""
    if len(probabilities) != len(outcomes) or not probabilities:
        raise BadInputError(
            "Calibration needs one outcome for each probability; got {probabilities_count} and {outcomes_count}.",
            probabilities_count=len(probabilities),
            outcomes_count=len(outcomes),
        )
    rows = np.column_stack([np.asarray(probabilities, dtype=np.float64), np.asarray(outcomes, dtype=np.float64)])
    if not (np.isfinite(rows).all() and (rows >= 0).all() and (rows <= 1).all()):
        raise BadInputError("Calibration needs probabilities between 0 and 1.")
    return rows
