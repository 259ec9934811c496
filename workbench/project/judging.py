"""Judging models' answers as a person: which pairs, what is seen of each, and the record a decision becomes."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, pairwise
from typing import get_args

from workbench.errors import BadInputError, MissingError
from workbench.project.measuring import evaluation_run
from workbench.project.project import Project
from workbench.project.reviewing import Side, side_of
from workbench.records.commands import quoted
from workbench.records.comparison import Decision
from workbench.records.draws import stream_seed
from workbench.records.evaluation import Answer, PersonJudgement
from workbench.records.identity import record_id

#: Pairs in a sample, and the win rate that so many decided pairs of two models tell from one half with 80 % power.
SAMPLES: Mapping[int, float] = {20: 0.8, 85: 0.65, 194: 0.6, 783: 0.55}


@dataclass(frozen=True)
class Pair:
    """Two models' answers to one prompt, to be judged without knowing whose they are."""

    id: str
    prompt: str
    answer_a: Answer
    answer_b: Answer


@dataclass(frozen=True)
class JudgingQueue:
    """An evaluation's pairs in the order drawn for a person, and that person's standing judgements by pair."""

    run: str
    pairs: tuple[tuple[str, str], ...]
    judged: Mapping[str, PersonJudgement]


def pair_id(answer_a: str, answer_b: str) -> str:
    """Return the name of a pair, whichever answer is named first."""
    return record_id("pair", *sorted((answer_a, answer_b)))


def judging_queue(project: Project, run_id: str, models: Sequence[str], person: str, kind: str = "") -> JudgingQueue:
    """Return the pairs between these models (all, where none is named) of an evaluation, the newest where none is named."""
    run = evaluation_run(project.store, run_id)
    by_prompt: dict[str, list[Answer]] = {}
    for answer in project.store.answers.each("run_id = ?", (run,)):
        if (not models or answer.model in models) and kind in ("", answer.kind):
            by_prompt.setdefault(answer.prompt_id, []).append(answer)
    pairs = [(a.id, b.id) for group in by_prompt.values() for a, b in combinations(group, 2) if a.text != b.text]
    standing = project.store.person_judgements.standing(run, person)
    return JudgingQueue(run, _drawn(pairs, run, person), {pair_id(one.answer_a, one.answer_b): one for one in standing})


def _drawn(pairs: list[tuple[str, str]], run: str, person: str) -> tuple[tuple[str, str], ...]:
    """Return pairs at random: each sample holds the same pairs for everybody, and each person has an order of their own."""
    common = sorted(pairs, key=lambda pair: stream_seed(0, "judging", run, pair_id(*pair)))
    ends = (0, *(size for size in SAMPLES if size < len(common)), len(common))
    parts = [common[start:end] for start, end in pairwise(ends)]
    for part in parts:
        part.sort(key=lambda pair: stream_seed(0, "judging", run, person, pair_id(*pair)))
    return tuple(pair for part in parts for pair in part)


def judging_pairs(project: Project, pairs: Iterable[tuple[str, str]]) -> list[Pair]:
    """Return what is to be seen of some pairs, in the order asked for."""
    wanted = list(pairs)
    answers = project.store.answers.get_many(list({name for pair in wanted for name in pair}))
    prompts = project.store.prompts.get_many(list({answer.prompt_id for answer in answers.values()}))
    return [
        Pair(
            pair_id(a, b),
            "\n\n".join(message.text for message in prompts[answers[a].prompt_id].messages),
            answers[a],
            answers[b],
        )
        for a, b in wanted
    ]


def person_judgement(
    pair: tuple[str, str],
    person: str,
    decision: Decision,
    side: Side,
    before: PersonJudgement | None = None,
    seconds: float = 0.0,
    reason: str = "",
) -> PersonJudgement:
    """Make a judgement that supersedes the person's one before; decision speaks of the pair's first (a) and second answer (b)."""
    supersedes = before.id if before else None
    name = record_id("person_judgement", *pair, person, decision, supersedes or "", time.time_ns())
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return PersonJudgement(name, *pair, person, decision, side, True, round(seconds, 3), reason, supersedes, now)


def judgement_between(
    project: Project, answer_a: str, answer_b: str, decision: str, person: str, reason: str = ""
) -> PersonJudgement:
    """Return a person's judgement between two answers named by id; raises where they cannot be set against each other."""
    known = get_args(Decision)
    if decision not in known:
        raise BadInputError(
            "A judgement cannot be '{decision}'; it is one of {known}.", decision=decision, known=", ".join(known)
        )
    answers = project.store.answers.get_many([answer_a, answer_b])
    for name in (answer_a, answer_b):
        if name not in answers:
            raise MissingError(
                "There is no answer {name}; list them with: workbench show {folder} answers",
                name=name,
                folder=quoted(project.folder),
            )
    if answers[answer_a].prompt_id != answers[answer_b].prompt_id or answer_a == answer_b:
        raise BadInputError("Two different answers to the same prompt can be judged; these are not.")
    before = project.store.person_judgements.last(answer_a, answer_b, person)
    if decision == "withdrawn" and (before is None or before.decision == "withdrawn"):
        raise BadInputError(
            "{person} has no judgement between {answer_a} and {answer_b} to withdraw.",
            person=person,
            answer_a=answer_a,
            answer_b=answer_b,
        )
    side = side_of(person, pair_id(answer_a, answer_b))
    chosen = next(one for one in known if one == decision)
    return person_judgement((answer_a, answer_b), person, chosen, side, before, reason=reason)
