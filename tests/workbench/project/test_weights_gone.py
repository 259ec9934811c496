"""What needs weights that are not there says so in a typed refusal: whose they are, and the command that trains them."""

import shlex
from pathlib import Path

import pytest

from tests.workbench.project.projects import project
from tests.workbench.project.test_preference_models import trained
from workbench.errors import MissingError, UntrainedError
from workbench.project.deciding import edit_of
from workbench.records.evaluation_set import EvaluationItem
from workbench.records.transcript import Message


def told(error: BaseException) -> list[str]:
    """Return the words of the command that a sentence ends with, as a shell reads them."""
    return shlex.split(str(error).partition(" with: ")[2].partition(", or")[0])


def test_weights_that_have_gone_name_their_run_and_the_command_runs_as_told(tmp_path: Path) -> None:
    with project(tmp_path / "Constitution Workbench" / "demo") as made:
        (trained(made) / "model.safetensors").unlink()
        with pytest.raises(UntrainedError) as refused:
            made.model("preference_model-1")
    assert (refused.value.stage, refused.value.run) == ("preference_model", "preference_model-1")
    assert told(refused.value) == ["workbench", "run", str(made.folder), "preference_model"]


def test_a_judge_nobody_asks_needs_no_weights(tmp_path: Path) -> None:
    with project(tmp_path / "p", number=2) as made:
        made.import_records((), items=[EvaluationItem("i", "hhh", (Message("user", "What?"),), ("Yes.",), ("No.",))])
        (trained(made) / "model.safetensors").unlink()
        for stage, judges, needed in (
            ("evaluation_set", "feedback", {"feedback"}), ("evaluation", "oracle", {"base"}),
        ):  # fmt: skip
            plan = made.make_run(stage, {"judges": judges}).plan
            assert plan is not None
            assert set(plan.models) == needed
        for stage, more in (
            ("evaluation_set", {"judges": "feedback, preference_model"}), ("evaluation", {"judges": "preference_model"}),
            ("evaluation", {"judges": "oracle", "baselines": "best_of_2:base"}),
        ):  # fmt: skip
            with pytest.raises(UntrainedError):
                made.make_run(stage, more)


def test_a_model_never_made_names_the_stage_that_makes_it(tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        for asked, stage in (
            (made.preference_model, "preference_model"),
            (lambda: made.make_run("rl"), "sft"),
        ):
            with pytest.raises(UntrainedError) as refused:
                asked()
            assert (refused.value.stage, refused.value.run) == (stage, "")


def test_commands_told_run_in_a_folder_with_a_space(tmp_path: Path) -> None:
    with project(tmp_path / "a project") as made:
        with pytest.raises(MissingError) as missing:
            edit_of(made.store, "step-that-is-not-there", "text", "me")
        assert told(missing.value)[:3] == ["workbench", "show", str(made.folder)]
