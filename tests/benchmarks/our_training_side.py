"""Our side of training: the workbench's own stages, timed from the end of the first step to the end of the last."""

import dataclasses
import json
import shutil
import time
from pathlib import Path
from typing import Any

import torch

from tests.benchmarks.contest import BENCH
from tests.benchmarks.ppo_gate import apart, scratch
from tests.benchmarks.side import serve
from tests.benchmarks.training_workloads import Ppo, Training, comparison_texts, gaps, prompt_texts, sft_texts
from workbench.records.constitution import Constitution
from workbench.records.encoding import to_data
from workbench.records.prompt import Prompt, prompt_of
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.run import Metric, Plan
from workbench.records.settings import PreferenceModelSettings, RlSettings, SftSettings
from workbench.records.transcript import Message
from workbench.runs.folder import RunFolder
from workbench.stages.training.compute import Compute
from workbench.stages.training.course import Place
from workbench.stages.training.pairs import encode_pairs
from workbench.stages.training.pinned import APART
from workbench.stages.training.players import Starts
from workbench.stages.training.preference_model import train_preference_model
from workbench.stages.training.reinforcement import Asked
from workbench.stages.training.rl import train_rl
from workbench.stages.training.schedule import reading_order
from workbench.stages.training.sft import encode_rows, train_sft
from workbench.stages.training.tokens import prompt_ids
from workbench.stages.training.watching import Quiet, Watching
from workbench.stages.training.weights import load_preference_model, load_tokenizer, save_model
from workbench.worker.training import Listener
from workbench.worker.work import Work

_NEVER = 10**9


class Clock(Quiet):
    """Notes when each optimiser step ends, and the losses."""

    def __init__(self) -> None:
        self.times: list[float] = []
        #: What the processor has done for this process until then, in seconds of one core.
        self.spent: list[float] = []
        self.losses: list[float] = []

    def progress(self, done: int, total: int) -> None:
        self.times.append(time.perf_counter())
        self.spent.append(time.process_time())

    def around(self, every: int = 1) -> dict[str, Any]:
        """Return the seconds per unit of so many steps, and those of the processor."""
        return {**gaps(self.times, every), "processor": gaps(self.spent, every)["seconds"]}

    def emit(self, metric: Metric) -> None:
        if metric.name == "loss":
            self.losses.append(metric.value)


@dataclasses.dataclass(frozen=True)
class Timed(Watching):
    """Passes everything on to a run folder, as a worker does, and notes the time after it."""

    clock: Clock

    def progress(self, done: int, total: int) -> None:
        self.watcher.progress(done, total)
        self.clock.progress(done, total)


def sft_rows(folder: str, data: str, training: dict[str, Any], vocabulary: int) -> None:
    """Write the rows as both sides read them: token ids, in the order of reading."""
    asked = Training(**training)
    encoded = encode_rows(load_tokenizer(Path(folder)), _sft_rows(asked, vocabulary))
    order = reading_order([len(row["input_ids"]) for row in encoded], asked.rows, 1, asked.seed)
    Path(data).write_text(json.dumps([encoded[row] for row in order]))


def pairs(folder: str, data: str, training: dict[str, Any], vocabulary: int) -> None:
    """Write the comparisons as both sides read them."""
    asked = Training(**training)
    encoded = encode_pairs(load_tokenizer(Path(folder)), _preference_rows(asked, vocabulary), soft_labels=True)
    order = reading_order([pair.length for pair in encoded], asked.rows, 1, asked.seed)
    read = [{"chosen_ids": encoded[row].chosen, "rejected_ids": encoded[row].rejected} for row in order]
    Path(data).write_text(json.dumps(read))


def prompts(folder: str, data: str, count: int, vocabulary: int, seed: int) -> None:
    """Write the prompts of PPO as token ids."""
    tokenizer = load_tokenizer(Path(folder))
    Path(data).write_text(json.dumps([prompt_ids(tokenizer, p.messages) for p in _prompts(count, vocabulary, seed)]))


def reward(folder: str, place: str) -> None:
    """Write a preference model with the head that the baseline draws from the same seed."""
    tokenizer = load_tokenizer(Path(folder))
    save_model(load_preference_model(Path(folder), tokenizer), tokenizer, Path(place))


def sft(
    folder: str, training: dict[str, Any], vocabulary: int, dtype: str, device: str, threads: int
) -> dict[str, Any]:
    """Fine-tune; return seconds per step and the losses."""
    asked, clock = Training(**training), Clock()
    settings = _sft_settings(asked)
    train_sft(Path(folder), _sft_rows(asked, vocabulary), settings, _place(dtype, device, threads, asked.seed), clock)
    return {**gaps(clock.times), "losses": clock.losses}


def preference_model(
    folder: str, training: dict[str, Any], vocabulary: int, dtype: str, device: str, threads: int
) -> dict[str, Any]:
    """Train a preference model; return seconds per step and the losses."""
    asked, clock = Training(**training), Clock()
    settings = PreferenceModelSettings(
        learning_rate=asked.learning_rate,
        batch_size=asked.rows,
        micro_batch_size=asked.rows,
        checkpoint_every=_NEVER,
        pinned=0,
    )
    rows = _preference_rows(asked, vocabulary)
    train_preference_model(Path(folder), rows, settings, _place(dtype, device, threads, asked.seed), clock)
    return {**gaps(clock.times), "losses": clock.losses}


def ppo(
    folder: str,
    place: str,
    batches: int,
    settings: dict[str, Any],
    vocabulary: int,
    dtype: str,
    device: str,
    threads: int,
) -> dict[str, Any]:
    """Train by PPO; return seconds per batch of experience."""
    asked, clock = Ppo(**settings), Clock()
    chosen = _rl_settings(asked, batches)
    train_rl(
        _asked(folder, place, batches * asked.batch, vocabulary, asked), chosen, _place(dtype, device, threads), clock
    )
    return gaps(clock.times, asked.passes)


def ppo_gate(folder: str, place: str, settings: dict[str, Any], vocabulary: int) -> dict[str, float]:
    """Return how far KL, advantages and losses are from the formulas on a frozen rollout."""
    asked = Ppo(**settings)
    torch.set_num_threads(1)
    chosen = _rl_settings(asked, 1)
    return apart(_asked(folder, place, asked.batch, vocabulary, asked), chosen, scratch(_fresh("gate")))


def around_sft(
    folder: str, training: dict[str, Any], vocabulary: int, whole: bool, device: str, threads: int
) -> dict[str, Any]:
    """Fine-tune as a worker does, with events, metrics and checkpoints (whole), or without any of them."""
    asked, clock = Training(**training), Clock()
    settings = dataclasses.replace(_sft_settings(asked), checkpoint_every=50 if whole else _NEVER)
    rows, place = _sft_rows(asked, vocabulary), _place("float32", device, threads, asked.seed)
    if whole:
        with Folder("sft", settings) as (listener, at):
            train_sft(Path(folder), rows, settings, at(place), Timed(listener, clock))
    else:
        train_sft(Path(folder), rows, settings, place, clock)
    return clock.around()


def around_ppo(
    folder: str,
    place: str,
    batches: int,
    settings: dict[str, Any],
    vocabulary: int,
    whole: bool,
    device: str,
    threads: int,
) -> dict[str, Any]:
    """Train by PPO as a worker does, with events, samples of pinned prompts and checkpoints (whole), or without any."""
    asked, clock = Ppo(**settings), Clock()
    chosen = _rl_settings(asked, batches)
    usual = RlSettings()
    if whole:  # asked as often as in a training of the usual length, of which this is a part
        chosen = dataclasses.replace(
            chosen, checkpoint_every=usual.checkpoint_every, pinned=usual.pinned, pinned_every=APART
        )
    question = _asked(folder, place, batches * asked.batch, vocabulary, asked)
    at_place = _place("float32", device, threads)
    if whole:
        with Folder("rl", chosen) as (listener, at):
            train_rl(question, chosen, at(at_place), Timed(listener, clock))
    else:
        train_rl(question, chosen, at_place, clock)
    return clock.around(asked.passes)


class Folder:
    """A run folder that a training tells what it does, as in a worker."""

    def __init__(self, stage: str, settings: Any) -> None:
        plan = Plan(f"{stage}-1", stage, settings=to_data(settings))
        self._work = Work(RunFolder.create(_fresh("around") / plan.id, plan, Constitution("bench"), []))

    def __enter__(self) -> tuple[Listener, Any]:
        work = self._work
        return Listener(work), lambda place: dataclasses.replace(
            place, output=work.output_folder, checkpoints=work.checkpoint_folder
        )

    def __exit__(self, *_: Any) -> None:
        self._work.close()


def _sft_settings(asked: Training) -> SftSettings:
    return SftSettings(
        learning_rate=asked.learning_rate,
        batch_size=asked.rows,
        micro_batch_size=asked.rows,
        checkpoint_every=_NEVER,
        pinned=0,
    )


def _rl_settings(asked: Ppo, batches: int) -> RlSettings:
    return RlSettings(
        episodes=batches * asked.batch,
        batch_size=asked.batch,
        micro_batch_size=asked.micro,
        ppo_epochs=asked.passes,
        mini_batches=1,
        max_tokens=asked.tokens,
        learning_rate=asked.learning_rate,
        kl_coef=asked.kl_coef,
        missing_eos_penalty=0.0,
        checkpoint_every=_NEVER,
        pinned=0,
        ignore_alarms="all",
    )


def _sft_rows(asked: Training, vocabulary: int) -> list[SftRow]:
    texts = sft_texts(asked.total, vocabulary, asked.seed)
    return [SftRow((Message("user", prompt),), completion) for prompt, completion in texts]


def _preference_rows(asked: Training, vocabulary: int) -> list[PreferenceRow]:
    texts = comparison_texts(asked.total, vocabulary, asked.seed)
    return [PreferenceRow((Message("user", prompt),), better, worse, 1.0) for prompt, better, worse in texts]


def _prompts(count: int, vocabulary: int, seed: int) -> list[Prompt]:
    return [prompt_of(text) for text in prompt_texts(count, vocabulary, seed)]


def _asked(folder: str, place: str, count: int, vocabulary: int, asked: Ppo) -> Asked:
    starts = Starts(Path(folder), Path(folder), Path(place))
    return Asked(starts, _prompts(count, vocabulary, asked.seed), asked.tokens)


def _place(dtype: str, device: str, threads: int, seed: int = 0) -> Place:
    compute = Compute(device, bf16=dtype == "bfloat16", threads=threads)
    compute.use_threads()
    folder = _fresh("ours")
    return Place(folder / "output", folder / "checkpoints", seed, compute)


def _fresh(name: str) -> Path:
    folder = BENCH / "training" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    serve(
        {
            "sft_rows": sft_rows,
            "pairs": pairs,
            "prompts": prompts,
            "reward": reward,
            "sft": sft,
            "preference_model": preference_model,
            "ppo": ppo,
            "ppo_gate": ppo_gate,
            "around_sft": around_sft,
            "around_ppo": around_ppo,
        }
    )
