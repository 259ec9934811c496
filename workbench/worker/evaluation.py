"""The evaluation stage at work in a run folder: answers of each model, scores of each judge, judgements between answers."""

import math
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from workbench.errors import MissingError
from workbench.records.comparison import Comparison
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.records.identity import record_id
from workbench.records.model import ModelRef
from workbench.records.prompt import Prompt
from workbench.records.run import Plan
from workbench.records.settings import EvaluationSettings, LabelSettings
from workbench.records.task import TASKS
from workbench.stages.evaluation import (
    AnswerWork,
    judge_by_feedback,
    judge_by_score,
    judgement_id,
    pairs_of,
    score_of,
    verdict_of,
    write_answers,
)
from workbench.stages.preferences import LabelWork
from workbench.worker.judges import PreferenceModelJudge, named_judges, oracle_scores, oracle_value
from workbench.worker.opening import open_model
from workbench.worker.spread import Told, layout_for, spread
from workbench.worker.work import Work

#: Roles in a plan that judge; every other model in it is evaluated, in the plan's order.
_JUDGE_ROLES = frozenset({"feedback", "reward"})


@dataclass(frozen=True)
class AnswerJob:
    """Answers: an input is a model's name and a prompt, models one after another; ids in `there` are not written again."""

    plan: Plan
    settings: EvaluationSettings
    there: frozenset[str]

    def __call__(self, inputs: Iterator[tuple[str, Prompt]], told: Told) -> Iterator[Answer]:
        """Yield the answers that are missing."""
        task = TASKS[self.plan.task]
        for name, asked in groupby(inputs, key=itemgetter(0)):
            ref = self.plan.models[name]
            model = open_model(ref, self.plan.task, self.plan.machine)
            answering = AnswerWork(model, name, ref.weights, self.settings, task, self.plan.seed, self.plan.id)
            yield from write_answers(answering, (prompt for _, prompt in asked), self.there, told.live)


def work_evaluation(work: Work) -> None:
    """Let every model of the plan answer every prompt, then let every judge judge; resumable at each record."""
    evaluation = _Evaluation(work)
    for part in evaluation.parts:
        with closing(part()) as records:
            for record in records:
                evaluation.save(record)
                if work.should_stop():
                    return
    work.progress(evaluation.total, evaluation.total)


class _Evaluation:
    """One evaluation: its inputs, what is there already, and its parts as generators of records still to save."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.plan = work.plan
        self.settings: EvaluationSettings = work.settings
        self.task = TASKS[work.plan.task]
        self.judges = named_judges(self.settings.judges)
        self.prompts = {prompt.id: prompt for prompt in work.inputs(Prompt)}
        self.comparisons = work.inputs(Comparison)
        #: The prompts of comparisons need no answers.
        asked_about = {comparison.prompt_id for comparison in self.comparisons}
        self.asked = [p for p in self.prompts.values() if p.split == "test" or p.id not in asked_about]
        self.models = {name: ref for name, ref in work.plan.models.items() if name not in _JUDGE_ROLES}
        self.answers = {answer.id: answer for answer in work.results(Answer)}
        self.scores = {score.id: score for score in work.results(Score)}
        self.judgements = {judgement.id for judgement in work.results(Judgement)}
        self.total = len(self.asked) * len(self.models) + len(self.comparisons) * self._comparison_judges
        work.progress(self._done(), self.total)

    @property
    def parts(self) -> tuple[Callable[[], Generator[Answer | Score | Judgement]], ...]:
        """What is to be done, in order."""
        return self.answer, self.score, self.judge, self.judge_comparisons

    @property
    def _comparison_judges(self) -> int:
        return sum(judge in self.judges for judge in ("oracle", "preference_model"))

    def _done(self) -> int:
        return min(self.total, len(self.answers) + sum(1 for _ in self._judged_comparisons()))

    def _judged_comparisons(self) -> Iterator[str]:
        ids = (self._comparison_judgement_id(item, judge) for item in self.comparisons for judge in self.judges)
        return (identity for identity in ids if identity in self.judgements)

    def save(self, record: Answer | Score | Judgement) -> None:
        """Save a record and count it."""
        self.work.emit(record)
        if isinstance(record, Answer):
            self.answers[record.id] = record
        elif isinstance(record, Score):
            self.scores[record.id] = record
        else:
            self.judgements.add(record.id)
        if isinstance(record, Answer) or (isinstance(record, Judgement) and record.comparison_id):
            self.work.progress(self._done(), self.total)

    def answer(self) -> Generator[Answer]:
        """Answers of each model in turn, so that one is in memory at a time."""
        there = frozenset(self.answers)
        waiting = [(name, prompt) for name in self.models for prompt in self.asked]
        if len(there) == len(waiting):
            return
        layout = layout_for(self.plan.machine, self.models.values(), len(waiting))
        yield from spread(self.work, AnswerJob(self.plan, self.settings, there), waiting, layout)

    def score(self) -> Generator[Score]:
        """Scores of each answer by the judges that give numbers."""
        answers = self._ordered_answers()
        if "oracle" in self.judges:
            for answer in answers:
                scores = oracle_scores(self.prompts[answer.prompt_id], answer)
                yield from (score for score in scores if score.id not in self.scores)
        if "preference_model" in self.judges:
            yield from self._preference_model_scores(answers)

    def _preference_model_scores(self, answers: list[Answer]) -> Iterator[Score]:
        missing = [a for a in answers if self._score(a, "preference_model", "preference_model") is None]
        if missing:
            values = self.preference_model.values([(self.prompts[a.prompt_id], a.text) for a in missing])
            for answer, value in zip(missing, values, strict=True):
                yield score_of(answer, "preference_model", "preference_model", value)

    def judge(self) -> Generator[Judgement]:
        """Judgements between every two models' answers to one prompt."""
        pairs = list(pairs_of(self._ordered_answers()))
        for judge in self.judges:
            if judge == "feedback":
                yield from self._feedback_judgements(pairs)
            else:
                value = self._oracle_value_of if judge == "oracle" else self._preference_value_of
                judged = judge_by_score(pairs, judge, value)
                yield from (judgement for judgement in judged if judgement.id not in self.judgements)

    def _feedback_judgements(self, pairs: list[tuple[Answer, Answer]]) -> Iterator[Judgement]:
        chosen = _first_of_each(pairs, self.settings.judged_pairs)
        if all(judgement_id(a, b, "feedback") in self.judgements for a, b in chosen):
            return
        model = open_model(self._required("feedback"), self.plan.task, self.plan.machine)
        labels = LabelSettings()
        labelling = LabelWork(model, self.work.constitution, labels, self.task, self.plan.seed, self.plan.id)
        yield from judge_by_feedback(labelling, self.prompts, chosen, self.judgements)

    def judge_comparisons(self) -> Generator[Judgement]:
        """Judgements on comparisons kept out of training, so that labels and preference model can be measured on the same."""
        for judge in self.judges:
            missing = [c for c in self.comparisons if self._comparison_judgement_id(c, judge) not in self.judgements]
            if not missing or judge == "feedback":
                continue
            values = self._comparison_values(judge, missing)
            for comparison, (a, b) in zip(missing, values, strict=True):
                yield self._comparison_judgement(comparison, judge, a, b)

    def _comparison_values(self, judge: str, comparisons: list[Comparison]) -> list[tuple[float, float]]:
        items = [(self.prompts[c.prompt_id], text) for c in comparisons for text in (c.response_a, c.response_b)]
        if judge == "oracle":
            values = [oracle_value(prompt, text) for prompt, text in items]
        else:
            values = self.preference_model.values(items)
        return list(zip(values[::2], values[1::2], strict=True))

    def _comparison_judgement(self, comparison: Comparison, judge: str, a: float, b: float) -> Judgement:
        return Judgement(
            id=self._comparison_judgement_id(comparison, judge),
            prompt_id=comparison.prompt_id,
            judge=judge,
            model_a=comparison.model_a,
            model_b=comparison.model_b,
            answer_a="",
            answer_b="",
            verdict=verdict_of(a - b),
            probability_a=1 / (1 + math.exp(min(b - a, 700.0))) if judge == "preference_model" else None,
            comparison_id=comparison.id,
        )

    def _comparison_judgement_id(self, comparison: Comparison, judge: str) -> str:
        return record_id("judgement", self.plan.id, comparison.id, judge)

    @cached_property
    def preference_model(self) -> PreferenceModelJudge:
        """The preference model that judges, loaded when first needed."""
        ref = self._required("reward")
        return PreferenceModelJudge(Path(ref.folder or ref.location), self.task, self.plan.machine)

    def _required(self, role: str) -> ModelRef:
        ref = self.plan.model(role)
        if ref is None:
            raise MissingError(
                f"The plan names no {role} model; name one, or leave its judge out of the setting judges."
            )
        return ref

    def _ordered_answers(self) -> list[Answer]:
        places = {name: place for place, name in enumerate(self.models)}
        return sorted(self.answers.values(), key=lambda answer: (places[answer.model], answer.prompt_id))

    def _score(self, answer: Answer, judge: str, name: str) -> float | None:
        score = self.scores.get(score_of(answer, judge, name, 0.0).id)
        return score.value if score else None

    def _oracle_value_of(self, answer: Answer) -> float | None:
        helpful = self._score(answer, "oracle", "helpfulness")
        harm = self._score(answer, "oracle", "harm")
        return helpful if helpful is not None else (None if harm is None else -harm)

    def _preference_value_of(self, answer: Answer) -> float | None:
        return self._score(answer, "preference_model", "preference_model")


def _first_of_each(pairs: list[tuple[Answer, Answer]], most: int) -> list[tuple[Answer, Answer]]:
    """Keep at most so many pairs for every two models and kind of prompt; 0 keeps all."""
    if most <= 0:
        return pairs
    seen: Counter[tuple[str, str, str]] = Counter()
    kept = []
    for a, b in pairs:
        key = (a.model, b.model, a.kind)
        seen[key] += 1
        if seen[key] <= most:
            kept.append((a, b))
    return kept
