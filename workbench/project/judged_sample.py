"""What a person's blind judgements of a sample say: who won how often, with intervals, and how far other people agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.measurement.intervals import Estimate, wilson
from workbench.measurement.win_rates import Match, WinRate, win_rate
from workbench.project.judging import pair_id
from workbench.project.measuring import person_judgements
from workbench.project.project import Project
from workbench.records.evaluation import Judgement


@dataclass(frozen=True)
class Pairing:
    """How a later model fared against an earlier one."""

    newer: str
    older: str
    rate: WinRate


@dataclass(frozen=True)
class JudgedSample:
    """Every pairing of the sample, how many pairs were skipped or flagged, and by other person how often they chose alike."""

    pairings: tuple[Pairing, ...]
    left_out: int
    agreement: Mapping[str, Estimate]


def judged_sample(project: Project, run: str, sample: Sequence[tuple[str, str]], person: str) -> JudgedSample:
    """Return what a person's standing judgements of these pairs of an evaluation's answers say."""
    names = {pair_id(*pair) for pair in sample}
    mine = _of_pairs(person_judgements(project.store, run, person), names)
    answers = project.store.answers.get_many([name for pair in sample for name in pair])
    models = dict.fromkeys((answers[b].model, answers[a].model) for a, b in sample)
    matches = [Match(one.model_a, one.model_b, one.verdict, one.prompt_id) for one in mine.values()]
    met = {match.models for match in matches}
    pairings = [Pairing(new, old, win_rate(matches, new, old)) for new, old in models if frozenset((new, old)) in met]
    others = {one.person for one in project.store.person_judgements.standing(run)} - {person}
    agreement = {
        other: found
        for other in sorted(others)
        if (found := _agreement(mine, _of_pairs(person_judgements(project.store, run, other), names))) is not None
    }
    return JudgedSample(tuple(pairings), len(names) - len(mine), agreement)


def _of_pairs(judged: Sequence[Judgement], names: set[str]) -> dict[str, Judgement]:
    found = {pair_id(one.answer_a, one.answer_b): one for one in judged}
    return {name: one for name, one in found.items() if name in names}


def _agreement(mine: Mapping[str, Judgement], theirs: Mapping[str, Judgement]) -> Estimate | None:
    """How often two people chose the same answer, of the pairs on which both chose one."""
    chosen = [(_winner(mine[name]), _winner(theirs[name])) for name in mine.keys() & theirs.keys()]
    both = [one == other for one, other in chosen if one and other]
    return wilson(sum(both), len(both)) if both else None


def _winner(one: Judgement) -> str:
    return {"a": one.answer_a, "b": one.answer_b}.get(one.verdict, "")
