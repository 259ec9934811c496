"""Baselines in an evaluation's run folder: policies beside the models, answered, scored and judged like them."""

from pathlib import Path

import pytest

from tests.workbench.training.small import prompts, small_model
from workbench.records.constitution import Constitution, Principle
from workbench.records.encoding import to_data
from workbench.records.evaluation import Answer, Judgement, Score
from workbench.records.model import ModelRef
from workbench.records.run import Plan, RunState
from workbench.records.settings import EvaluationSettings
from workbench.runs.folder import RunFolder
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES


def evaluation(parent: Path, roles: tuple[str, ...], baselines: str, judges: str = "preference_model") -> RunFolder:
    model = small_model(parent / "model")
    plan = Plan(
        "evaluation-1",
        "evaluation",
        models={role: ModelRef("folder", str(model), folder=str(model)) for role in roles},
        settings=to_data(EvaluationSettings(baselines=baselines, judges=judges, max_tokens=8)),
        machine={"device": "cpu", "dtype": "float32", "threads": 1},
    )
    asked = Principle("kindness", revision_request="Be kind.", comparison_question="Which is kinder?")
    return RunFolder.create(parent / plan.id, plan, Constitution("kind", principles=(asked,)), prompts(4))


def test_the_best_of_several_scores_no_less_than_the_model_alone(tmp_path: Path) -> None:
    folder = evaluation(tmp_path, ("base", "reward"), "best_of_3:base,constitution:base")
    assert work_folder(folder, STAGES) is RunState.FINISHED
    answers = {(answer.model, answer.prompt_id): answer for answer in folder.results(Answer)}
    names = ("base", "base_best_of_3", "base_constitution")
    assert set(answers) == {(name, prompt.id) for name in names for prompt in prompts(4)}
    scores = {score.answer_id: score.value for score in folder.results(Score)}
    gains = []
    for prompt in prompts(4):
        alone, best, told = (answers[name, prompt.id] for name in names)
        gains.append(scores[best.id] - scores[alone.id])
        assert told.text != alone.text
    assert min(gains) >= 0.0
    assert max(gains) > 0.0
    pairs = {(judgement.model_a, judgement.model_b) for judgement in folder.results(Judgement)}
    assert pairs == {("base", "base_best_of_3"), ("base", "base_constitution"), ("base_best_of_3", "base_constitution")}


def test_progress_counts_what_the_feedback_model_judges(tmp_path: Path) -> None:
    folder = evaluation(tmp_path, ("base", "sl_cai", "feedback"), "", "feedback")
    assert work_folder(folder, STAGES) is RunState.FINISHED, folder.status().reason
    judged = sum(judgement.judge == "feedback" for judgement in folder.results(Judgement))
    assert judged > 0
    assert folder.status().total == len(list(folder.results(Answer))) + judged


def test_an_evaluation_paused_before_its_scores_is_not_called_finished(tmp_path: Path) -> None:
    folder = evaluation(tmp_path, ("base", "reward"), "")
    looks = iter(range(3))
    assert work_folder(folder, STAGES, lambda: "pause" if next(looks, None) is None else None) is RunState.PAUSED
    assert (len(list(folder.results(Answer))), len(list(folder.results(Score)))) == (4, 0)
    assert work_folder(folder, STAGES) is RunState.FINISHED
    assert len(list(folder.results(Score))) == 4


@pytest.mark.parametrize(
    ("baselines", "sentence"),
    [("best_of_3:base", "The plan names no reward model"), ("best_of_3:rl_cai", "names no model of this evaluation")],
)
def test_what_is_missing_is_one_sentence(tmp_path: Path, baselines: str, sentence: str) -> None:
    folder = evaluation(tmp_path, ("base",), baselines, judges="")
    assert work_folder(folder, STAGES) is RunState.FAILED
    assert sentence in folder.status().reason
