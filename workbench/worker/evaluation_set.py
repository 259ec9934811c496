"""Evaluation sets at work in a run folder: each judge answers each item, and the verdict on it is told at the end."""

from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

from workbench.errors import BadInputError, MissingError
from workbench.measurement.judge_gate import GateLimits, Given, judge_verdict
from workbench.records.evaluation_set import EvaluationItem, ItemAnswer
from workbench.records.run import Done
from workbench.records.settings import EvaluationSetSettings
from workbench.records.task import TASKS
from workbench.sentences import said
from workbench.stages.evaluation_set import answer_by_feedback, answer_by_score, asked_constitution, label_settings
from workbench.stages.preferences import LabelWork
from workbench.worker.judges import PreferenceModelJudge
from workbench.worker.opening import open_model
from workbench.worker.spread import looking_on
from workbench.worker.work import Work

#: Judges as people read them, by the name in settings and records.
_JUDGES = {"feedback": said("feedback model"), "preference_model": said("preference model")}


def work_evaluation_set(work: Work) -> None:
    """Let every judge answer every item it can; resumable at each item."""
    settings: EvaluationSetSettings = work.settings
    items = work.inputs(EvaluationItem)
    judges = _judges(settings.judges)
    can = {judge: [item for item in items if judge == "feedback" or item.has_responses] for judge in judges}
    for judge, mine in can.items():
        if len(mine) < len(items):
            work.say(
                said(
                    "{count} items have no responses to score; the {judge} passes them by.",
                    count=len(items) - len(mine),
                    judge=_JUDGES[judge],
                )
            )
    done = work.done_inputs()
    total = sum(map(len, can.values()))
    work.progress(len(done), total)
    for judge, mine in can.items():
        missing = [item for item in mine if _mark(judge, item) not in done]
        with closing(_answers(work, settings, judge, missing)) as answers:
            for item, found in zip(missing, answers, strict=False):
                work.emit(*found, Done(_mark(judge, item)))
                done.add(_mark(judge, item))
                work.progress(len(done), total)
                if work.should_stop():
                    return
    _say_verdicts(work, settings, judges)


def _answers(
    work: Work, settings: EvaluationSetSettings, judge: str, items: list[EvaluationItem]
) -> Generator[list[ItemAnswer]]:
    if not items:
        return
    plan, task = work.plan, TASKS[work.plan.task]
    ref = plan.model("feedback" if judge == "feedback" else "reward")
    if ref is None:
        raise MissingError(
            "The plan names no {judge}; name one, or leave it out of the setting judges.",
            judge=_JUDGES[judge],
        )
    if judge == "preference_model":
        scorer = PreferenceModelJudge(Path(ref.folder or ref.location), task, plan.machine)
        yield from answer_by_score(plan.id, items, scorer.values)
        return
    model = open_model(ref, plan.task, plan.machine)
    constitution = asked_constitution(work.constitution, settings.question)
    labelling = LabelWork(model, constitution, label_settings(settings), task, plan.seed, plan.id)
    with looking_on(work, model):
        yield from answer_by_feedback(labelling, items)


def _say_verdicts(work: Work, settings: EvaluationSetSettings, judges: tuple[str, ...]) -> None:
    limits = GateLimits(settings.least_accuracy, settings.most_order_flips, settings.most_calibration_error)
    answers = work.results(ItemAnswer)
    for judge in judges:
        given = list(_given(answers, judge))
        left_out = sum(answer.judge == judge for answer in answers) - len(given)
        if left_out:
            work.say(
                said(
                    "{left_out} answers of the {judge} cannot be used and are left out.",
                    left_out=left_out,
                    judge=_JUDGES[judge],
                )
            )
        if given:
            work.say(judge_verdict(given, _JUDGES[judge], limits).sentence)


def _given(answers: list[ItemAnswer], judge: str) -> Iterator[Given]:
    for answer in answers:
        if answer.judge == judge and answer.verdict == "ok":
            yield Given(answer.item_id, answer.right, answer.confidence, answer.order_flip)


def _judges(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in _JUDGES]
    if unknown or not names:
        raise BadInputError(
            "An evaluation set is answered by {judges}, not by '{text}'.", judges=" and ".join(_JUDGES), text=text
        )
    return names


def _mark(judge: str, item: EvaluationItem) -> str:
    return f"{judge}:{item.id}"
