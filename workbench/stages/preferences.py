"""Labels: the feedback model says which response better follows a principle (paper section 4.1).

Soft labels from the log-probabilities of the two options, normalised over them; both orders are asked and averaged in
log-odds, since judges favour a position (arXiv 2309.00267). In chain-of-thought mode the model writes a rationale first, and
its label is held to 40–60 %, for such answers are overconfident. Nothing is guessed: a degenerate answer is excluded and counted.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from workbench.errors import BadInputError
from workbench.models.language_model import UNSCORED, ChoiceRequest, LanguageModel, SampleRequest
from workbench.records.comparison import DEGENERATE, TOO_LONG, Comparison, Label, OrderedAnswer
from workbench.records.constitution import Constitution, Principle, Use
from workbench.records.draws import stream, stream_seed
from workbench.records.identity import record_id
from workbench.records.prompt import Prompt
from workbench.records.settings import LabelSettings
from workbench.records.task import Task
from workbench.records.transcript import Message
from workbench.stages.comparing import (
    OPTIONS,
    RATIONALE_CLOSING,
    Order,
    answer_after_rationale,
    answer_prompt,
    example_turns,
    ordered,
    question_turns,
    rationale_prompt,
)
from workbench.stages.walking import LeftOut, Walk, ask, drive

#: Comparisons scored together: enough for shared prefixes and full batches, few enough that a person sees labels soon.
TOGETHER = 32


@dataclass(frozen=True)
class LabelWork:
    """What every label of a run has in common."""

    model: LanguageModel
    constitution: Constitution
    settings: LabelSettings
    task: Task
    seed: int
    run_id: str

    def examples(self) -> list[Message]:
        """Worked examples in front of each question, the same for the whole run."""
        use: Use = "rationale" if self.settings.rationale else "comparison"
        shots = self.constitution.few_shots_for(use) if self.settings.few_shots else ()
        return example_turns(self.task, shots, self.settings.options_first)

    @property
    def orders(self) -> tuple[Order, ...]:
        """The orders asked."""
        return ("ab", "ba") if self.settings.both_orders else ("ab",)


@dataclass(frozen=True)
class Question:
    """One comparison under one principle in one order, as the model sees it."""

    principle: Principle
    order: Order
    sent: str
    rationale: str = ""


def label_comparisons(work: LabelWork, items: Iterable[tuple[Prompt, Comparison]]) -> Iterator[Label]:
    """Yield one label for each comparison, in order."""
    waiting = iter(items)
    while some := list(islice(waiting, TOGETHER)):
        yield from _label(work, some)


def label_id(run_id: str, comparison_id: str) -> str:
    """Return the id of a comparison's label in a run."""
    return record_id("label", run_id, comparison_id)


def draw_principles(work: LabelWork, prompt: Prompt, comparison: Comparison) -> list[Principle]:
    """Draw a comparison's principles by weight, without repeats; the draw depends on run seed and comparison alone."""
    pool = list(work.constitution.principles_for("comparison", prompt.kind))
    if not pool:
        raise BadInputError(
            "Constitution '{constitution}' has no enabled principle with a comparison question for {kind} prompts.",
            constitution=work.constitution.name,
            kind=prompt.kind,
        )
    draws = stream(work.seed, comparison.id, "principle")
    drawn: list[Principle] = []
    while pool and len(drawn) < max(1, work.settings.principles):
        drawn.append(draws.choices(pool, [principle.weight for principle in pool])[0])
        pool.remove(drawn[-1])
    return drawn


def _label(work: LabelWork, items: Sequence[tuple[Prompt, Comparison]]) -> Iterator[Label]:
    asked = [_questions(work, prompt, comparison) for prompt, comparison in items]
    if work.settings.rationale:
        asked = _with_rationales(work, items, asked)
    requests = [ChoiceRequest(question.sent, OPTIONS) for questions in asked for question in questions]
    scores = iter(work.model.choice_logprobs(requests))
    for (_, comparison), questions in zip(items, asked, strict=True):
        yield combine(work, comparison, questions, [next(scores) for _ in questions])


def _questions(work: LabelWork, prompt: Prompt, comparison: Comparison) -> list[Question]:
    render = rationale_prompt if work.settings.rationale else answer_prompt
    examples = work.examples()
    questions = []
    for principle in draw_principles(work, prompt, comparison):
        for order in work.orders:
            options = ordered(comparison.response_a, comparison.response_b, order)
            turns = question_turns(
                work.task, prompt, principle.comparison_question, options, examples, work.settings.options_first
            )
            questions.append(Question(principle, order, render(work.model, turns)))
    return questions


def _with_rationales(
    work: LabelWork, items: Sequence[tuple[Prompt, Comparison]], asked: Sequence[Sequence[Question]]
) -> list[list[Question]]:
    walks = (
        ((row, column), _rationale_walk(work, comparison, question, (row, column)))
        for row, ((_, comparison), questions) in enumerate(zip(items, asked, strict=True))
        for column, question in enumerate(questions)
    )
    walked = drive({"feedback": work.model}, walks, leave_out=True)
    written: dict[tuple[int, int], Question] = dict(one for one in walked if not isinstance(one, LeftOut))
    return [
        [written.get((row, column), question) for column, question in enumerate(questions)]
        for row, questions in enumerate(asked)
    ]


def _rationale_walk(work: LabelWork, comparison: Comparison, question: Question, place: tuple[int, int]) -> Walk:
    seed = stream_seed(work.seed, comparison.id, question.principle.id, question.order, "rationale")
    settings = work.settings
    stops = (RATIONALE_CLOSING, *work.model.stops())
    request = SampleRequest(question.sent, seed, settings.max_rationale_tokens, settings.rationale_temperature, stops)
    sample = yield from ask("feedback", request)
    rationale = sample.text.strip()
    sent = answer_after_rationale(question.sent, rationale)
    yield place, Question(question.principle, question.order, sent, rationale)


def combine(
    work: LabelWork, comparison: Comparison, questions: Sequence[Question], scores: Sequence[tuple[float, ...]]
) -> Label:
    """Average the answers' log-odds into one soft label, clamp it in chain-of-thought mode, and mark what cannot be used."""
    answers = tuple(_answer(question, score) for question, score in zip(questions, scores, strict=True))
    verdict = _verdict(comparison, answers, scores, work.settings.rationale)
    probability = 0.5 if verdict != "ok" else _sigmoid(sum(_log_odds(answer) for answer in answers) / len(answers))
    clamp = (work.settings.clamp_low, work.settings.clamp_high) if work.settings.rationale else None
    if clamp:
        probability = min(max(probability, clamp[0]), clamp[1])
    return Label(
        id=label_id(work.run_id, comparison.id),
        comparison_id=comparison.id,
        principle_ids=tuple(dict.fromkeys(question.principle.id for question in questions)),
        probability_a=probability,
        answers=answers,
        order_flip=verdict == "ok" and orders_disagree(answers),
        method="rationale" if work.settings.rationale else "logprobs",
        clamp=clamp,
        verdict=verdict,
        seed=work.seed,
        model=work.model.name,
        constitution_hash=work.constitution.hash,
        reading=work.model.reading,
    )


def orders_disagree(answers: Sequence[OrderedAnswer]) -> bool:
    """Say whether the two orders, each averaged over its principles, favour different responses."""
    sums = {"ab": 0.0, "ba": 0.0}
    for answer in answers:
        sums[answer.order] += _log_odds(answer)
    return sums["ab"] * sums["ba"] < 0


def _answer(question: Question, score: tuple[float, ...]) -> OrderedAnswer:
    first, second = score or (math.nan, math.nan)
    a, b = (first, second) if question.order == "ab" else (second, first)
    return OrderedAnswer(question.order, a, b, question.sent, question.rationale)


def _verdict(
    comparison: Comparison, answers: Sequence[OrderedAnswer], scores: Sequence[tuple[float, ...]], rationale: bool
) -> str:
    """Say whether a label can be used: "ok", or why not."""
    if UNSCORED in scores:
        return TOO_LONG
    finite = all(math.isfinite(answer.logprob_a) and math.isfinite(answer.logprob_b) for answer in answers)
    silent = rationale and any(not answer.rationale for answer in answers)
    return DEGENERATE if not finite or silent or comparison.response_a == comparison.response_b else "ok"


def _log_odds(answer: OrderedAnswer) -> float:
    return answer.logprob_a - answer.logprob_b


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))
