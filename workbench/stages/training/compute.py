"""What a training computes on, as the plan's machine says it."""

import contextlib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

import torch

from workbench.errors import BadInputError
from workbench.records.run import training_dtype
from workbench.records.zero import Zero
from workbench.stages.training.ranks import ALONE, Ranks


@dataclass(frozen=True)
class Compute:
    """Device and precision: weights and optimiser stay float32; with bf16 the matrix products run in bfloat16."""

    device: str = "cpu"
    bf16: bool = False
    #: Processor threads; 0 leaves the choice to torch and its environment.
    threads: int = 0
    #: Which of how many processes that train together this is.
    ranks: Ranks = ALONE
    #: Whether each of these processes holds a shard of the model, rather than a copy.
    sharded: bool = False
    #: How DeepSpeed divides the optimiser among these processes, where it is to.
    zero: Zero | None = None

    def use_threads(self) -> None:
        """Let this process compute with the chosen number of threads."""
        if self.threads > 0:
            torch.set_num_threads(self.threads)

    def asked(self, dtype: str) -> "Compute":
        """Return what a setting asks for: auto leaves the choice to the machine, float32 and bfloat16 make it."""
        if dtype not in ("auto", "float32", "bfloat16"):
            raise BadInputError("dtype must be auto, float32 or bfloat16, not '{dtype}'.", dtype=dtype)
        return self if dtype == "auto" else replace(self, bf16=dtype == "bfloat16")

    @property
    def loading_device(self) -> str:
        """Where a model is loaded: one that will be cut into shards may not fit the device as a whole."""
        return "cpu" if self.sharded else self.device

    @property
    def alone(self) -> "Compute":
        """The same for a whole model, once the shards have been put together."""
        return replace(self, sharded=False)

    @property
    def attention(self) -> str | None:
        """The attention kernel to load a model with; None leaves the choice to transformers."""
        # The fused kernel is slow in bfloat16 on processors.
        return "eager" if self.bf16 and self.device == "cpu" else None

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the context in which forward passes run."""
        if not self.bf16:
            return contextlib.nullcontext()
        return torch.autocast(torch.device(self.device).type, dtype=torch.bfloat16)

    def full(self) -> AbstractContextManager[Any]:
        """Return the context for a backward pass inside autocast: its types follow from the forward pass alone."""
        return torch.autocast(torch.device(self.device).type, enabled=False) if self.bf16 else contextlib.nullcontext()


#: One processor in float32: the reference.
CPU = Compute()


def compute_of(machine: Mapping[str, Any]) -> Compute:
    """Read a plan's machine; processors train in float32 unless it was measured that bfloat16 is faster there."""
    device = str(machine.get("device", "cpu"))
    threads = machine.get("training_threads", machine.get("threads", 0))
    return Compute(device, training_dtype(machine) == "bfloat16", int(threads))
