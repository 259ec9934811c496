"""What blind answers on a random sample say of labels: agreement, kappa, calibration, and how people agree among themselves."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

from workbench.measurement.agreement import kappa_of, soft_accuracy
from workbench.measurement.audit_size import error_bound
from workbench.measurement.calibration import ReliabilityBin, expected_calibration_error, reliability_bins
from workbench.measurement.clusters import clustered_share
from workbench.measurement.intervals import Estimate, wilson

#: A reliability bin of fewer answers says next to nothing.
_LEAST_IN_A_BIN = 8
_MOST_BINS = 10


@dataclass(frozen=True)
class BlindAnswer:
    """A person's answer beside the label they could not see; chose_a is None for a tie or where both are bad."""

    comparison_id: str
    reviewer: str
    chose_a: bool | None
    #: Whether the response on the left was chosen.
    chose_left: bool | None
    both_bad: bool
    probability_a: float
    principle_id: str = ""


@dataclass(frozen=True)
class AuditFigures:
    """The figures of an audit; those that nothing can be said of yet are None.

    agreement is the share of decided answers the label agrees with; kappa takes a coin's 0.5 for chance; human is how often two
    people agree on one comparison, the ceiling of what a label can reach; error_bound is what the misses rule out, where a
    comparison that several people answered is one case.
    """

    answers: int = 0
    decided: int = 0
    ties: int = 0
    both_bad: int = 0
    agreement: Estimate | None = None
    kappa: Estimate | None = None
    human: Estimate | None = None
    human_kappa: Estimate | None = None
    left_side: Estimate | None = None
    misses: int = 0
    error_bound: float | None = None
    brier: float | None = None
    calibration_error: Estimate | None = None
    calibration: tuple[ReliabilityBin, ...] = ()
    by_principle: dict[str, Estimate] = field(default_factory=dict)
    #: The comparisons each figure rests on: decided, missed, undecided, between people; and of each principle's name.
    behind: dict[str, tuple[str, ...]] = field(default_factory=dict)
    behind_principle: dict[str, tuple[str, ...]] = field(default_factory=dict)


def audit_figures(answers: Sequence[BlindAnswer]) -> AuditFigures:
    """Measure labels against blind answers; several answers on one comparison widen the intervals as one cluster."""
    decided = [one for one in answers if one.chose_a is not None]
    both_bad = sum(one.both_bad for one in answers)
    human = _between_people(decided)
    found = AuditFigures(
        answers=len(answers),
        decided=len(decided),
        ties=len(answers) - len(decided) - both_bad,
        both_bad=both_bad,
        human=human,
        human_kappa=kappa_of(human) if human else None,
        behind=_behind(answers, decided),
    )
    return _with_labels(found, decided) if decided else found


def _with_labels(found: AuditFigures, decided: Sequence[BlindAnswer]) -> AuditFigures:
    agreement = _agreement(decided)
    probabilities, outcomes = [one.probability_a for one in decided], [bool(one.chose_a) for one in decided]
    missed = [_missed(one) for one in decided]
    bins = max(1, min(_MOST_BINS, len(decided) // _LEAST_IN_A_BIN))
    groups: dict[str, list[BlindAnswer]] = defaultdict(list)
    for one in decided:
        groups[one.principle_id].append(one)
    return AuditFigures(
        found.answers,
        found.decided,
        found.ties,
        found.both_bad,
        agreement,
        kappa_of(agreement),
        found.human,
        found.human_kappa,
        wilson(sum(bool(one.chose_left) for one in decided), len(decided)),
        sum(missed),
        _error_bound(decided, missed),
        sum((p - chosen) ** 2 for p, chosen in zip(probabilities, outcomes, strict=True)) / len(decided),
        expected_calibration_error(probabilities, outcomes, bins=bins, binning="equal_mass"),
        tuple(reliability_bins(probabilities, outcomes, bins=bins, binning="equal_mass")),
        {name: _agreement(some) for name, some in sorted(groups.items())},
        found.behind,
        {name: _named(some) for name, some in sorted(groups.items())},
    )


def _missed(one: BlindAnswer) -> bool:
    """Whether the label says the other response; a label of one half says none."""
    return one.probability_a != 0.5 and (one.probability_a > 0.5) != one.chose_a


def _behind(answers: Sequence[BlindAnswer], decided: Sequence[BlindAnswer]) -> dict[str, tuple[str, ...]]:
    people: dict[str, set[str]] = defaultdict(set)
    for one in decided:
        people[one.comparison_id].add(one.reviewer)
    return {
        "decided": _named(decided),
        "missed": _named([one for one in decided if _missed(one)]),
        "undecided": _named([one for one in answers if one.chose_a is None]),
        "people": tuple(name for name, who in people.items() if len(who) > 1),
    }


def _named(answers: Sequence[BlindAnswer]) -> tuple[str, ...]:
    """The comparisons that were answered, each once."""
    return tuple(dict.fromkeys(one.comparison_id for one in answers))


def _error_bound(decided: Sequence[BlindAnswer], missed: Sequence[bool]) -> float:
    """Return the share of errors ruled out: people who answer the same comparison tell of one label, not of several."""
    pairs: dict[str, list[bool]] = defaultdict(list)
    for one, miss in zip(decided, missed, strict=True):
        pairs[one.comparison_id].append(miss)
    return error_bound(math.ceil(sum(Fraction(sum(some), len(some)) for some in pairs.values())), len(pairs))


def _agreement(decided: Sequence[BlindAnswer]) -> Estimate:
    return soft_accuracy(
        [one.probability_a for one in decided],
        [bool(one.chose_a) for one in decided],
        [one.comparison_id for one in decided],
    )


def _between_people(decided: Sequence[BlindAnswer]) -> Estimate | None:
    """The share of pairs of people that agree on a comparison, each comparison a cluster."""
    groups: dict[str, dict[str, bool | None]] = defaultdict(dict)
    for one in decided:
        groups[one.comparison_id][one.reviewer] = one.chose_a
    hits: list[float] = []
    clusters: list[str] = []
    for name, chosen in groups.items():
        same = [float(first == second) for first, second in combinations(chosen.values(), 2)]
        hits += same
        clusters += [name] * len(same)
    return clustered_share(hits, clusters) if hits else None
