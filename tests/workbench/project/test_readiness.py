"""Reinforcement learning takes a preference model that was found ready, or somebody's word that it may."""

import json
from pathlib import Path

import pytest

from tests.workbench.project.projects import model_folder, project
from tests.workbench.project.test_preference_models import trained
from workbench.errors import NotReadyError
from workbench.measurement.readiness import readiness
from workbench.project.readiness import not_ready, override_words
from workbench.records.encoding import to_data


def test_a_model_that_is_not_ready_is_refused_unless_overridden_which_the_plan_records(tmp_path: Path) -> None:
    policy = model_folder(tmp_path / "policy")
    with project(tmp_path / "p") as made:
        folder = trained(made)
        (folder / "readiness.json").write_text(json.dumps(to_data(readiness([], {}))))
        with pytest.raises(NotReadyError, match="not ready, because only 0 held-out comparisons") as told:
            made.make_run("rl", {"policy": policy})
        assert "--set override_readiness=true" in str(told.value)
        plan = made.make_run("rl", {"policy": policy, "override_readiness": "true"}).plan
        assert plan.settings["override_readiness"] is True
        assert "not ready, which was overridden: only 0 held-out comparisons" in plan.selection
        assert override_words(plan) == "Its reward was not ready, and was taken all the same: nobody said why."
        because = {"override_readiness": "true", "override_reason": "Only to see the cockpit."}
        plan = made.make_run("rl", {"policy": policy, **because}).plan
        assert "which was overridden (Only to see the cockpit.): only 0" in plan.selection
        assert override_words(plan).endswith("taken all the same: Only to see the cockpit.")
        assert not_ready(plan.models).startswith(
            "preference_model-1 is not ready to be a reward: only 0 held-out comparisons"
        )
        (row, *_) = made.rows("readiness")
        assert (row["run_id"], row["check"], row["passed"]) == ("preference_model-1", "accuracy", False)


def test_a_model_that_is_ready_is_taken_and_one_nobody_measured_is_not(tmp_path: Path) -> None:
    policy, reward = model_folder(tmp_path / "policy"), model_folder(tmp_path / "reward")
    with project(tmp_path / "p") as made:
        with pytest.raises(NotReadyError, match="nothing has measured it"):
            made.make_run("rl", {"policy": policy, "reward": reward})
        (Path(reward) / "readiness.json").write_text(json.dumps({"ready": True, "checks": []}))
        plan = made.make_run("rl", {"policy": policy, "reward": reward}).plan
        assert "reward is ready" in plan.selection
        assert not plan.settings["override_readiness"]
        assert not override_words(plan)
