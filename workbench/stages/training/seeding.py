"""Chance within an optimiser step follows from the step's number, so that a resumed run draws what it would have drawn."""

from typing import Any

import torch
from transformers import TrainerCallback

from workbench.records.draws import stream_seed


class Seeding(TrainerCallback):  # type: ignore[misc]
    """Seeds torch's own generator at the beginning of each optimiser step."""

    def __init__(self, seed: int, what: str, rank: int = 0) -> None:
        self.seed = seed
        self.what = what
        #: Which of several processes this is: each draws for itself.
        self.rank = (rank,) if rank else ()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Seed what the step samples, shuffles and drops with."""
        torch.manual_seed(stream_seed(self.seed, self.what, state.global_step, *self.rank))
