"""What both sides of a training contest learn from: texts made from a seed, and the settings both are given."""

import random
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.workloads import words

#: Tokens of an SFT row's prompt and completion, of a comparison's prompt and responses, of a PPO prompt.
PROMPT, COMPLETION = (60, 140), (36, 60)
RL_PROMPT = (40, 100)


@dataclass(frozen=True)
class Training:
    """The settings of a training both sides run; rows per optimiser step are sequences, comparisons or episodes."""

    rows: int
    steps: int
    learning_rate: float = 2e-4
    seed: int = 0

    @property
    def total(self) -> int:
        """Rows in all."""
        return self.rows * self.steps


@dataclass(frozen=True)
class Ppo:
    """PPO as TRL's PPOTrainer names it: one mini-batch, several passes over each batch, responses of a fixed length."""

    batch: int = 16
    micro: int = 16
    passes: int = 4
    tokens: int = 48
    learning_rate: float = 1e-5
    kl_coef: float = 0.05
    seed: int = 0


def sft_texts(count: int, vocabulary: int, seed: int) -> list[tuple[str, str]]:
    """Return prompts and completions."""
    draw = random.Random(seed)
    return [(words(draw, PROMPT, vocabulary), words(draw, COMPLETION, vocabulary)) for _ in range(count)]


def comparison_texts(count: int, vocabulary: int, seed: int) -> list[tuple[str, str, str]]:
    """Return prompts with a better and a worse response."""
    draw = random.Random(seed)
    return [tuple(words(draw, size, vocabulary) for size in (PROMPT, COMPLETION, COMPLETION)) for _ in range(count)]  # type: ignore[misc]


def prompt_texts(count: int, vocabulary: int, seed: int) -> list[str]:
    """Return prompts to answer."""
    draw = random.Random(seed)
    return [words(draw, RL_PROMPT, vocabulary) for _ in range(count)]


def gaps(times: list[float], every: int = 1) -> dict[str, Any]:
    """Return the seconds per unit of `every` optimiser steps, the first unit left out, since it warms up."""
    ends = times[every - 1 :: every]
    return {"seconds": (ends[-1] - ends[0]) / (len(ends) - 1), "units": len(ends)}
