"""Which episodes each of PPO's steps learns from: batches, passes over a batch, mini-batches, micro-batches."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import BadInputError
from workbench.records.draws import stream
from workbench.records.settings import RlSettings


@dataclass(frozen=True)
class Position:
    """Where a micro-batch stands: its batch of experience, the pass over it, the mini-batch, the micro-batch in that."""

    batch: int
    passed: int
    mini_batch: int
    micro_batch: int


@dataclass(frozen=True)
class Rhythm:
    """How episodes are divided; every number is a count."""

    batches: int
    batch_size: int
    passes: int
    mini_batches: int
    micro_batch_size: int

    @property
    def steps_per_batch(self) -> int:
        """Optimiser steps on one batch of experience."""
        return self.passes * self.mini_batches

    @property
    def micro_batches(self) -> int:
        """Micro-batches that make one optimiser step."""
        return self.batch_size // self.mini_batches // self.micro_batch_size

    @property
    def length(self) -> int:
        """Micro-batches in all."""
        return self.batches * self.steps_per_batch * self.micro_batches

    def position(self, index: int) -> Position:
        """Return where the micro-batch numbered index (from 0) stands."""
        step, micro_batch = divmod(index, self.micro_batches)
        batch, within = divmod(step, self.steps_per_batch)
        passed, mini_batch = divmod(within, self.mini_batches)
        return Position(batch, passed, mini_batch, micro_batch)

    def mini_batch(self, at: Position, lengths: Sequence[int], seed: int) -> list[list[int]]:
        """Return the rows of each micro-batch of at's mini-batch: every pass is shuffled anew, like lengths stand together."""
        rows = list(range(self.batch_size))
        stream(seed, "mini-batches", at.batch, at.passed).shuffle(rows)
        size = self.batch_size // self.mini_batches
        chosen = sorted(rows[at.mini_batch * size : (at.mini_batch + 1) * size], key=lambda row: lengths[row])
        return [chosen[start : start + self.micro_batch_size] for start in range(0, size, self.micro_batch_size)]


def rhythm_of(settings: RlSettings) -> Rhythm:
    """Read the settings; episodes are rounded up to whole batches."""
    counts = ("episodes", "batch_size", "micro_batch_size", "ppo_epochs", "mini_batches")
    for name in counts:
        if getattr(settings, name) < 1:
            raise BadInputError("{name} must be at least 1, not {value}.", name=name, value=getattr(settings, name))
    if settings.batch_size % settings.mini_batches:
        raise BadInputError(
            "batch_size ({batch_size}) must be a multiple of mini_batches ({mini_batches}).",
            batch_size=settings.batch_size,
            mini_batches=settings.mini_batches,
        )
    mini = settings.batch_size // settings.mini_batches
    micro = min(mini, settings.micro_batch_size)
    if mini % micro:
        raise BadInputError(
            "batch_size over mini_batches ({mini}) must be a multiple of micro_batch_size ({micro}).",
            mini=mini,
            micro=micro,
        )
    batches = -(-settings.episodes // settings.batch_size)
    return Rhythm(batches, settings.batch_size, settings.ppo_epochs, settings.mini_batches, micro)
