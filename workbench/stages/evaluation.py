"""Evaluation: each model answers held-out prompts, and judges compare the answers (paper section 4.3, in spirit)."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import combinations, islice

from workbench.models.language_model import LanguageModel, Sample, SampleRequest
from workbench.records.comparison import TOO_LONG, Comparison
from workbench.records.constitution import Constitution, Principle
from workbench.records.draws import stream_seed
from workbench.records.evaluation import Answer, Judgement, Score, Verdict
from workbench.records.identity import record_id
from workbench.records.prompt import Prompt
from workbench.records.run import NO_ROOM
from workbench.records.settings import EvaluationSettings
from workbench.records.task import Task
from workbench.records.transcript import Message
from workbench.stages.chains import worded
from workbench.stages.preferences import LabelWork, label_comparisons
from workbench.stages.walking import LeftOut, OnText, Walk, ask, drive

#: Differences of scores smaller than this count as a tie.
_TIE = 1e-9


@dataclass(frozen=True)
class AnswerWork:
    """What every answer of one policy in an evaluation has in common; name is its place, for example sl_cai.

    system stands in front of each prompt; of best_of answers the one is kept that score, given (conversation, response) pairs,
    finds best (arXiv 2009.01325, section 3.4; its KL to the model is at most log n - (n - 1) / n nats).
    """

    model: LanguageModel
    name: str
    weights: str
    settings: EvaluationSettings
    task: Task
    seed: int
    run_id: str
    system: str = ""
    best_of: int = 1
    score: Callable[[Sequence[tuple[Sequence[Message], str]]], list[float]] | None = None


def write_answers(
    work: AnswerWork, prompts: Iterable[Prompt], finished: AbstractSet[str] = frozenset(), on_text: OnText | None = None
) -> Iterator[Answer | LeftOut]:
    """Yield the model's answer to each prompt; ids in `finished` are there already. All models share a prompt's stream.

    A prompt that does not fit the model is LeftOut, by its id.
    """
    missing = (prompt for prompt in prompts if answer_id(work.run_id, work.name, prompt.id) not in finished)
    walks = ((prompt.id, _walk(work, prompt)) for prompt in missing)
    return drive({"response": work.model}, walks, work.settings.slots, on_text, leave_out=True)


def answer_id(run_id: str, policy: str, prompt_id: str) -> str:
    """Return the id of a policy's answer to a prompt in a run."""
    return record_id("answer", run_id, policy, prompt_id)


def _walk(work: AnswerWork, prompt: Prompt) -> Walk:
    turns = worded(work.task, prompt.messages)
    sent = work.model.render([Message("system", work.system), *turns] if work.system else turns, "assistant")
    limit = work.settings.max_tokens or work.task.max_response_tokens
    drawn: list[tuple[int, Sample]] = []
    for number in range(work.best_of):
        # The first answer is the one the model alone gives.
        seed = stream_seed(work.seed, prompt.id, "evaluation", *([number] if number else []))
        request = SampleRequest(sent, seed, limit, work.settings.temperature, work.model.stops())
        drawn.append((seed, (yield from ask("response", request))))
    seed, sample = _best(work, turns, drawn)
    text, kind = sample.text.strip(), prompt.kind
    identity = answer_id(work.run_id, work.name, prompt.id)
    yield Answer(identity, prompt.id, work.name, text, kind, sample.tokens, sample.finish, seed, work.weights, sent)


def _best(work: AnswerWork, turns: Sequence[Message], drawn: Sequence[tuple[int, Sample]]) -> tuple[int, Sample]:
    """Return the draw with the highest score, the first of equals."""
    if len(drawn) == 1 or work.score is None:
        return drawn[0]
    scores = work.score([(turns, sample.text.strip()) for _, sample in drawn])
    return drawn[max(range(len(drawn)), key=lambda at: scores[at])]


def constitution_prompt(constitution: Constitution) -> str:
    """Return a constitution as the text of a system turn: the enabled principles, each by its title or its shortest wording."""
    lines = [f"- {_in_short(principle)}" for principle in constitution.principles if principle.enabled]
    return "\n".join(["Answer in keeping with these principles:", *lines])


def _in_short(principle: Principle) -> str:
    return principle.title or principle.revision_request or principle.comparison_question or principle.critique_request


def score_of(answer: Answer, judge: str, name: str, value: float) -> Score:
    """Make a judge's score of an answer."""
    return Score(record_id("score", answer.id, judge, name), answer.id, judge, name, value)


def pairs_of(answers: Sequence[Answer]) -> Iterator[tuple[Answer, Answer]]:
    """Yield every pair of different models' answers to one prompt, models in the order they first appear."""
    by_prompt: dict[str, list[Answer]] = {}
    for answer in answers:
        by_prompt.setdefault(answer.prompt_id, []).append(answer)
    for group in by_prompt.values():
        yield from combinations(group, 2)


def judge_by_score(
    pairs: Iterable[tuple[Answer, Answer]], judge: str, value: Callable[[Answer], float | None]
) -> Iterator[Judgement]:
    """Judge pairs by a number each answer has, higher is better; pairs where one has none are left out."""
    for a, b in pairs:
        score_a, score_b = value(a), value(b)
        if score_a is None or score_b is None:
            continue
        yield _judgement(a, b, judge, verdict_of(score_a - score_b))


def verdict_of(difference: float) -> Verdict:
    """Return the verdict that a difference of scores (a minus b) stands for."""
    if abs(difference) < _TIE:
        return "tie"
    return "a" if difference > 0 else "b"


def judge_by_feedback(
    work: LabelWork,
    prompts: Mapping[str, Prompt],
    pairs: Iterable[tuple[Answer, Answer]],
    finished: AbstractSet[str] = frozenset(),
) -> Iterator[Judgement | LeftOut]:
    """Let the feedback model judge pairs in both orders; where the orders disagree the verdict is a tie.

    A pair whose question does not fit the model is LeftOut, by its judgement's id.
    """
    waiting = ((a, b) for a, b in pairs if judgement_id(a, b, "feedback") not in finished)
    while some := list(islice(waiting, 32)):
        items = [(prompts[a.prompt_id], _as_comparison(a, b)) for a, b in some]
        for (a, b), label in zip(some, label_comparisons(work, items), strict=True):
            if label.verdict == TOO_LONG:
                yield LeftOut(judgement_id(a, b, "feedback"), f"A question about two answers{NO_ROOM}.")
                continue
            decided = label.verdict == "ok" and not label.order_flip
            verdict = verdict_of(label.probability_a - 0.5) if decided else "tie"
            judgement = _judgement(a, b, "feedback", verdict)
            yield replace(judgement, probability_a=label.probability_a, order_flip=label.order_flip)


def judgement_id(a: Answer, b: Answer, judge: str) -> str:
    """Return the id of a judge's verdict between two answers."""
    return record_id("judgement", a.id, b.id, judge)


def _judgement(a: Answer, b: Answer, judge: str, verdict: Verdict) -> Judgement:
    return Judgement(judgement_id(a, b, judge), a.prompt_id, judge, a.model, b.model, a.id, b.id, verdict)


def _as_comparison(a: Answer, b: Answer) -> Comparison:
    return Comparison(record_id("comparison", a.id, b.id), a.prompt_id, a.text, b.text, a.model, b.model, "evaluation")
