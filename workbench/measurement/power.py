"""How many pairs must be judged to tell a win rate from one half."""

import math
from statistics import NormalDist

from workbench.errors import BadInputError

LEVEL = 0.05
POWER = 0.8
_EVEN = 0.5


def pairs_needed(share: float, *, ties: float = 0.0, level: float = LEVEL, power: float = POWER) -> int:
    """Return how many pairs must be judged to tell a win rate of `share` among the decided from one half.

    Two-sided test at `level`; `ties` is the share of pairs that will be ties, which decide nothing.
    Raises BadInputError where there is no difference to find or everything is a tie.
    """
    if not 0 < share < 1 or share == _EVEN:
        raise BadInputError(
            "A win rate to find lies between 0 and 1 and is not one half; got {share:g}.",
            share=share,
        )
    if not 0 <= ties < 1:
        raise BadInputError("The share of ties must lie in [0, 1); got {ties:g}.", ties=ties)
    spread = _quantile(1 - level / 2) * _EVEN + _quantile(power) * math.sqrt(share * (1 - share))
    return math.ceil((spread / (share - _EVEN)) ** 2 / (1 - ties))


def detectable_share(pairs: int, *, ties: float = 0.0, level: float = LEVEL, power: float = POWER) -> float:
    """Return the least win rate above one half that so many pairs are enough to find; 1 where none is."""
    low, high = _EVEN, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        enough = middle < 1 and pairs_needed(middle, ties=ties, level=level, power=power) <= pairs
        low, high = (low, middle) if enough else (middle, high)
    return high


def _quantile(share: float) -> float:
    return NormalDist().inv_cdf(share)
