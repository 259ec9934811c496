"""The training stages in a run folder: what they leave there, and that a kill at any moment changes nothing of the result."""

import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.runs.folders import CONSTITUTION
from tests.workbench.training.small import preference_rows, prompts, sft_rows, small_model
from workbench.models.loading import load
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.run import Metric, Output, Plan, RunState
from workbench.records.settings import SETTINGS
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER, environment
from workbench.stages.training import checkpoints
from workbench.stages.training.scorer import load_scorer
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

CHANGES: dict[str, dict[str, Any]] = {
    "sft": {"batch_size": 4, "micro_batch_size": 2, "checkpoint_every": 3},
    "preference_model": {"batch_size": 4, "micro_batch_size": 2, "checkpoint_every": 3},
    "rl": {"episodes": 48, "batch_size": 8, "micro_batch_size": 4, "max_tokens": 8, "checkpoint_every": 1},
}
INPUTS: dict[str, Callable[[], list[Any]]] = {
    "sft": lambda: list(sft_rows(60)),
    "preference_model": lambda: list(preference_rows(60, held_out_every=5)),
    "rl": lambda: list(prompts(9)),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module")
def reward(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = training_folder(tmp_path_factory.mktemp("reward"), "preference_model", base, base)
    assert work_folder(folder, STAGES) is RunState.FINISHED
    return folder.path / "output"


def training_folder(parent: Path, stage: str, base: Path, reward: Path, **changes: Any) -> RunFolder:
    refs = {"policy": base, "reference": base, "reward": reward}
    plan = Plan(
        f"{stage}-1",
        stage,
        models={role: ModelRef("folder", str(path), folder=str(path)) for role, path in refs.items()},
        settings=to_data(SETTINGS[stage](**{**CHANGES[stage], **changes})),
        seed=11,
        machine={"device": "cpu", "dtype": "float32", "threads": 1},
    )
    return RunFolder.create(parent / plan.id, plan, CONSTITUTION, INPUTS[stage]())


def output(folder: RunFolder) -> Output:
    (found,) = folder.results(Output)
    return found


@pytest.mark.parametrize("stage", ["sft", "preference_model", "rl"])
def test_a_training_leaves_a_model_folder_and_its_numbers(stage: str, base: Path, reward: Path, tmp_path: Path) -> None:
    folder = training_folder(tmp_path, stage, base, reward)
    assert work_folder(folder, STAGES) is RunState.FINISHED
    made = output(folder)
    assert (made.path, made.kind) == ("output", stage)
    assert made.step == folder.status().done == folder.status().total
    assert {"loss", "grad_norm"} <= {metric.name for metric in folder.results(Metric)}
    assert not list((folder.path / "checkpoints").iterdir())
    if stage == "preference_model":
        assert len(load_scorer(folder.path / "output").score([(prompts(1)[0].messages, "share")])) == 1
    else:
        assert load(folder.path / "output").tokenise("share")
    # Working it again finds it done and changes nothing.
    before = folder.results_file.read_bytes()
    work_folder(folder, STAGES)
    assert folder.results_file.read_bytes() == before


def test_a_pause_leaves_a_checkpoint_and_going_on_ends_the_same(base: Path, reward: Path, tmp_path: Path) -> None:
    whole = training_folder(tmp_path / "whole", "rl", base, reward)
    work_folder(whole, STAGES)
    paused = training_folder(tmp_path / "paused", "rl", base, reward)
    looks = iter([None, None, "pause"])
    assert work_folder(paused, STAGES, lambda: next(looks, "pause")) is RunState.PAUSED
    assert checkpoints.latest(paused.path / "checkpoints") is not None
    assert not list(paused.results(Output))
    assert work_folder(paused, STAGES) is RunState.FINISHED
    assert output(paused) == output(whole)
    assert sorted(paused.results(Metric), key=str) == sorted(whole.results(Metric), key=str)


@pytest.mark.parametrize("stage", ["sft", "preference_model", "rl"])
def test_what_is_stopped_to_be_kept_leaves_the_model_of_that_step(
    stage: str, base: Path, reward: Path, tmp_path: Path
) -> None:
    folder = training_folder(tmp_path, stage, base, reward)
    looks = iter([None, None])
    assert work_folder(folder, STAGES, lambda: next(looks, "stop")) is RunState.STOPPED
    made, left = output(folder), folder.status()
    assert 0 < made.step == left.done < left.total
    assert f"its model of step {made.step} of {left.total} is kept" in left.reason
    assert (folder.path / "output" / "model.safetensors").is_file()
    assert not list((folder.path / "checkpoints").iterdir())


def test_an_alarm_pauses_the_run_and_says_why(base: Path, reward: Path, tmp_path: Path) -> None:
    folder = training_folder(tmp_path, "rl", base, reward, max_kl=1e-9, learning_rate=1e-2)
    assert work_folder(folder, STAGES) is RunState.PAUSED
    assert folder.status().reason.startswith("Alarm kl: ")
    assert 0 < folder.status().done < folder.status().total
    assert work_folder(folder, STAGES) is RunState.FINISHED
    ignoring = training_folder(
        tmp_path / "ignoring", "rl", base, reward, max_kl=1e-9, learning_rate=1e-2, ignore_alarms="all"
    )
    assert work_folder(ignoring, STAGES) is RunState.FINISHED
    assert output(folder) == output(ignoring)


def test_killed_twice_it_ends_as_if_nothing_had_happened(base: Path, reward: Path, tmp_path: Path) -> None:
    whole = training_folder(tmp_path / "whole", "rl", base, reward)
    work_folder(whole, STAGES)
    killed = training_folder(tmp_path / "killed", "rl", base, reward)
    for _ in range(2):
        kill_after_some_steps(killed)
    assert work_folder(killed, STAGES) is RunState.FINISHED
    assert output(killed) == output(whole)
    found = Counter(killed.results(Metric))
    assert found == Counter(whole.results(Metric))


def kill_after_some_steps(folder: RunFolder, more: int = 15) -> None:
    """Start a worker and kill it shortly after it has saved some more numbers."""
    before = sum(1 for _ in folder.results(Metric)) if folder.results_file.exists() else 0
    process = subprocess.Popen([*WORKER, str(folder.path)], env=environment(), stderr=subprocess.DEVNULL)
    try:
        while process.poll() is None and sum(1 for _ in folder.results(Metric)) < before + more:
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()


def test_a_plan_without_a_model_is_one_sentence(base: Path, tmp_path: Path) -> None:
    plan = Plan("sft-1", "sft", settings=to_data(SETTINGS["sft"]()))
    folder = RunFolder.create(tmp_path / "sft-1", plan, CONSTITUTION, sft_rows(2))
    assert work_folder(folder, STAGES) is RunState.FAILED
    assert "no model folder for the role policy" in folder.status().reason
