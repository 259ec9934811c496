"""Two processes, started by accelerate on the CPU, learn what one process learns from the same batches."""

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from tests.workbench.training.five_updates import updates, written, written_down
from tests.workbench.training.small import preference_rows, prompts, sft_rows, small_model
from workbench.errors import BadInputError, MissingError
from workbench.records.constitution import Constitution
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.run import Metric, Plan, RunState
from workbench.records.settings import DpoSettings, PreferenceModelSettings, RlSettings, SftSettings
from workbench.runs.folder import LAUNCHER, RunFolder
from workbench.runs.launcher import WORKER, environment
from workbench.runs.launchers import program_of, read_launcher
from workbench.stages.training.ranks import Ranks
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

TWO = """compute_environment: LOCAL_MACHINE
distributed_type: MULTI_GPU
use_cpu: true
num_machines: 1
num_processes: 2
machine_rank: 0
main_process_port: 0
rdzv_backend: static
same_network: true
"""
SHARDS = TWO.replace("MULTI_GPU", "FSDP") + "fsdp_config:\n  fsdp_version: 2\n"
DPO = DpoSettings(batch_size=8, micro_batch_size=4, epochs=1, learning_rate=1e-3)
MACHINE = {"device": "cpu", "training_dtype": "float32", "training_threads": 1}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("base") / "model")


def make(
    place: Path, stage: str, models: dict[str, Path], settings: object, rows: list[object], launcher: str
) -> RunFolder:
    refs = {role: ModelRef("folder", str(folder), folder=str(folder)) for role, folder in models.items()}
    plan = Plan(
        place.name,
        stage,
        refs,
        settings=to_data(settings),
        seed=3,
        total=len(rows),
        machine=MACHINE,
        launcher="two" if launcher else "",
    )
    return RunFolder.create(place, plan, Constitution("none"), rows, launcher=launcher)


def worked(*folders: RunFolder, worker: str = "") -> RunFolder:
    """Work folders in turn and return the last: in this process, or as the queue would where several are to."""
    first = folders[0]
    if not first.plan.launcher:
        assert work_folder(first, STAGES, beside=True) is RunState.FINISHED, first.status().reason
        return first
    program = program_of(first, WORKER)
    command = [*program[:-1], worker or program[-1], *(str(folder.path) for folder in folders), "--beside"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    for folder in folders:
        assert folder.status().state is RunState.FINISHED, done.stderr[-3000:]
    return folders[-1]


def weights_of(folder: RunFolder) -> Path:
    """Return the file of what a folder's training made: a model's weights or an adapter's."""
    return next((folder.path / "output").glob("*.safetensors"))


def numbers(folder: RunFolder, name: str) -> list[float]:
    return [metric.value for metric in folder.results(Metric) if metric.name == name]


def alike(first: RunFolder, second: RunFolder, name: str, first_steps: int = 0) -> None:
    one, two = (numbers(folder, name)[: first_steps or None] for folder in (first, second))
    assert one
    assert two == pytest.approx(one, abs=2e-4, rel=2e-3), name


@pytest.mark.model
def test_sft_preference_model_and_dpo_learn_the_same(base: Path, tmp_path: Path) -> None:
    sft = SftSettings(batch_size=8, micro_batch_size=4, epochs=1, learning_rate=1e-3)
    judge = PreferenceModelSettings(batch_size=8, micro_batch_size=4, epochs=1, learning_rate=1e-3)
    asked: tuple[tuple[str, object, list[Any]], ...] = (
        ("sft", sft, list(sft_rows(32))),
        ("preference_model", judge, list(preference_rows(32, 4))),
        ("dpo", DPO, list(preference_rows(33, 4))),
    )
    one, two = (
        [
            make(tmp_path / f"{stage}{launcher[:4]}", stage, {"policy": base}, how, rows, launcher)
            for stage, how, rows in asked
        ]
        for launcher in ("", TWO)
    )
    worked(*two)
    for whole, shared in zip(one, two, strict=True):
        alike(worked(whole), shared, "loss")
        alike(whole, shared, "grad_norm")
        if whole.plan.stage == "dpo":
            alike(whole, shared, "eval_rewards/margins")
        assert (shared.path / "output" / "model.safetensors").is_file()


@pytest.mark.model
def test_ppo_learns_the_same_in_its_first_five_updates(base: Path, tmp_path: Path) -> None:
    """Five passes over the first batch of responses: what is learnt from does not change between the updates."""
    judge = PreferenceModelSettings(batch_size=8, micro_batch_size=8, epochs=1, learning_rate=1e-3)
    reward = worked(
        make(tmp_path / "judge", "preference_model", {"policy": base}, judge, list(preference_rows(24, 4)), "")
    )
    settings = RlSettings(
        episodes=16,
        batch_size=8,
        micro_batch_size=2,
        mini_batches=1,
        ppo_epochs=5,
        pinned=2,
        learning_rate=1e-3,
        max_tokens=8,
    )
    models = {"policy": base, "reward": reward.path / "output"}
    one, two = (make(tmp_path / f"rl-{name}", "rl", models, settings, list(prompts(12)), TWO) for name in ("1", "2"))
    (one.path / LAUNCHER).unlink()
    with written_down():
        assert work_folder(one, STAGES, beside=True) is RunState.FINISHED, one.status().reason
    other = replace(settings, algorithm="rloo", num_generations=4, ppo_epochs=1, micro_batch_size=4)
    rloo = make(tmp_path / "rloo", "rl", models, other, list(prompts(12)), TWO)
    worked(two, rloo, worker="tests.workbench.training.five_updates")
    first, second = updates(one, 1)[:5], updates(two, 2)[:5]
    assert len({round(loss, 4) for loss, _ in first}) == 5, "each update begins from other weights"
    assert second == [pytest.approx(update, abs=2e-4, rel=2e-3) for update in first]
    for name in ("objective/kl", "objective/scores", "response_length", "loss/policy_avg", "loss/value_avg"):
        alike(one, two, name, 1)
    assert len(numbers(two, "objective/kl")) == 2
    # RLOO, by TRL, draws on each process for itself; what they learn is one thing.
    assert len(numbers(rloo, "objective/scores")) == 2
    each = [written(rloo, rank) for rank in (0, 1)]
    assert [one["gradient"] for one in each[0]] == pytest.approx([one["gradient"] for one in each[1]], rel=1e-6)
    assert [one["loss"] for one in each[0]] != [one["loss"] for one in each[1]]


@pytest.mark.model
def test_shards_learn_what_a_whole_model_learns(base: Path, tmp_path: Path) -> None:
    """Cut into shards (FSDP), all weights and an adapter; paused on the way and resumed from what the shards wrote."""
    asked: tuple[tuple[str, object, list[Any]], ...] = (
        ("sft", SftSettings(batch_size=8, micro_batch_size=4, learning_rate=1e-3), list(sft_rows(32))),
        (
            "preference_model",
            PreferenceModelSettings(batch_size=8, micro_batch_size=4, learning_rate=1e-3, lora_rank=4),
            list(preference_rows(32, 4)),
        ),
    )
    one, cut = (
        [
            make(tmp_path / f"{stage}{launcher[:4]}", stage, {"policy": base}, settings, rows, launcher)
            for stage, settings, rows in asked
        ]
        for launcher in ("", SHARDS)
    )
    for folder in cut:
        folder.write_request("pause")
    worked(*cut, *cut)
    for whole, shards in zip(one, cut, strict=True):
        assert "in 2 shards" in shards.events_file.read_text()
        for name in ("loss", "grad_norm", *(["eval_loss"] if whole.plan.stage == "preference_model" else [])):
            alike(worked(whole), shards, name)
        first, second = (load_file(weights_of(folder)) for folder in (whole, shards))
        assert {name: some.shape for name, some in first.items()} == {name: some.shape for name, some in second.items()}


def test_configurations_that_cannot_serve_are_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for stage, text, said in (
        ("sft", "a: [", "not YAML"),
        ("sft", "{}", "num_processes"),
        ("sft", TWO.replace("MULTI_GPU", "DEEPSPEED"), "take distributed_type: FSDP"),
        ("sft", SHARDS + "  fsdp_offload_params: true\n", "take more processes"),
        ("rl", SHARDS, "a whole model for that"),
        ("dpo", SHARDS, "reads the whole model before it begins"),
    ):
        file.write_text(text)
        with pytest.raises(BadInputError, match=said):
            read_launcher(str(file), stage)
    file.write_text(TWO)
    assert read_launcher(str(file), "rl") == TWO
    with pytest.raises(BadInputError, match="is for trainings"):
        read_launcher(str(file), "chains")
    with pytest.raises(MissingError, match="There is no file"):
        read_launcher(str(tmp_path / "other.yaml"), "sft")


def test_a_batch_that_cannot_be_shared_is_told() -> None:
    assert Ranks(1, 2).share(8, "micro_batch_size") == 4
    with pytest.raises(BadInputError, match="must be a multiple of the number of processes"):
        Ranks(0, 2).share(3, "micro_batch_size")
