"""A run folder that is worked where its models lie elsewhere: another path, another cache, by real workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workbench.training.processes import LEARNING, make
from tests.workbench.training.small import small_model
from workbench.errors import BadInputError, MissingError
from workbench.project.model_choice import DEMO_MODEL
from workbench.records.constitution import Constitution
from workbench.records.model import ModelRef
from workbench.records.run import Plan, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.identity import this_host
from workbench.worker.whereabouts import found_here
from workbench.worker.work import Work

SFT, HOW, ROWS = LEARNING[0]


def work(run: Path, *more: str) -> str:
    """Work a folder as a person does, and return what its status says."""
    command = [sys.executable, "-m", "workbench", "work", str(run), "--beside", *more]
    subprocess.run(command, env=dict(os.environ), timeout=120, check=False, capture_output=True)
    return RunFolder.open(run).status().reason


@pytest.mark.model
def test_a_run_whose_models_were_moved_is_told_where_they_lie(tmp_path: Path) -> None:
    made = make(tmp_path / "here" / "sft-1", SFT, {"policy": small_model(tmp_path / "model")}, HOW, ROWS, "")
    (tmp_path / "model").rename(tmp_path / "scratch")
    (tmp_path / "here").rename(tmp_path / "there")
    run = tmp_path / "there" / made.path.name
    assert f"workbench work {run} --model policy=FOLDER" in work(run)
    assert RunFolder.open(run).status().state is RunState.FAILED
    assert "no model in a folder as reward; it has policy" in work(run, "--model", "reward=scratch")
    assert "There is no model in /nowhere" in work(run, "--model", "policy=/nowhere")
    assert work(run, "--model", f"policy={tmp_path / 'scratch'}") == ""
    assert RunFolder.open(run).status().state is RunState.FINISHED
    assert (run / "output" / "model.safetensors").is_file()


def test_where_a_model_lies_is_remembered_for_the_machine_that_was_told(tmp_path: Path) -> None:
    folder = RunFolder.create(
        tmp_path / "sft-1",
        Plan("sft-1", "sft", models={"policy": ModelRef("folder", "m", folder="/gone/m")}),
        Constitution(""),
        [],
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / "config.json").write_text("{}")
    with pytest.raises(MissingError):
        _ = Work(folder).plan
    assert Work(folder, models={"policy": str(scratch)}).plan.models["policy"].folder == str(scratch)
    assert Work(folder).plan.models["policy"].folder == str(scratch)
    file = folder.path / "whereabouts.json"
    told = file.read_text()
    file.write_text(told.replace(this_host(), "another-machine"))
    with pytest.raises(MissingError):
        _ = Work(folder).plan
    file.write_text(told)
    (scratch / "config.json").unlink()
    with pytest.raises(MissingError, match="Say where it lies"):
        _ = Work(folder).plan
    for spoilt in ("spoilt", "[]", f'{{"{this_host()}": 3}}', f'{{"{this_host()}": {{"policy": 3}}}}'):
        file.write_text(spoilt)
        with pytest.raises(MissingError, match="Say where it lies"):
            _ = Work(folder).plan


def test_models_of_the_hub_and_the_demos_are_found_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    commits = ["a" * 40, "b" * 40]
    snapshots = tmp_path / "cache" / "models--some--model" / "snapshots"
    refs = {
        "policy": ModelRef("hub", "some/model", folder=f"/elsewhere/{commits[1]}", commit=commits[1]),
        "reference": ModelRef("demo", "demo", folder="/elsewhere/demo"),
        "feedback": ModelRef("scripted", "scripted"),
    }
    plan = Plan("rl-1", "rl", models=refs)
    for commit in commits[:1]:
        (snapshots / commit).mkdir(parents=True)
        (snapshots / commit / "config.json").write_text("{}")
    with pytest.raises(MissingError, match=f"workbench models get some/model@{commits[1]}"):
        found_here(plan, {}, tmp_path)  # another commit is another model
    (snapshots / commits[1]).mkdir()
    (snapshots / commits[1] / "config.json").write_text("{}")
    found = found_here(plan, {}, tmp_path).models
    assert found["policy"].folder == str(snapshots / commits[1])
    assert found["reference"].folder == str(DEMO_MODEL)
    assert found["feedback"] == refs["feedback"]
    with pytest.raises(BadInputError, match="it has policy, reference"):
        found_here(plan, {"feedback": str(tmp_path)}, tmp_path)
