"""Agreement between judges of comparisons: accuracy, kappa against a coin flip, order flips."""

from collections.abc import Sequence

from workbench.errors import BadInputError
from workbench.measurement.clusters import clustered_share
from workbench.measurement.intervals import Estimate, wilson

CHANCE = 0.5  # two options shown in random order: a judge who knows nothing is right half the time


def accuracy(given: Sequence[str], truth: Sequence[str]) -> Estimate:
    """Return the share of verdicts that equal the truth; leave ties out before.

    Raises BadInputError where there is none or the lengths differ.
    """
    _require_pairs(given, truth)
    return wilson(sum(one == other for one, other in zip(given, truth, strict=True)), len(given))


def soft_accuracy(
    probabilities: Sequence[float], outcomes: Sequence[bool], clusters: Sequence[str] | None = None
) -> Estimate:
    """Return the share of probabilities on the right side of one half; exactly one half is right half of the time.

    clusters names the prompt each case belongs to: the interval widens where cases of one prompt go wrong together. Without
    them it is Wilson's. Raises BadInputError where there is no case or lengths differ.
    """
    _require_pairs(probabilities, outcomes)
    hits = [
        CHANCE if p == CHANCE else float((p > CHANCE) == outcome)
        for p, outcome in zip(probabilities, outcomes, strict=True)
    ]
    return clustered_share(hits, clusters if clusters is not None else [str(place) for place in range(len(hits))])


def kappa(first: Sequence[str], second: Sequence[str], expected: float = CHANCE) -> Estimate:
    """Return (p_o − p_e) / (1 − p_e), with p_e = 0.5 for two options in random order: 1 is full agreement, 0 is chance.

    The interval is the Wilson interval of p_o, carried over.
    """
    return kappa_of(accuracy(first, second), expected)


def kappa_of(observed: Estimate, expected: float = CHANCE) -> Estimate:
    """Return the kappa of an observed agreement, its interval carried over; raises BadInputError where all agree by chance."""
    if not 0 <= expected < 1:
        raise BadInputError("The agreement expected by chance must lie in [0, 1); got {expected}.", expected=expected)
    low, value, high = ((p - expected) / (1 - expected) for p in (observed.low, observed.value, observed.high))
    return Estimate(value, low, high, observed.n)


def order_flips(probabilities_ab: Sequence[float], probabilities_ba: Sequence[float]) -> Estimate:
    """Return the share of comparisons whose verdict changes with the order shown.

    Both are P(first response of the record is better), asked once as a, b and once as b, a. One half in either order
    is no verdict and so no flip.
    """
    _require_pairs(probabilities_ab, probabilities_ba)
    pairs = zip(probabilities_ab, probabilities_ba, strict=True)
    return wilson(sum((one - CHANCE) * (other - CHANCE) < 0 for one, other in pairs), len(probabilities_ab))


def _require_pairs(first: Sequence[object], second: Sequence[object]) -> None:
    if len(first) != len(second) or not first:
        raise BadInputError(
            "Agreement needs equally many verdicts on both sides; got {first_count} and {second_count}.",
            first_count=len(first),
            second_count=len(second),
        )
