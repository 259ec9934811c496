"""The evaluation stage at work in a run folder: answers of each model, scores of each judge, judgements between answers."""

import gc
import math
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from workbench.errors import MissingError
from workbench.records.baselines import Policy, parse_baselines
from workbench.records.comparison import Comparison
from workbench.records.constitution import Constitution
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.records.identity import record_id
from workbench.records.model import ModelRef
from workbench.records.prompt import Prompt
from workbench.records.run import Plan
from workbench.records.settings import EvaluationSettings, LabelSettings
from workbench.records.task import TASKS
from workbench.stages.evaluation import (
    AnswerWork,
    answer_id,
    constitution_prompt,
    judge_by_feedback,
    judge_by_score,
    judgement_id,
    pairs_of,
    score_of,
    verdict_of,
    write_answers,
)
from workbench.stages.preferences import LabelWork
from workbench.stages.training.weights import weights_hash
from workbench.stages.walking import LeftOut
from workbench.worker.judges import PreferenceModelJudge, named_judges, oracle_scores, oracle_value
from workbench.worker.left_out import tell_left_out
from workbench.worker.opening import open_model
from workbench.worker.spread import Told, layout_for, looking_on, spread
from workbench.worker.work import Work

#: Roles in a plan that judge; every other model in it is evaluated, in the plan's order.
_JUDGE_ROLES = frozenset({"feedback", "reward"})


@dataclass(frozen=True)
class AnswerJob:
    """Answers: an input is a policy and a prompt, policies one after another; ids in `there` are not written again."""

    plan: Plan
    constitution: Constitution
    settings: EvaluationSettings
    there: frozenset[str]

    def __call__(self, inputs: Iterator[tuple[Policy, Prompt]], told: Told) -> Iterator[Answer | LeftOut]:
        """Yield the answers that are missing."""
        for policy, asked in groupby(inputs, key=itemgetter(0)):
            answering = self._answering(policy)
            told.hear(answering.model)
            yield from write_answers(answering, (prompt for _, prompt in asked), self.there, told.live)
            told.hear()
            del answering
            gc.collect()  # a model's modules refer to each other; the next one should find its memory free

    def _answering(self, policy: Policy) -> AnswerWork:
        plan, task = self.plan, TASKS[self.plan.task]
        ref = plan.models[policy.role]
        model = open_model(ref, plan.task, plan.machine)
        # A run's output names its weights; those of the embedded model and of a person's folder are read here.
        weights = ref.weights or (weights_hash(Path(ref.folder)) if ref.folder else "")
        answering = AnswerWork(model, policy.name, weights, self.settings, task, plan.seed, plan.id)
        if policy.constitution:
            answering = replace(answering, system=constitution_prompt(self.constitution))
        if policy.best_of > 1:
            judge = preference_model_of(plan)
            answering = replace(answering, best_of=policy.best_of, score=judge.scores)
        return answering


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
    tell_left_out(work, evaluation.left_out_prompts, len(evaluation.asked_at_first))


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
        self.asked_at_first = [p for p in self.prompts.values() if p.split == "test" or p.id not in asked_about]
        #: What does not fit, and why: prompts, which no model is asked then, and pairs of answers, by their judgement's id.
        self.left_out = work.left_out()
        self.models = {name: ref for name, ref in work.plan.models.items() if name not in _JUDGE_ROLES}
        baselines = parse_baselines(self.settings.baselines, tuple(self.models))
        self.policies = {policy.name: policy for policy in (*(Policy(name, name) for name in self.models), *baselines)}
        self.answers = {answer.id: answer for answer in work.results(Answer)}
        self.scores = {score.id: score for score in work.results(Score)}
        judgements = work.results(Judgement)
        self.judgements = {judgement.id for judgement in judgements}
        #: The judgements that are there and are not read off scores, which takes a model's time.
        self.judged = sum(map(_takes_time, judgements))
        self._count()

    @property
    def left_out_prompts(self) -> dict[str, str]:
        """The prompts among what is left out."""
        return {name: why for name, why in self.left_out.items() if name in self.prompts}

    def _count(self) -> None:
        """Count what takes a model's time, and what of it is there: answers, and judgements that are not read off scores."""
        #: The prompts that all models are asked: an answer to one that some cannot be asked compares nothing.
        self.asked = [prompt for prompt in self.asked_at_first if prompt.id not in self.left_out]
        self.total = len(self.asked) * len(self.policies) + len(self.comparisons) * self._comparison_judges
        self.total += self._feedback_pairs
        answered = sum(answer.prompt_id not in self.left_out for answer in self.answers.values())
        self.done = answered + self.judged + len(self.left_out) - len(self.left_out_prompts)
        self._tell()

    @property
    def parts(self) -> tuple[Callable[[], Generator[Answer | Score | Judgement | LeftOut]], ...]:
        """What is to be done, in order."""
        return self.answer, self.score, self.judge, self.judge_comparisons

    @property
    def _comparison_judges(self) -> int:
        return sum(judge in self.judges for judge in ("oracle", "preference_model"))

    @property
    def _feedback_pairs(self) -> int:
        """Count the pairs of answers between which the feedback model chooses."""
        if "feedback" not in self.judges:
            return 0
        most = self.settings.judged_pairs or len(self.asked)
        of_each = sum(min(count, most) for count in Counter(prompt.kind for prompt in self.asked).values())
        return math.comb(len(self.policies), 2) * of_each

    def save(self, record: Answer | Score | Judgement | LeftOut) -> None:
        """Save a record and count it."""
        if isinstance(record, LeftOut):
            self.left_out[str(record.key)] = record.why
            self.work.done_input(str(record.key), record.why)
            self._count()
            return
        self.work.emit(record)
        if isinstance(record, Answer):
            self.answers[record.id] = record
        elif isinstance(record, Score):
            self.scores[record.id] = record
        else:
            self.judgements.add(record.id)
        if isinstance(record, Answer) and record.prompt_id not in self.left_out:
            self.done += 1
        elif isinstance(record, Judgement) and _takes_time(record):
            self.done += 1
            self.judged += 1
        self._tell()

    def _tell(self) -> None:
        # Scores take no time, but while they are missing the evaluation is not done, and one that is asked to pause must pause.
        self.work.progress(max(0, min(self.done, self.total - 1)), self.total)

    def answer(self) -> Generator[Answer | LeftOut]:
        """Answers of each model in turn, so that one is in memory at a time."""
        there = frozenset(self.answers)
        waiting = [(policy, prompt) for policy in self.policies.values() for prompt in self.asked]
        if all(answer_id(self.plan.id, policy.name, prompt.id) in there for policy, prompt in waiting):
            return
        layout = layout_for(self.plan.machine, self.models.values(), len(waiting))
        yield from spread(
            self.work, AnswerJob(self.plan, self.work.constitution, self.settings, there), waiting, layout
        )

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

    def judge(self) -> Generator[Judgement | LeftOut]:
        """Judgements between every two models' answers to one prompt."""
        pairs = list(pairs_of(self._ordered_answers()))
        for judge in self.judges:
            if judge == "feedback":
                yield from self._feedback_judgements(pairs)
            else:
                value = self._oracle_value_of if judge == "oracle" else self._preference_value_of
                judged = judge_by_score(pairs, judge, value)
                yield from (judgement for judgement in judged if judgement.id not in self.judgements)

    def _feedback_judgements(self, pairs: list[tuple[Answer, Answer]]) -> Iterator[Judgement | LeftOut]:
        chosen = _first_of_each(pairs, self.settings.judged_pairs)
        there = self.judgements | self.left_out.keys()
        if all(judgement_id(a, b, "feedback") in there for a, b in chosen):
            return
        model = open_model(self._required("feedback"), self.plan.task, self.plan.machine)
        labels = LabelSettings(few_shots=self.settings.few_shots)
        labelling = LabelWork(model, self.work.constitution, labels, self.task, self.plan.seed, self.plan.id)
        with looking_on(self.work, model):
            yield from judge_by_feedback(labelling, self.prompts, chosen, there)

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
        return preference_model_of(self.plan)

    def _required(self, role: str) -> ModelRef:
        return _required(self.plan, role)

    def _ordered_answers(self) -> list[Answer]:
        places = {name: place for place, name in enumerate(self.policies)}
        answers = (answer for answer in self.answers.values() if answer.prompt_id not in self.left_out)
        return sorted(answers, key=lambda answer: (places[answer.model], answer.prompt_id))

    def _score(self, answer: Answer, judge: str, name: str) -> float | None:
        score = self.scores.get(score_of(answer, judge, name, 0.0).id)
        return score.value if score else None

    def _oracle_value_of(self, answer: Answer) -> float | None:
        helpful = self._score(answer, "oracle", "helpfulness")
        harm = self._score(answer, "oracle", "harm")
        return helpful if helpful is not None else (None if harm is None else -harm)

    def _preference_value_of(self, answer: Answer) -> float | None:
        return self._score(answer, "preference_model", "preference_model")


def _takes_time(judgement: Judgement) -> bool:
    return bool(judgement.comparison_id) or judgement.judge == "feedback"


def preference_model_of(plan: Plan) -> PreferenceModelJudge:
    """Open the preference model that a plan names."""
    ref = _required(plan, "reward")
    return PreferenceModelJudge(Path(ref.folder or ref.location), TASKS[plan.task], plan.machine)


def _required(plan: Plan, role: str) -> ModelRef:
    ref = plan.model(role)
    if ref is None:
        raise MissingError(
            "The plan names no {role} model; name one, or leave its judge out of the setting judges and best_of "
            "baselines.",
            role=role,
        )
    return ref


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
