"""Small models, rows and watchers for the tests of training."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.workbench.models.tiny import tiny_model
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.prompt import Prompt, prompt_of
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.run import Metric, Output
from workbench.records.settings import RlSettings
from workbench.records.transcript import Message
from workbench.stages.preferences import LabelWork
from workbench.stages.training.course import Place, Trained
from workbench.stages.training.players import Starts
from workbench.stages.training.reinforcement import Asked
from workbench.stages.training.rl import train_rl
from workbench.stages.training.watching import Watcher

WORDS = ("plan", "picnic", "share", "Dana", "ask", "everyone", "rude", "answer", "help", "trust")


def small_model(folder: Path, chat: bool = True) -> Path:
    """Write a random Llama of some 30,000 parameters."""
    return tiny_model(folder, "llama", chat=chat)


def asked(text: str) -> tuple[Message, ...]:
    return (Message("user", text),)


def sentence(number: int, words: int = 4) -> str:
    return " ".join(WORDS[(number * 7 + place * 3) % len(WORDS)] for place in range(words))


def sft_rows(count: int) -> list[SftRow]:
    return [SftRow(asked(sentence(number)), sentence(number + 1, 2 + number % 5)) for number in range(count)]


def preference_rows(count: int, held_out_every: int = 0) -> list[PreferenceRow]:
    """Comparisons with one rule: the response that says 'rude' is worse."""
    rows = []
    for number in range(count):
        nice, rude = f"{sentence(number, 3)} trust", f"{sentence(number + 5, 3)} rude"
        first, second, probability = (nice, rude, 0.9) if number % 2 else (rude, nice, 0.1)
        held_out = held_out_every > 0 and number % held_out_every == 0
        rows.append(PreferenceRow(asked(sentence(number)), first, second, probability, held_out=held_out))
    return rows


def prompts(count: int) -> list[Prompt]:
    return [prompt_of(f"{sentence(number)} {number}") for number in range(count)]


@dataclass
class Listening:
    """A watcher that keeps what it is told, and asks to stop once stop_at steps are done; what was learnt may be wanted."""

    stop_at: int = 0
    wanted: bool = False
    metrics: list[Metric] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    samples: list[PolicySample] = field(default_factory=list)
    scores: list[PairScores] = field(default_factory=list)
    models: list[Output] = field(default_factory=list)
    done: int = 0
    total: int = 0

    def emit(self, metric: Metric) -> None:
        self.metrics.append(metric)

    def progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total

    def say(self, text: str) -> None:
        self.said.append(text)

    def show(self, name: str, text: str) -> None:
        self.said.append(text)

    def sample(self, sample: PolicySample | PairScores) -> None:
        if isinstance(sample, PairScores):
            self.scores.append(sample)
        else:
            self.samples.append(sample)

    def made(self, output: Output) -> None:
        self.models.append(output)

    def should_stop(self) -> bool:
        return 0 < self.stop_at <= self.done

    def keeps(self) -> bool:
        return self.wanted

    def values(self, name: str) -> list[float]:
        return [metric.value for metric in self.metrics if metric.name == name]


def reinforce(
    starts: Starts,
    asked_prompts: Sequence[Prompt],
    settings: RlSettings,
    place: Place,
    watcher: Watcher,
    max_tokens: int,
    feedback: LabelWork | None = None,
) -> Trained:
    """Train by the algorithm in the settings."""
    return train_rl(Asked(starts, asked_prompts, max_tokens, feedback=feedback), settings, place, watcher)
