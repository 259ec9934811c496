"""What the page Evaluate shows: evaluations and what they found, how far a judge is to be believed, and what got worse."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log
from typing import Any

from workbench.measurement.intervals import Estimate, wilson
from workbench.project.figures import JUDGE_TITLES, Evaluated, MeasureRequest, evaluation_figures, judge_measures
from workbench.project.judging import pair_id
from workbench.project.measuring import evaluated, evaluation_run, person_judgements
from workbench.project.project import Project
from workbench.project.test_sets import Comparability, comparability
from workbench.records.evaluation import EVERY, Answer, Judgement, Verdict
from workbench.records.prompt import Prompt
from workbench.store.database import Store

_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Model:
    """A model that answered in an evaluation, and the hash of the weights that wrote its answers."""

    name: str
    weights: str
    answers: int
    from_run: str = ""


@dataclass(frozen=True)
class Validity:
    """How far a judge is to be believed: how often it agrees with people on the pairs they judged blind, and flips by order."""

    agreement: Estimate | None
    flips: Estimate | None


@dataclass(frozen=True)
class Findings:
    """An evaluation's models, figures as measure gives them, each judge's validity by its title, and what all that is of."""

    run: str
    created: str
    models: tuple[Model, ...]
    prompts: Mapping[str, int]
    measured: dict[str, Any]
    validity: Mapping[str, Validity]
    comparable: Comparability
    left: Evaluated = field(repr=False)


@dataclass(frozen=True)
class Regression:
    """A prompt on which a judge found the newer model's answer worse; loss is how far, where the judge gives numbers."""

    prompt_id: str
    prompt: str
    kind: str
    older: Answer
    newer: Answer
    loss: float | None
    flip: bool = False


@dataclass(frozen=True)
class NearChain:
    """A chain that the models may have learned from, whose prompt is much like another; likeness from 0 to 1."""

    chain_id: str
    prompt: str
    final: str
    likeness: float


def evaluations(project: Project) -> list[str]:
    """Return the evaluations that may be looked at, newest first."""
    return [run.id for run in project.store.runs.usable("evaluation")]


def findings(project: Project, run_id: str = "", before: Findings | None = None) -> Findings:
    """Measure an evaluation (the newest where none is named) for the page: all but win rates at equal length, which take longest.

    These come by length_corrections of what it left. Of what was found before only people's judgements are measured anew, while
    the evaluation has no more to tell.
    """
    store = project.store
    run = store.runs.find(evaluation_run(store, run_id))
    assert run is not None
    request = MeasureRequest(equal_length=False)
    left = evaluated(store, run.id, before.left if before else None)
    if before is not None and left.answers is before.left.answers:
        judges = {name: found for name, found in before.measured["judges"].items() if name != JUDGE_TITLES["person"]}
        judges |= judge_measures(left.answers, left.people, request)
        measured = {**before.measured, "judges": judges}
        of = comparability(store, run)
        return replace(before, measured=measured, validity=_validity(left), comparable=of, left=left)
    answers = left.answers
    roles = run.plan.models if run.plan else {}
    models = tuple(
        Model(name, _weights(answers, name), count, roles[name].location if name in roles else "")
        for name, count in Counter(answer.model for answer in answers).items()
    )
    prompts = Counter({answer.prompt_id: answer.kind for answer in answers}.values())
    return Findings(
        run.id,
        run.created,
        models,
        prompts,
        evaluation_figures(left, request),
        _validity(left),
        comparability(store, run),
        left,
    )


def regressions(project: Project, run_id: str, newer: str, older: str, judge: str) -> list[Regression]:
    """Return the prompts on which a judge found the newer model worse than the older, the clearest losses first.

    Instead of a judge's title EVERY asks for all prompts that both answered, in their order.
    """
    store = project.store
    run = evaluation_run(store, run_id)
    if judge == EVERY:
        return _answered(store, run, newer, older)
    judge = next((name for name, title in JUDGE_TITLES.items() if title == judge), judge)
    judged = [*store.judgements.each("run_id = ? AND judge = ? AND comparison_id = ''", (run, judge))]
    judged = person_judgements(store, run) if judge == "person" else judged
    lost = [one for one in judged if {one.model_a, one.model_b} == {newer, older} and _loser(one) == newer]
    answers = store.answers.get_many(list({name for one in lost for name in (one.answer_a, one.answer_b)}))
    prompts = store.prompts.get_many(list({one.prompt_id for one in lost}))
    values = _values(store, run, judge)
    found = []
    for one in lost:
        new, old = (one.answer_a, one.answer_b) if one.model_a == newer else (one.answer_b, one.answer_a)
        text = _asked(prompts[one.prompt_id])
        loss = values[old] - values[new] if old in values and new in values else _margin(one)
        found.append(
            Regression(one.prompt_id, text, answers[new].kind, answers[old], answers[new], loss, one.order_flip)
        )
    return sorted(found, key=lambda one: -(one.loss or 0.0))


def _answered(store: Store, run: str, newer: str, older: str) -> list[Regression]:
    answers = store.answers.select("run_id = ? AND model IN (?, ?)", (run, newer, older))
    by_model = {name: {one.prompt_id: one for one in answers if one.model == name} for name in (newer, older)}
    both = [name for name in by_model[older] if name in by_model[newer]]
    prompts = store.prompts.get_many(both)
    return [
        Regression(
            name, _asked(prompts[name]), by_model[newer][name].kind, by_model[older][name], by_model[newer][name], None
        )
        for name in both
    ]


def _asked(prompt: Prompt) -> str:
    return "\n\n".join(message.text for message in prompt.messages)


def near_chains(project: Project, prompt: str, most: int = 5) -> list[NearChain]:
    """Return the chains whose prompts share the most telling words with a text, the most alike first.

    Words count by how rare they are among the prompts (inverse document frequency), so that names and things weigh most.
    """
    store = project.store
    answered = store.prompts.get_many(list(store.chains.prompt_ids())).values()
    prompts = {one.id: one.messages[-1].text for one in answered if one.messages}
    words = {name: _words(text) for name, text in prompts.items()}
    seen = Counter(word for those in words.values() for word in those)
    weight = {word: log((1 + len(words)) / count) for word, count in seen.items()}
    asked = _words(prompt)
    alike = {name: _likeness(asked, those, weight) for name, those in words.items() if asked & those}
    best = sorted(alike, key=lambda name: -alike[name])[:most]
    found = []
    for name in best:
        for chain in store.chains.of_prompt(name)[-1:]:
            final = chain.revisions[-1].text if chain.revisions else chain.initial
            found.append(NearChain(chain.id, prompts[name], final, alike[name]))
    return found


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _likeness(asked: set[str], other: set[str], weight: Mapping[str, float]) -> float:
    shared, either = asked & other, asked | other
    unknown = max(weight.values(), default=1.0)
    return sum(weight.get(word, unknown) for word in shared) / sum(weight.get(word, unknown) for word in either)


def _weights(answers: Sequence[Answer], model: str) -> str:
    return next((answer.weights for answer in answers if answer.model == model and answer.weights), "")


def _validity(left: Evaluated) -> dict[str, Validity]:
    verdicts = {pair_id(one.answer_a, one.answer_b): _winner(one) for one in left.people}
    judged: dict[str, list[Judgement]] = {}
    for one in left.judgements:
        judged.setdefault(one.judge, []).append(one)
    return {JUDGE_TITLES.get(judge, judge): _validity_of(judge, ones, verdicts) for judge, ones in judged.items()}


def _validity_of(judge: str, judged: Sequence[Judgement], people: Mapping[str, str]) -> Validity:
    pairs = [(_winner(one), people.get(pair_id(one.answer_a, one.answer_b), "")) for one in judged]
    both = [mine == theirs for mine, theirs in pairs if mine and theirs]
    flips = wilson(sum(one.order_flip for one in judged), len(judged)) if judge == "feedback" and judged else None
    return Validity(wilson(sum(both), len(both)) if both else None, flips)


def _winner(one: Judgement) -> str:
    """Return the id of the better answer, nothing for a tie."""
    return {"a": one.answer_a, "b": one.answer_b}.get(one.verdict, "")


def _loser(one: Judgement) -> str:
    losers: dict[Verdict, str] = {"a": one.model_b, "b": one.model_a}
    return losers.get(one.verdict, "")


def _margin(one: Judgement) -> float | None:
    return None if one.probability_a is None else abs(one.probability_a - 0.5) * 2


def _values(store: Store, run: str, judge: str) -> dict[str, float]:
    """Return a judge's number for each answer, higher is better, where it gives one."""
    names = {"preference_model": "preference_model", "oracle": "harm"}
    if judge not in names:
        return {}
    sign = -1.0 if judge == "oracle" else 1.0
    scores = store.scores.each("run_id = ? AND judge = ? AND name = ?", (run, judge, names[judge]))
    return {score.answer_id: sign * score.value for score in scores}
