"""A preference model on an evaluation set: a trained one sees what it was trained on, and questions are passed by."""

from pathlib import Path

import pytest

from tests.workbench.runs.folders import CONSTITUTION
from tests.workbench.training.small import asked, preference_rows, sentence, small_model
from workbench.records.encoding import to_data
from workbench.records.evaluation_set import EvaluationItem, ItemAnswer
from workbench.records.model import ModelRef
from workbench.records.run import Plan, RunState
from workbench.records.settings import SETTINGS
from workbench.runs.events import Message
from workbench.runs.folder import RunFolder
from workbench.runs.follower import follow
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

MACHINE = {"device": "cpu", "dtype": "float32", "threads": 1}


@pytest.fixture
def reward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reward")
    base = ModelRef("folder", "base", folder=str(small_model(path / "base")))
    settings = to_data(SETTINGS["preference_model"](epochs=4.0, batch_size=8, micro_batch_size=8))
    plan = Plan("pm-1", "preference_model", {"policy": base}, settings=settings, seed=1, machine=MACHINE)
    folder = RunFolder.create(path / "pm-1", plan, CONSTITUTION, preference_rows(120))
    assert work_folder(folder, STAGES) is RunState.FINISHED
    return folder.path / "output"


def test_a_preference_model_answers_where_there_are_responses(reward: Path, tmp_path: Path) -> None:
    items = [
        EvaluationItem(
            f"i{n}", "set", asked(sentence(n)), (f"{sentence(n, 3)} trust",), (f"{sentence(n + 5, 3)} rude",)
        )
        for n in range(30)
    ]
    question = EvaluationItem("q", "set", question="?\n (A) x", correct_options=(" (A)",), incorrect_options=(" (B)",))
    settings = to_data(SETTINGS["evaluation_set"](judges="preference_model"))
    models = {"reward": ModelRef("folder", "reward", folder=str(reward))}
    plan = Plan("set-1", "evaluation_set", models, settings=settings, seed=1, machine=MACHINE)
    folder = RunFolder.create(tmp_path / "set-1", plan, CONSTITUTION, [*items, question])
    assert work_folder(folder, STAGES) is RunState.FINISHED
    answers = list(folder.results(ItemAnswer))
    assert {answer.item_id for answer in answers} == {item.id for item in items}
    assert sum(answer.right for answer in answers) / len(answers) > 0.9
    events = [event.text for update in follow(folder) for event in update.events if isinstance(event, Message)]
    assert "1 items have no responses to score; the preference model passes them by." in events
    assert any("The preference model is" in text and "ready to label" in text for text in events)
