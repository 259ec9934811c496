"""A Trainer of several processes: each holds the whole model, reads its share of every batch, and gradients are added up.

They are added here rather than by a wrapper around the model, because models are also called by their parts: a preference model
for the states of its body, a policy and a value model side by side.
"""

from typing import Any

import torch
from transformers import Trainer

from workbench.stages.training.compute import CPU, Compute
from workbench.stages.training.ranks import Ranks


class SharedSteps(Trainer):  # type: ignore[misc]
    """A Trainer whose processes add up their gradients before each step; losses are shares of the whole batch's mean."""

    compute: Compute = CPU

    @property
    def ranks(self) -> Ranks:
        """Which of how many processes this is."""
        return self.compute.ranks

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> torch.Tensor:
        """Learn from this process's part of a micro-batch, and add up at the step's end."""
        loss: torch.Tensor = super().training_step(model, inputs, num_items_in_batch)
        self.share_gradients()
        return loss * self.ranks.size  # the Trainer tells the mean of what the processes say

    def share_gradients(self) -> None:
        """Add up the gradients of all processes, at the last micro-batch of a step."""
        if self.ranks.size > 1 and self.accelerator.sync_gradients:
            learnt = [weights for weights in self.model.parameters() if weights.requires_grad]
            for weights in learnt:  # every process must add up the same tensors
                if weights.grad is None:
                    weights.grad = torch.zeros_like(weights)
            self.ranks.add_up(weights.grad for weights in learnt if weights.grad is not None)

    def _wrap_model(self, model: Any, training: bool = True, dataloader: Any = None) -> Any:
        """Keep the model as it is: a wrapper would add up gradients a second time."""
        if self.ranks.size == 1:
            return super()._wrap_model(model, training, dataloader)
        return _AsItIs(model)


class _AsItIs(torch.nn.Module):
    """A model that a Trainer takes for wrapped already."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.module = model

    def forward(self, *arguments: Any, **named: Any) -> Any:
        return self.module(*arguments, **named)

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("module"), name)
