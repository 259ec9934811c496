"""Trainings whose optimiser DeepSpeed divides between two processes learn what one process learns with all of it."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.workbench.training.processes import (
    ADAPTED,
    BESIDE,
    HOW,
    LEARNING,
    OFFLOAD,
    RL,
    RLOO,
    ZERO_1,
    ZERO_2,
    Runs,
    alike,
    launched,
    make,
    numbers,
    same_looks,
    same_weights,
    worked,
)
from tests.workbench.training.small import prompts, small_model
from workbench.records.run import RunState
from workbench.records.settings import DpoSettings
from workbench.runs.folder import LAUNCHER
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        importlib.util.find_spec("deepspeed") is None,
        reason="DeepSpeed is not installed: pip install 'constitution-workbench[deepspeed]'",
    ),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Runs, Runs]:
    """Trainings by one process, and divided: all of these but the last are paused on their way and gone on with.

    Two are ended by one process that has the whole optimiser, and one was begun by it.
    """
    place = tmp_path_factory.mktemp("zero")
    base = small_model(place / "model")
    (sft, how, rows), (preferring, how_preferring, pairs), (dpo, _, pairs_dpo) = LEARNING
    asked: dict[str, tuple[str, dict[str, Path], object, list[Any]]] = {
        "sft": (sft, {"policy": base}, how, rows),
        "preference_model": (preferring, {"policy": base}, how_preferring, pairs),
        "dpo": (dpo, {"policy": base}, DpoSettings(**HOW, lora_rank=4), pairs_dpo),
    }
    one = {"preference_model": worked(make(place / "first", *asked["preference_model"], ""))}
    models = {"policy": base, "reward": one["preference_model"].path / "output"}
    played = {"rl": RL, "rl-adapted": ADAPTED, "rloo": RLOO}
    asked |= {name: ("rl", models, settings, list(prompts(12))) for name, settings in played.items()}
    alone = ("sft", "dpo", "rl", "rl-adapted")
    one |= {name: make(place / name, *asked[name], "") for name in alone}
    first_stage = ("preference_model", "rl-adapted")
    divided = {
        name: make(place / f"{name}-2", *some, ZERO_1 if name in first_stage else ZERO_2)
        for name, some in asked.items()
    }
    divided["offload"] = make(place / "offload", *asked["sft"], OFFLOAD)
    for folder in divided.values():
        folder.write_request("pause")
    begun, ended = divided["preference_model"], [divided["dpo"], divided["rl-adapted"]]
    spread = (begun.path / LAUNCHER).read_text()
    (begun.path / LAUNCHER).unlink()
    assert work_folder(begun, STAGES, beside=True) is RunState.PAUSED
    (begun.path / LAUNCHER).write_text(spread)
    once = [*ended, begun]
    resumed = [folder for folder in divided.values() if folder not in once]
    divided["unbroken"] = make(place / "unbroken", *asked["sft"], ZERO_2)
    single = make(place / "single", *asked["sft"], OFFLOAD.replace("num_processes: 2", "num_processes: 1"))
    single.write_request("pause")
    with launched(*divided.values(), *resumed, paused=ended), launched(single, single):
        for name in alone:
            worked(one[name])
    for folder in ended:
        (folder.path / LAUNCHER).unlink()
        worked(folder)
    return one, {**divided, "single": single}


@pytest.mark.parametrize("name", ["sft", "preference_model", "dpo", "offload", "single"])
def test_a_divided_training_learns_what_a_whole_one_learns(both: tuple[Runs, Runs], name: str) -> None:
    """All weights under stages 1 and 2, an adapter, and an optimiser in the host's memory, also of one process."""
    stage = "sft" if name in ("offload", "single") else name
    whole, divided = both[0][stage], both[1][name]
    assert "ZeRO-" in divided.events_file.read_text()
    assert "Going on from" in divided.events_file.read_text()
    assert len(numbers(whole, "loss")) > 2
    for number in ("loss", "grad_norm", *BESIDE[stage], *(["eval_loss"] if stage == "preference_model" else [])):
        alike(whole, divided, number)
    same_looks(whole, divided)
    same_weights(whole, divided)


def test_a_pause_changes_nothing(both: tuple[Runs, Runs]) -> None:
    paused, unbroken = (load_file(both[1][name].path / "output" / "model.safetensors") for name in ("sft", "unbroken"))
    assert all(torch.equal(paused[name], unbroken[name]) for name in unbroken)


@pytest.mark.parametrize("name", ["rl", "rl-adapted"])
def test_ppo_divided_learns_what_a_whole_optimiser_learns(both: tuple[Runs, Runs], name: str) -> None:
    """Policy and value model side by side under stage 2; an adapter with a value head under stage 1."""
    whole, divided = (some[name] for some in both)
    assert "Going on from" in divided.events_file.read_text()
    told = ("objective/kl", "objective/scores", "response_length", "loss/policy_avg", "loss/value_avg", "grad_norm")
    for number in told:
        alike(whole, divided, number)
    same_looks(whole, divided)
    same_weights(whole, divided)


def test_rloo_runs_divided(both: tuple[Runs, Runs]) -> None:
    assert len(numbers(both[1]["rloo"], "objective/scores")) == 2
