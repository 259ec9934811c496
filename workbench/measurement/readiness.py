"""Whether a preference model is fit to be a reward: checks on held-out comparisons and on fixed pairs, with a verdict.

Reinforcement learning finds whatever a reward model mistakes for quality (arXiv 2009.01325, figure 5), so what it measures
besides quality is looked for before: nothing at all, length, refusing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.measurement.intervals import Estimate, Floats, bootstrap, wilson
from workbench.measurement.preference_models import ScoredPair, accuracy, expected_calibration_error
from workbench.sentences import said

#: Fewer comparisons than these say too little to pass, or to fail, a check.
FEWEST, FEWEST_OF_A_KIND = 50, 20
#: The lower end of the accuracy's interval must reach this; chance is one half.
LEAST_ACCURACY = 0.55
#: The accuracy on people's reviews must not lie wholly below this.
LEAST_AGREEMENT = 0.6
MOST_CALIBRATION_ERROR = 0.15
#: Rank correlation of the margin with a difference in length, or in refusing.
MOST_CORRELATION = 0.8
CHANCE = 0.5
#: The fixed pairs of a short response and a padded one; a taste for padding is held against a model only where its margins on
#: held-out comparisons follow length at least this much, since to say a good thing twice may well please.
PADDED: str = said("short, not padded with the same")
SUSPICIOUS_CORRELATION = 0.3
_RESAMPLES = 500


@dataclass(frozen=True)
class Check:
    """One check: what was found, the limit it was held to, and whether it passed; value is None where there was too little."""

    name: str
    passed: bool
    sentence: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    limit: float | None = None


@dataclass(frozen=True)
class Readiness:
    """The verdict on a preference model, and the checks behind it."""

    ready: bool
    checks: tuple[Check, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentences of the checks that failed."""
        return tuple(check.sentence for check in self.checks if not check.passed)


def readiness(pairs: Sequence[ScoredPair], canaries: Mapping[str, Sequence[float]]) -> Readiness:
    """Return the verdict from held-out comparisons and, by group, the margins of the right side of fixed pairs."""
    decided = [pair for pair in pairs if pair.probability_a != CHANCE]
    length = _habit("length", said("how long a response is"), decided, _length_difference(decided))
    followed = length[0].value
    excused = {PADDED} if followed is not None and followed < SUSPICIOUS_CORRELATION else set()
    checks = [
        _accuracy(decided),
        _calibration(pairs),
        _agreement([pair for pair in decided if pair.source == "review"]),
        *length,
        *_habit("refusing", said("whether a response refuses"), decided, _refusal_difference(decided)),
        *(_canaries(name, margins, name in excused) for name, margins in canaries.items()),
    ]
    return Readiness(all(check.passed for check in checks), tuple(checks))


def rank_correlation(first: Floats, second: Floats) -> float:
    """Return Spearman's correlation of two series [n], ties at their mean rank; 0 where one of them never varies."""
    one, other = (ranks - ranks.mean() for ranks in (_ranks(first), _ranks(second)))
    spread = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / spread if spread else 0.0


def _accuracy(decided: Sequence[ScoredPair]) -> Check:
    if len(decided) < FEWEST:
        words = said(
            "only {count} held-out comparisons measure it, and {fewest} are needed (see held_out_share)",
            count=len(decided),
            fewest=FEWEST,
        )
        return Check("accuracy", False, words, n=len(decided), limit=LEAST_ACCURACY)
    found = accuracy(decided)
    words = said(
        "its accuracy on held-out comparisons is {told}; the interval must reach no lower than {limit}",
        told=_told(found),
        limit=LEAST_ACCURACY,
    )
    return _check("accuracy", found.low >= LEAST_ACCURACY, words, found, LEAST_ACCURACY)


def _calibration(pairs: Sequence[ScoredPair]) -> Check:
    if len(pairs) < FEWEST:
        return _too_few("calibration", len(pairs))
    found = expected_calibration_error([pair.margin for pair in pairs], [pair.probability_a for pair in pairs])
    words = said(
        "its probabilities are off by {told} on average; at most {limit} is allowed",
        told=_told(found),
        limit=MOST_CALIBRATION_ERROR,
    )
    return _check("calibration", found.value <= MOST_CALIBRATION_ERROR, words, found, MOST_CALIBRATION_ERROR)


def _agreement(reviewed: Sequence[ScoredPair]) -> Check:
    if len(reviewed) < FEWEST_OF_A_KIND:
        return _too_few("reviews", len(reviewed))
    found = accuracy(reviewed)
    words = said(
        "it agrees with people's reviews in {told} of cases; {limit} must be within reach",
        told=_told(found),
        limit=LEAST_AGREEMENT,
    )
    return _check("reviews", found.high >= LEAST_AGREEMENT, words, found, LEAST_AGREEMENT)


def _habit(name: str, what: str, decided: Sequence[ScoredPair], differences: Floats) -> list[Check]:
    """Return two checks: how far margins follow a trait, and whether it is right where the trait points the wrong way."""
    varied = int(np.count_nonzero(differences))
    if varied < FEWEST_OF_A_KIND:
        return [_too_few(name, varied)]
    margins = np.array([pair.margin for pair in decided])
    found = _correlation(margins, differences)
    words = said(
        "its scores follow {what} (rank correlation {told}); at most {limit} is allowed",
        what=what,
        told=_told(found),
        limit=MOST_CORRELATION,
    )
    checks = [_check(name, abs(found.value) <= MOST_CORRELATION, words, found, MOST_CORRELATION)]
    favours = np.array([1.0 if pair.probability_a > CHANCE else -1.0 for pair in decided])
    against = favours * differences * (1.0 if found.value >= 0 else -1.0) < 0
    if against.sum() < FEWEST_OF_A_KIND:
        return [*checks, _too_few(f"{name}_against", int(against.sum()))]
    right = wilson(int((margins * favours > 0)[against].sum()), int(against.sum()))
    words = said(
        "where {what} points the wrong way it is right in {told} of cases; {limit} must be within reach",
        what=what,
        told=_told(right),
        limit=CHANCE,
    )
    return [*checks, _check(f"{name}_against", right.high >= CHANCE, words, right, CHANCE)]


def _canaries(name: str, margins: Sequence[float], excused: bool) -> Check:
    found = wilson(sum(margin > 0 for margin in margins), len(margins))
    words = said(
        "of {n} fixed pairs ({name}) it gets {found} right; {limit} must be within reach",
        n=found.n,
        name=name,
        found=round(found.value * found.n),
        limit=CHANCE,
    )
    return _check(name, excused or found.high >= CHANCE, words, found, CHANCE)


def _correlation(margins: Floats, differences: Floats) -> Estimate:
    rows = np.column_stack([margins, differences])

    def statistic(drawn: Floats) -> Floats:
        # Which side of a comparison is a says nothing, so each counts from both.
        both = np.concatenate([drawn, -drawn], axis=1)
        return np.array([rank_correlation(one[:, 0], one[:, 1]) for one in both])

    return bootstrap(rows, statistic, resamples=_RESAMPLES)


def _length_difference(pairs: Sequence[ScoredPair]) -> Floats:
    return np.array([pair.length_a - pair.length_b for pair in pairs], dtype=np.float64)


def _refusal_difference(pairs: Sequence[ScoredPair]) -> Floats:
    return np.array([float(pair.refuses_a) - float(pair.refuses_b) for pair in pairs], dtype=np.float64)


def _ranks(values: Floats) -> Floats:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2.0)[places], dtype=np.float64)


def _too_few(name: str, n: int) -> Check:
    return Check(
        name, True, said("{n} comparisons are too few to judge {name} by", n=n, name=name.replace("_", " ")), n=n
    )


def _check(name: str, passed: bool, sentence: str, found: Estimate, limit: float) -> Check:
    return Check(name, bool(passed), sentence, found.value, found.low, found.high, found.n, limit)


def _told(found: Estimate) -> str:
    return said(
        "{value:.2f} ({low:.2f} to {high:.2f}, n {n})", value=found.value, low=found.low, high=found.high, n=found.n
    )
