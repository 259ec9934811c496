"""Evaluation sets, asked as multiple choice or scored by a preference model (paper section 2 and figures 4, 9 and 11)."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from workbench.models.language_model import UNSCORED, ChoiceRequest, SampleRequest
from workbench.records.comparison import DEGENERATE, TOO_LONG, Comparison, Label
from workbench.records.constitution import Constitution, Principle
from workbench.records.draws import stream_seed
from workbench.records.evaluation_set import AnswerMethod, EvaluationItem, ItemAnswer
from workbench.records.identity import record_id
from workbench.records.prompt import Prompt
from workbench.records.settings import EvaluationSetSettings, LabelSettings
from workbench.records.transcript import Message
from workbench.stages.comparing import (
    ANSWER_OPENING,
    RATIONALE_CLOSING,
    answer_after_rationale,
    answer_prompt,
    rationale_prompt,
)
from workbench.stages.preferences import LabelWork, label_comparisons
from workbench.stages.walking import LeftOut, Walk, ask, drive

#: Items asked together: their questions share prefixes.
_TOGETHER = 32


@dataclass(frozen=True)
class Pair:
    """A right and a wrong response of an item as a comparison; which of them is response a follows from a hash."""

    prompt: Prompt
    comparison: Comparison
    correct_is_a: bool


def label_settings(settings: EvaluationSetSettings) -> LabelSettings:
    """Return how a set is asked: as labels are, but chain-of-thought answers are not clamped, for they are to be measured."""
    return LabelSettings(
        rationale=settings.rationale,
        clamp_low=0.0,
        clamp_high=1.0,
        rationale_temperature=settings.rationale_temperature,
        max_rationale_tokens=settings.max_rationale_tokens,
        few_shots=settings.few_shots,
    )


def asked_constitution(constitution: Constitution, question: str) -> Constitution:
    """Return the constitution to ask by: its own principles, or the one question somebody named (the paper's way)."""
    if not question:
        return constitution
    return replace(constitution, principles=(Principle("question", comparison_question=question),))


def pairs_of_item(item: EvaluationItem) -> list[Pair]:
    """Return every right response beside every wrong one."""
    prompt = Prompt(item.id, item.messages, item.kind, "test", item.set_name)
    pairs = []
    for right, wrong in product(item.corrects, item.incorrects):
        identity = record_id("comparison", item.id, right, wrong)
        correct_is_a = bool(stream_seed(0, identity) & 1)
        a, b = (right, wrong) if correct_is_a else (wrong, right)
        pairs.append(Pair(prompt, Comparison(identity, item.id, a, b, source=item.set_name), correct_is_a))
    return pairs


def answer_by_feedback(work: LabelWork, items: Iterable[EvaluationItem]) -> Iterator[list[ItemAnswer]]:
    """Yield the feedback model's answers on each item: pairs in both orders, or its question as it stands."""
    waiting = iter(items)
    while some := list(islice(waiting, _TOGETHER)):
        pairs = {item.id: pairs_of_item(item) for item in some}
        labels = label_comparisons(work, [(pair.prompt, pair.comparison) for item in some for pair in pairs[item.id]])
        for item in some:
            answers = [_from_label(work.run_id, item, pair, next(labels)) for pair in pairs[item.id]]
            yield answers or [_from_question(work, item)]


def answer_by_score(
    run_id: str, items: Iterable[EvaluationItem], score: Callable[[Sequence[tuple[Prompt, str]]], Sequence[float]]
) -> Iterator[list[ItemAnswer]]:
    """Yield what a preference model's scores say on each item that has responses: the higher score is its choice."""
    waiting = iter(items)
    while some := list(islice(waiting, _TOGETHER)):
        pairs = {item.id: pairs_of_item(item) for item in some}
        compared = [(pair.prompt, pair.comparison) for item in some for pair in pairs[item.id]]
        texts = [(prompt, text) for prompt, both in compared for text in (both.response_a, both.response_b)]
        values = iter(score(texts))
        for item in some:
            yield [_from_scores(run_id, item, pair, next(values), next(values)) for pair in pairs[item.id]]


def _from_scores(run_id: str, item: EvaluationItem, pair: Pair, a: float, b: float) -> ItemAnswer:
    margin = a - b if pair.correct_is_a else b - a
    return _answer(run_id, item, "preference_model", _sigmoid(margin), "score", pair.comparison.id)


def _from_label(run_id: str, item: EvaluationItem, pair: Pair, label: Label) -> ItemAnswer:
    probability = label.probability_a if pair.correct_is_a else 1 - label.probability_a
    answer = _answer(run_id, item, "feedback", probability, label.method, pair.comparison.id)
    rationale = next((one.rationale for one in label.answers if one.rationale), "")
    return replace(answer, order_flip=label.order_flip, verdict=label.verdict, rationale=rationale)


def _from_question(work: LabelWork, item: EvaluationItem) -> ItemAnswer:
    body = item.question.strip().removesuffix(ANSWER_OPENING).rstrip()
    turns = [Message("comparison", body)]
    rationale = ""
    if work.settings.rationale:
        sent = rationale_prompt(work.model, turns)
        (written,) = drive({"feedback": work.model}, [(item.id, _rationale(work, item, sent))], leave_out=True)
        if isinstance(written, LeftOut):
            return _unused(work, item, TOO_LONG)
        _, rationale = written
        sent = answer_after_rationale(sent, rationale)
    else:
        sent = answer_prompt(work.model, turns)
    options = (*item.correct_options, *item.incorrect_options)
    (scores,) = work.model.choice_logprobs([ChoiceRequest(sent, options)])
    if scores == UNSCORED:
        return _unused(work, item, TOO_LONG, rationale)
    if not all(math.isfinite(score) for score in scores) or (work.settings.rationale and not rationale):
        return _unused(work, item, DEGENERATE, rationale)
    rights = scores[: len(item.correct_options)]
    best, other = max(rights), max(scores[len(rights) :])
    return replace(
        _answer(work.run_id, item, "feedback", 0.5, _method(work)),
        right=0.5 if best == other else float(best > other),
        probability_correct=min(1.0, sum(map(math.exp, rights))),
        confidence=min(1.0, math.exp(max(best, other))),
        rationale=rationale,
    )


def _unused(work: LabelWork, item: EvaluationItem, verdict: str, rationale: str = "") -> ItemAnswer:
    return replace(_answer(work.run_id, item, "feedback", 0.5, _method(work)), verdict=verdict, rationale=rationale)


def _method(work: LabelWork) -> AnswerMethod:
    return "rationale" if work.settings.rationale else "logprobs"


def _rationale(work: LabelWork, item: EvaluationItem, sent: str) -> Walk:
    settings = work.settings
    seed = stream_seed(work.seed, item.id, "rationale")
    stops = (RATIONALE_CLOSING, *work.model.stops())
    sample = yield from ask(
        "feedback", SampleRequest(sent, seed, settings.max_rationale_tokens, settings.rationale_temperature, stops)
    )
    yield item.id, sample.text.strip()


def _answer(
    run_id: str, item: EvaluationItem, judge: str, probability: float, method: AnswerMethod, what: str = "question"
) -> ItemAnswer:
    """An answer on one pair of an item (`what` is its comparison's id) or on its question."""
    right = 0.5 if probability == 0.5 else float(probability > 0.5)
    identity = record_id("item-answer", run_id, item.id, judge, what)
    return ItemAnswer(identity, item.id, judge, right, probability, max(probability, 1 - probability), method=method)


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
