"""Trainings that several processes work, started by accelerate on the CPU, and by what they are the same as another."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.workbench.training.small import preference_rows, sft_rows
from workbench.records.constitution import Constitution
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.run import Metric, Plan, RunState
from workbench.records.settings import DpoSettings, PreferenceModelSettings, RlSettings, SftSettings
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER, environment
from workbench.runs.launchers import program_of
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES

#: With what `accelerate config` writes of precision; without its quotes no would be a word of YAML's.
TWO = """compute_environment: LOCAL_MACHINE
distributed_type: MULTI_GPU
downcast_bf16: 'no'
mixed_precision: 'no'
use_cpu: true
num_machines: 1
num_processes: 2
machine_rank: 0
main_process_port: 0
rdzv_backend: static
same_network: true
"""
SHARDS = TWO.replace("MULTI_GPU", "FSDP") + "fsdp_config:\n  fsdp_version: 2\n"
ZERO_2 = TWO.replace("MULTI_GPU", "DEEPSPEED") + "deepspeed_config:\n  zero_stage: 2\n"
ZERO_1 = ZERO_2.replace("zero_stage: 2", "zero_stage: 1")
OFFLOAD = ZERO_2 + "  offload_optimizer_device: cpu\n"
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

Runs = dict[str, RunFolder]


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
def launched(*folders: RunFolder, worker: str = "", paused: Sequence[RunFolder] = ()) -> Iterator[None]:
    """Have folders worked in turn, as the queue would, while something else is done; all are done then, or paused."""
    program, log = program_of(folders[0], WORKER), folders[0].path / "launched.txt"
    command = [*program[:-1], worker or program[-1], *(str(folder.path) for folder in folders), "--beside"]
    with log.open("wb") as told, subprocess.Popen(command, env=environment(), stdout=told, stderr=told) as running:
        yield
        running.wait()
    for folder in folders:
        state = RunState.PAUSED if folder in paused else RunState.FINISHED
        assert folder.status().state is state, log.read_text()[-3000:]


def numbers(folder: RunFolder, name: str) -> list[float]:
    return [metric.value for metric in folder.results(Metric) if metric.name == name]


def alike(first: RunFolder, second: RunFolder, name: str, first_steps: int = 0) -> None:
    one, two = (numbers(folder, name)[: first_steps or None] for folder in (first, second))
    assert one
    assert two == pytest.approx(one, abs=2e-4, rel=2e-3), name


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
