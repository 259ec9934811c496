"""Two processes, started by accelerate on the CPU, learn what one process learns from the same batches."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.workbench.training.five_updates import updates, written, written_down
from tests.workbench.training.small import preference_rows, prompts, sft_rows, small_model
from workbench.errors import BadInputError, MissingError
from workbench.records.constitution import Constitution
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
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
HOW: dict[str, Any] = {"batch_size": 8, "micro_batch_size": 4, "epochs": 1, "learning_rate": 1e-3, "pinned": 1}


def named(rows: Sequence[Any], name: str) -> list[Any]:
    """Give rows names, by which some of them are pinned."""
    return [replace(row, **{name: f"row-{at}"}) for at, row in enumerate(rows)]


#: Each learns from rows that leave a last batch of 5 (its second micro-batch gives one process nothing) or of 7.
LEARNING: tuple[tuple[str, object, list[Any]], ...] = (
    ("sft", SftSettings(**HOW), named(sft_rows(21), "prompt_id")),
    ("preference_model", PreferenceModelSettings(**HOW), named(preference_rows(28, 4), "comparison_id")),
    ("dpo", DpoSettings(**HOW), named(preference_rows(31, 4), "prompt_id")),
)
RL = RlSettings(
    episodes=16,
    batch_size=8,
    micro_batch_size=2,
    mini_batches=1,
    ppo_epochs=5,
    pinned=2,
    learning_rate=1e-3,
    max_tokens=8,
)
RLOO = replace(RL, algorithm="rloo", num_generations=4, ppo_epochs=1, micro_batch_size=4)
#: An adapter on the policy, which is its own reference, and a value that is a head on it.
ADAPTED = replace(RL, lora_rank=4, value="shared", snapshots=1, pick="best")
#: What each training tells beside its loss.
BESIDE = {
    "sft": ("mean_token_accuracy", "num_tokens"),
    "preference_model": ("accuracy", "margin", "mean_reward", "min_reward", "max_reward"),
    "dpo": ("rewards/chosen", "rewards/margins", "logps/rejected", "eval_rewards/margins"),
}
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


def worked(folder: RunFolder) -> RunFolder:
    """Work a folder in this process."""
    assert work_folder(folder, STAGES, beside=True) is RunState.FINISHED, folder.status().reason
    return folder


@contextmanager
def launched(*folders: RunFolder, worker: str = "") -> Iterator[None]:
    """Have folders worked in turn, as the queue would, while something else is done."""
    program, log = program_of(folders[0], WORKER), folders[0].path / "launched.txt"
    command = [*program[:-1], worker or program[-1], *(str(folder.path) for folder in folders), "--beside"]
    with log.open("wb") as told, subprocess.Popen(command, env=environment(), stdout=told, stderr=told) as running:
        yield
        running.wait()
    for folder in folders:
        assert folder.status().state is RunState.FINISHED, log.read_text()[-3000:]


def numbers(folder: RunFolder, name: str) -> list[float]:
    return [metric.value for metric in folder.results(Metric) if metric.name == name]


def alike(first: RunFolder, second: RunFolder, name: str, first_steps: int = 0) -> None:
    one, two = (numbers(folder, name)[: first_steps or None] for folder in (first, second))
    assert one
    assert two == pytest.approx(one, abs=2e-4, rel=2e-3), name


Runs = dict[str, RunFolder]


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
    assert (two.path / "output" / "model.safetensors").is_file()


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
    # RLOO, by TRL, draws on each process for itself; what they learn is one thing.
    assert len(numbers(rloo, "objective/scores")) == 2
    each = [written(rloo, rank) for rank in (0, 1)]
    assert [one["gradient"] for one in each[0]] == pytest.approx([one["gradient"] for one in each[1]], rel=1e-6)
    assert [one["loss"] for one in each[0]] != [one["loss"] for one in each[1]]


@pytest.fixture(scope="module")
def cut(base: Path, runs: tuple[Runs, Runs], tmp_path_factory: pytest.TempPathFactory) -> tuple[Runs, Runs]:
    """Trainings by one process and in shards (FSDP), each of these paused on its way and resumed from what the shards wrote."""
    place = tmp_path_factory.mktemp("cut")
    (sft, how, rows), (preferring, _, pairs), (dpo, how_dpo, pairs_dpo) = LEARNING
    reward = {"policy": base, "reward": runs[0]["preference_model"].path / "output"}
    adapted = PreferenceModelSettings(**HOW, lora_rank=4)
    asked: dict[str, tuple[str, dict[str, Path], object, list[Any]]] = {
        "sft": (sft, {"policy": base}, how, rows),
        "preference_model": (preferring, {"policy": base}, adapted, pairs),
        "dpo": (dpo, {"policy": base}, replace(how_dpo, lora_rank=4), pairs_dpo),  # type: ignore[type-var]
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
    both = [*shards.values(), *shards.values()]
    with launched(*both, worker="tests.workbench.training.five_updates"), written_down():
        for name in ("preference_model", "dpo", "rl-adapted"):
            worked(one[name])
    return one | {name: runs[0][name] for name in ("sft", "rl")}, shards


@pytest.mark.model
@pytest.mark.parametrize("stage", [stage for stage, _, _ in LEARNING])
def test_shards_learn_what_a_whole_model_learns(cut: tuple[Runs, Runs], stage: str) -> None:
    """All weights, and an adapter of a preference model and of a policy that learns preferences."""
    whole, shards = (some[stage] for some in cut)
    assert "in 2 shards" in shards.events_file.read_text()
    assert "Going on from" in shards.events_file.read_text()
    for name in ("loss", "grad_norm", *BESIDE[stage], *(["eval_loss"] if stage == "preference_model" else [])):
        alike(whole, shards, name)
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


def same_looks(whole: RunFolder, shards: RunFolder) -> None:
    """The model is brought together to answer and to score what is pinned, and does so as a whole one."""
    texts = [[(sample.step, sample.text) for sample in folder.results(PolicySample)] for folder in (whole, shards)]
    one, two = (
        [(said.step, said.score_a, said.score_b) for said in folder.results(PairScores)] for folder in (whole, shards)
    )
    assert texts[0] or one
    assert texts[0] == texts[1]
    assert two == [pytest.approx(said, abs=2e-4, rel=2e-3) for said in one]


def same_weights(whole: RunFolder, shards: RunFolder) -> None:
    """What two runs made, snapshots too, holds the same weights but for rounding."""
    for file in sorted(whole.path.rglob("*.safetensors")):
        first, second = load_file(file), load_file(shards.path / file.relative_to(whole.path))
        assert first.keys() == second.keys()
        for name in first:
            assert torch.allclose(first[name], second[name], atol=2e-4, rtol=2e-3), name


def test_configurations_that_cannot_serve_are_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    for stage, text, said in (
        ("sft", "a: [", "not YAML"),
        ("sft", "{}", "num_processes"),
        ("sft", TWO.replace("MULTI_GPU", "DEEPSPEED"), "take distributed_type: FSDP"),
        ("sft", SHARDS + "  fsdp_offload_params: true\n", "take more processes"),
    ):
        file.write_text(text)
        with pytest.raises(BadInputError, match=said):
            read_launcher(str(file), stage)
    for text in (TWO, SHARDS):
        file.write_text(text)
        assert read_launcher(str(file), "rl") == text
    with pytest.raises(BadInputError, match="is for trainings"):
        read_launcher(str(file), "chains")
    with pytest.raises(MissingError, match="There is no file"):
        read_launcher(str(tmp_path / "other.yaml"), "sft")


def test_a_batch_that_cannot_be_shared_is_told() -> None:
    assert Ranks(1, 2).share(8, "micro_batch_size") == 4
    with pytest.raises(BadInputError, match="must be a multiple of the number of processes"):
        Ranks(0, 2).share(3, "micro_batch_size")
