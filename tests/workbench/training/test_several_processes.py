"""Two processes, started by accelerate on the CPU, learn what one process learns from the same batches."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.workbench.training.five_updates import updates, written, written_down
from tests.workbench.training.processes import (
    ADAPTED,
    BESIDE,
    HOW,
    LEARNING,
    OFFLOAD,
    RL,
    RLOO,
    SHARDS,
    TWO,
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
from workbench.errors import BadInputError, MissingError
from workbench.project.project import Project
from workbench.records.constitution import Constitution
from workbench.records.run import RunState
from workbench.records.settings import PreferenceModelSettings, SftSettings
from workbench.records.zero import Zero
from workbench.runs.folder import LAUNCHER
from workbench.runs.launcher import launch
from workbench.runs.launchers import read_launcher
from workbench.stages.training.compute import Compute
from workbench.stages.training.ranks import Ranks
from workbench.stages.training.weights import four_bits
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="module")
def runs(base: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Runs, Runs]:
    """Each training by one process, and by two: all of these by one start of the launcher, which takes long."""
    place = tmp_path_factory.mktemp("runs")
    one, two = (
        {
            stage: make(place / f"{stage}{launcher[:4]}", stage, {"policy": base}, how, rows, launcher)
            for stage, how, rows in LEARNING
        }
        for launcher in ("", TWO)
    )
    models = {"policy": base, "reward": worked(one["preference_model"]).path / "output"}
    for name, runs, settings in (("rl", one, RL), ("rl-two", two, RL), ("rloo", two, RLOO)):
        runs[name] = make(place / name, "rl", models, settings, list(prompts(12)), TWO)
    (one["rl"].path / LAUNCHER).unlink()
    with launched(*two.values(), worker="tests.workbench.training.five_updates"), written_down():
        for name in ("sft", "dpo", "rl"):
            worked(one[name])
    return one, two


@pytest.mark.model
@pytest.mark.parametrize("stage", [stage for stage, _, _ in LEARNING])
def test_a_training_learns_the_same(runs: tuple[Runs, Runs], stage: str) -> None:
    one, two = (some[stage] for some in runs)
    assert len(numbers(one, "loss")) == 3, "the last batch is not full"
    for name in ("loss", "grad_norm", *BESIDE[stage]):
        alike(one, two, name)
    same_weights(one, two)


@pytest.mark.model
def test_ppo_learns_the_same_in_its_first_five_updates(runs: tuple[Runs, Runs]) -> None:
    """Five passes over the first batch of responses: what is learnt from does not change between the updates."""
    one, two, rloo = runs[0]["rl"], runs[1]["rl-two"], runs[1]["rloo"]
    first, second = updates(one, 1)[:5], updates(two, 2)[:5]
    assert len({round(loss, 4) for loss, _ in first}) == 5, "each update begins from other weights"
    assert second == [pytest.approx(update, abs=2e-4, rel=2e-3) for update in first]
    for name in ("objective/kl", "objective/scores", "response_length", "loss/policy_avg", "loss/value_avg"):
        alike(one, two, name, 1)
    assert len(numbers(two, "objective/kl")) == 2
    same_weights(one, two)
    # RLOO, by TRL, draws on each process for itself; what they learn is one thing.
    assert len(numbers(rloo, "objective/scores")) == 2
    each = [written(rloo, rank) for rank in (0, 1)]
    assert [one["gradient"] for one in each[0]] == pytest.approx([one["gradient"] for one in each[1]], rel=1e-6)
    assert [one["loss"] for one in each[0]] != [one["loss"] for one in each[1]]


@pytest.fixture(scope="module")
def cut(base: Path, runs: tuple[Runs, Runs], tmp_path_factory: pytest.TempPathFactory) -> tuple[Runs, Runs]:
    """Trainings by one process and in shards (FSDP), each of these paused on its way.

    What shards wrote is gone on from by shards, once by one process; what one process wrote, twice by shards.
    """
    place = tmp_path_factory.mktemp("cut")
    (sft, how, rows), (preferring, _, pairs), (dpo, how_dpo, pairs_dpo) = LEARNING
    reward = {"policy": base, "reward": runs[0]["preference_model"].path / "output"}
    adapted = PreferenceModelSettings(**HOW, lora_rank=4)
    asked: dict[str, tuple[str, dict[str, Path], object, list[Any]]] = {
        "sft": (sft, {"policy": base}, how, rows),
        "preference_model": (preferring, {"policy": base}, adapted, pairs),
        "dpo": (dpo, {"policy": base}, how_dpo, pairs_dpo),
        "dpo-adapted": (dpo, {"policy": base}, replace(how_dpo, lora_rank=4), pairs_dpo),  # type: ignore[type-var]
        "rl": ("rl", reward, RL, list(prompts(12))),
        "rl-adapted": ("rl", reward, ADAPTED, list(prompts(12))),
        "rloo": ("rl", reward, RLOO, list(prompts(12))),
    }
    one, shards = (
        {name: make(place / f"{name}{launcher[:4]}", *how, launcher) for name, how in asked.items()}
        for launcher in ("", SHARDS)
    )
    for folder in shards.values():
        folder.write_request("pause")
    for name in ("dpo", "rloo"):
        (shards[name].path / LAUNCHER).unlink()
        assert work_folder(shards[name], STAGES, beside=True) is RunState.PAUSED
        (shards[name].path / LAUNCHER).write_text(SHARDS)
    alone = shards["sft"]
    both = [*shards.values(), *(shards[name] for name in ("preference_model", "dpo-adapted", "rl", "rl-adapted"))]
    with launched(*both, worker="tests.workbench.training.five_updates", paused=[alone]), written_down():
        for name in ("preference_model", "dpo-adapted", "rl-adapted"):
            worked(one[name])
    (alone.path / LAUNCHER).unlink()
    worked(alone)
    return one | {name: runs[0][name] for name in ("sft", "dpo", "rl")}, shards


@pytest.mark.model
@pytest.mark.parametrize("name", ["sft", "preference_model", "dpo", "dpo-adapted"])
def test_shards_learn_what_a_whole_model_learns(cut: tuple[Runs, Runs], name: str) -> None:
    """All weights, and adapters; one is ended by one process, and one was begun by it."""
    stage = name.removesuffix("-adapted")
    whole, shards = (some[name] for some in cut)
    assert "in 2 shards" in shards.events_file.read_text()
    assert "Going on from" in shards.events_file.read_text()
    for number in ("loss", "grad_norm", *BESIDE[stage], *(["eval_loss"] if stage == "preference_model" else [])):
        alike(whole, shards, number)
    same_looks(whole, shards)
    same_weights(whole, shards)


@pytest.mark.model
@pytest.mark.parametrize("name", ["rl", "rl-adapted"])
def test_ppo_in_shards_learns_what_a_whole_policy_learns(cut: tuple[Runs, Runs], name: str) -> None:
    """The policy is whole while it writes, in shards while it learns; its first batch is learnt from five times."""
    whole, shards = (some[name] for some in cut)
    first, second = updates(whole, 1)[:5], updates(shards, 2)[:5]
    assert len({round(loss, 4) for loss, _ in first}) == 5, "each update begins from other weights"
    assert second == [pytest.approx(update, abs=2e-4, rel=2e-3) for update in first]
    assert "Going on from" in shards.events_file.read_text()
    for number in ("objective/kl", "objective/scores", "response_length", "loss/policy_avg", "loss/value_avg"):
        alike(whole, shards, number)
    same_looks(whole, shards)
    same_weights(whole, shards)


@pytest.mark.model
def test_rloo_runs_in_shards(cut: tuple[Runs, Runs]) -> None:
    shards = cut[1]["rloo"]
    assert len(numbers(shards, "objective/scores")) == 2
    each = [written(shards, rank) for rank in (0, 1)]
    assert [one["gradient"] for one in each[0]] == pytest.approx([one["gradient"] for one in each[1]], rel=1e-6)
    assert any(one["gradient"] for one in each[0])


def test_configurations_that_cannot_serve_are_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for stage, text, said in (
        ("sft", "a: [", "not YAML"),
        ("sft", "{}", "num_processes"),
        ("sft", TWO.replace("MULTI_GPU", "MEGATRON_LM"), "take distributed_type: FSDP"),
        ("sft", ZERO_2.replace("zero_stage: 2", "zero_stage: 3"), "take distributed_type: FSDP, or zero_stage: 2"),
        ("sft", ZERO_2.replace("zero_stage: 2", "zero_stage: 0"), "take 1 or 2"),
        ("sft", OFFLOAD.replace("device: cpu", "device: nvme"), "take cpu or none"),
        ("rl", OFFLOAD, "for stage rl leave it out"),
        ("sft", ZERO_2 + "  offload_param_device: cpu\n", "take distributed_type: FSDP"),
        ("sft", ZERO_2 + "  deepspeed_config_file: mine.json\n", "say zero_stage"),
        ("sft", ZERO_2.replace("num_machines: 1", "num_machines: 2"), "deepspeed_multinode_launcher: standard"),
        ("sft", ZERO_2.replace("  zero_stage: 2", "  - 2"), "must be names and values"),
        ("sft", SHARDS + "  fsdp_offload_params: true\n", "take more processes"),
    ):
        file.write_text(text)
        with pytest.raises(BadInputError, match=said):
            read_launcher(str(file), stage)
    for stage, text in (("rl", TWO), ("rl", SHARDS), ("rl", ZERO_1), ("rl", ZERO_2), ("dpo", OFFLOAD)):
        file.write_text(text)
        assert read_launcher(str(file), stage) == text
    with pytest.raises(BadInputError, match="is for trainings"):
        read_launcher(str(file), "chains")
    with pytest.raises(MissingError, match="There is no file"):
        read_launcher(str(tmp_path / "other.yaml"), "sft")


@pytest.mark.skipif(importlib.util.find_spec("deepspeed") is not None, reason="DeepSpeed is installed")
def test_deepspeed_that_is_missing_is_told_before_the_start(tmp_path: Path) -> None:
    """No run is made that this machine could not start; what was made elsewhere stays as it was."""
    file, told = tmp_path / "zero.yaml", r"pip install 'constitution-workbench\[deepspeed\]'"
    file.write_text(ZERO_2)
    with Project.create(tmp_path / "project", Constitution("none")) as project:
        with pytest.raises(MissingError, match=told):
            project.make_run("sft", {"launcher": str(file)})
        with pytest.raises(MissingError, match="chains"):  # to be worked elsewhere: what else it needs is asked for
            project.make_run("sft", {"launcher": str(file)}, here=False)
    folder = make(tmp_path / "run", "sft", {}, SftSettings(), [], ZERO_2)
    with pytest.raises(MissingError, match=told):
        launch(folder)
    assert folder.status().state is RunState.QUEUED


@pytest.mark.parametrize("compute", [Compute(sharded=True), Compute(zero=Zero())])
def test_a_quantised_base_in_parts_is_told(compute: Compute) -> None:
    with pytest.raises(BadInputError, match="MULTI_GPU"):
        four_bits(compute)


def test_a_batch_that_cannot_be_shared_is_told() -> None:
    assert Ranks(1, 2).share(8, "micro_batch_size") == 4
    with pytest.raises(BadInputError, match="must be a multiple of the number of processes"):
        Ranks(0, 2).share(3, "micro_batch_size")
