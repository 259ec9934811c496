"""How many pairs an audit needs: for an interval of some width, or to bound the share of errors."""

import math

from workbench.errors import BadInputError
from workbench.measurement.intervals import wilson_score
from workbench.measurement.normal import Z_95

LEVEL = 0.05
_MOST = 10_000_000


def pairs_for_width(half_width: float, expected: float, pool: int = 0) -> int:
    """Return the least number of pairs whose 95 % Wilson interval reaches at most half_width to either side on average.

    expected is the share one expects to find; pool, where given, is how many pairs there are, of which a large part tells more.
    """
    if not 0 < half_width < 0.5:
        raise BadInputError(
            "The half-width of an interval lies between 0 and 0.5; got {half_width:g}.",
            half_width=half_width,
        )
    if not 0 <= expected <= 1:
        raise BadInputError("The agreement to expect lies between 0 and 1; got {expected:g}.", expected=expected)
    low, high = 1, _MOST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _half_width(expected, middle) <= half_width else (middle + 1, high)
    return math.ceil(low / (1 + (low - 1) / pool)) if pool > 0 else low


def pairs_for_bound(most_errors: float, misses: int = 0, pool: int = 0) -> int:
    """Return the least number of pairs that show, with 95 % confidence, fewer errors than most_errors, if misses are wrong.

    The binomial probability of so few misses, were the share as large as that, is at most 5 %. Never more than the pool.
    """
    if not 0 < most_errors < 1:
        raise BadInputError(
            "The share of errors to rule out lies between 0 and 1; got {most_errors:g}.",
            most_errors=most_errors,
        )
    if misses < 0:
        raise BadInputError("The number of misses to allow is not negative; got {misses}.", misses=misses)
    low, high = misses + 1, _MOST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _at_most(misses, middle, most_errors) <= LEVEL else (middle + 1, high)
    return min(low, pool) if pool > 0 else low


def error_bound(misses: int, n: int) -> float:
    """Return the share of errors that so many misses among n pairs rule out with 95 % confidence (one-sided, exact)."""
    if n < 1 or not 0 <= misses <= n:
        raise BadInputError(
            "A bound needs at least one pair and the misses among them; got {misses} of {n}.",
            misses=misses,
            n=n,
        )
    low, high = misses / n, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _at_most(misses, n, middle) <= LEVEL else (middle, high)
    return high


def _half_width(share: float, n: int) -> float:
    found = wilson_score(share, n, n, Z_95)
    return (found.high - found.low) / 2


def _at_most(misses: int, n: int, share: float) -> float:
    """The probability of at most so many misses among n, each with probability `share`."""
    if share >= 1:
        return float(misses >= n)
    logs = (
        math.lgamma(n + 1)
        - math.lgamma(k + 1)
        - math.lgamma(n - k + 1)
        + k * math.log(share)
        + (n - k) * math.log1p(-share)
        for k in range(misses + 1)
        if k <= n
    )
    return math.fsum(math.exp(one) for one in logs)
