"""Intervals: Wilson for shares; seeded percentile bootstrap for means and what is made of them."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.errors import BadInputError
from workbench.measurement.normal import Z_95

Floats = NDArray[np.float64]

RESAMPLES = 2000
_CELLS_AT_ONCE = 4_000_000  # resampled numbers held in memory at a time


@dataclass(frozen=True)
class Estimate:
    """A measured number with its 95 % interval and the number of cases it rests on."""

    value: float
    low: float
    high: float
    n: int


def wilson(count: int, n: int, z: float = Z_95) -> Estimate:
    """Return the share count / n with its Wilson score interval.

    Raises BadInputError where there is no case, or the count does not lie between 0 and n.
    """
    if n < 1 or not 0 <= count <= n:
        raise BadInputError(
            "A share needs at least one case and a count among them; got {count} of {n}.",
            count=count,
            n=n,
        )
    return wilson_score(count / n, n, n, z)


def wilson_score(share: float, worth: float, n: int, z: float = Z_95) -> Estimate:
    """Return Wilson's score interval of a share of n cases that are worth as many independent ones as `worth` says."""
    weight = z * z / worth
    centre = (share + weight / 2) / (1 + weight)
    half = z / (1 + weight) * math.sqrt(share * (1 - share) / worth + weight / (4 * worth))
    # Rounding must not push the share itself out of its interval at 0 and 1.
    return Estimate(share, max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)), n)


def bootstrap(
    rows: Floats,
    statistic: Callable[[Floats], Floats],
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> Estimate:
    """Return a statistic of rows with its percentile bootstrap interval.

    rows: (n, columns), resampled as wholes, so that what belongs to one case stays together.
    statistic: (resamples, n, columns) → (resamples,); resamples for which it is not finite are left out.
    """
    n = len(rows)
    _require_finite(rows)
    drawn = [statistic(rows[chosen]) for chosen in _draws(rows.shape, seed, resamples)]
    return _percentiles(float(statistic(rows[None])[0]), np.concatenate(drawn), n, level)


def bootstrap_mean(values: Sequence[float], *, seed: int = 0, resamples: int = RESAMPLES) -> Estimate:
    """Return the mean of values with its bootstrap interval; raises BadInputError where there are none."""
    return bootstrap_means([values], seed=seed, resamples=resamples)[0]


def bootstrap_means(series: Sequence[Sequence[float]], *, seed: int = 0, resamples: int = RESAMPLES) -> list[Estimate]:
    """Return the mean of each of some series of one length, as of one alone: the cases are drawn once for all of them.

    Raises BadInputError where a series is empty or lengths differ.
    """
    if not series:
        return []
    rows = _columns(*series)
    _require_finite(rows)
    columns = [np.ascontiguousarray(column) for column in rows.T]
    drawn: list[list[Floats]] = [[] for _ in columns]
    for chosen in _draws((len(rows), 1), seed, resamples):
        for column, found in zip(columns, drawn, strict=True):
            found.append(column.take(chosen).mean(axis=1))
    return [
        _percentiles(float(column[None].mean(axis=1)[0]), np.concatenate(found), len(rows))
        for column, found in zip(columns, drawn, strict=True)
    ]


def _draws(shape: tuple[int, ...], seed: int, resamples: int) -> Iterator[NDArray[np.int64]]:
    """Yield which rows each resample holds, as many resamples at a time as there is room for: (some, n)."""
    n = shape[0]
    generator = np.random.default_rng(seed)
    block = max(1, min(resamples, _CELLS_AT_ONCE // max(1, math.prod(shape))))
    for start in range(0, resamples, block):
        yield generator.integers(0, n, size=(min(block, resamples - start), n))


def _percentiles(value: float, drawn: Floats, n: int, level: float = 0.95) -> Estimate:
    found = drawn[np.isfinite(drawn)]
    if not found.size or not math.isfinite(value):
        return Estimate(value, math.nan, math.nan, n)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, min(float(low), value), max(float(high), value), n)


def _columns(*series: Sequence[float]) -> Floats:
    """Series of equal length as an array (n, columns)."""
    lengths = {len(one) for one in series}
    if len(lengths) != 1 or 0 in lengths:
        raise BadInputError(
            "An interval needs at least one item, and equally many on each side; got {lengths}.",
            lengths=sorted(lengths),
        )
    return np.column_stack([np.asarray(one, dtype=np.float64) for one in series])


def _require_finite(rows: Floats) -> None:
    if not np.isfinite(rows).all():
        raise BadInputError("An interval needs plain numbers; one of the values is infinite or not a number.")
