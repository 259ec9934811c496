"""A Trainer of several processes: each reads its share of every batch, and gradients are added up.

Each holds the whole model, or a shard of it (shards.py), whose gradients come added up; or the whole model and a part of the
optimiser (zero.py), which adds them up itself.

They are added here rather than by a wrapper around the model, because models are also called by their parts: a preference model
for the states of its body, a policy and a value model side by side.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import Trainer

from workbench.stages.training.compute import CPU, Compute
from workbench.stages.training.ranks import Ranks
from workbench.stages.training.shards import (
    is_sharded,
    let_go,
    load_learnt,
    load_state,
    put_together,
    save_learnt,
    whole_state,
)
from workbench.stages.training.tally import Tally
from workbench.stages.training.zero import DividedOptimiser

_OPTIMISER, _SCHEDULER = "optimizer.pt", "scheduler.pt"


class SharedSteps(Trainer):  # type: ignore[misc]
    """A Trainer whose processes add up their gradients before each step; losses are shares of the whole batch's mean."""

    compute: Compute = CPU
    #: How many tokens all processes have read after each step, where that is known.
    tokens: Sequence[int] = ()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        #: What is told beside the loss.
        self.told = Tally()
        #: What takes the steps, where DeepSpeed does.
        self.divided: DividedOptimiser | None = None
        super().__init__(*arguments, **named)
        for weights in self.model.parameters():
            if weights.requires_grad and weights.dtype != torch.float32:
                # TRL rounds an adapter on four bits to bfloat16, in which a small step changes nothing.
                weights.data = weights.data.float()

    @property
    def ranks(self) -> Ranks:
        """Which of how many processes this is."""
        return self.compute.ranks

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> torch.Tensor:
        """Learn from this process's part of a micro-batch, and add up at the step's end."""
        loss: torch.Tensor = super().training_step(model, inputs, num_items_in_batch)
        self.share_gradients()
        return loss * self.ranks.size  # the Trainer tells the mean of what the processes say

    def whole_model(self, again: Callable[[], Any]) -> Any:
        """Return the model in one piece: itself, or, on the leading process, one made again with what the shards learnt.

        Every process must ask; those that do not lead get their shard.
        """
        return put_together(self.model, again, self.ranks.leads)

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Tell, beside the loss, what all processes have seen since they last told."""
        logs.update(self.told.taken(self.ranks))
        if "loss" in logs and 0 < self.state.global_step <= len(self.tokens):
            logs["num_tokens"] = self.tokens[self.state.global_step - 1]
        super().log(logs, start_time)

    def share_gradients(self) -> None:
        """Add up the gradients of all processes, at the last micro-batch of a step."""
        here = self.ranks.size > 1 and not is_sharded(self.model) and self.divided is None
        if here and self.accelerator.sync_gradients:
            learnt = [weights for weights in self.model.parameters() if weights.requires_grad]
            for weights in learnt:  # every process must add up the same tensors
                if weights.grad is None:
                    weights.grad = torch.zeros_like(weights)
            self.ranks.add_up(weights.grad for weights in learnt if weights.grad is not None)

    def create_optimizer(self, model: Any = None) -> Any:
        """Make the optimiser, and divide it where that is asked for."""
        let_go(self.model)
        optimiser = super().create_optimizer(model)
        # An adapter has no weights of the kind that never decays; DeepSpeed takes an empty group out, and schedules count them.
        optimiser.param_groups[:] = [group for group in optimiser.param_groups if group["params"]]
        zero = self.compute.zero
        if zero is not None and self.divided is None:
            self.divided = DividedOptimiser(self.model, optimiser, self.compute, zero, self.args.max_grad_norm)
            self.accelerator.backward = self.divided.backward
        return optimiser

    def _wrap_model(self, model: Any, training: bool = True, dataloader: Any = None) -> Any:
        """Keep the model as it is: a wrapper would add up gradients a second time."""
        if self.ranks.size == 1 and self.divided is None:
            return super()._wrap_model(model, training, dataloader)
        return _AsItIs(model)

    def _move_model_to_device(self, model: Any, device: Any) -> None:
        if not (self.compute.sharded or is_sharded(model)):  # shards lie where they belong
            super()._move_model_to_device(model, device)

    def _clip_grad_norm(self, model: Any) -> Any:
        if self.divided is not None:
            return None
        norm = super()._clip_grad_norm(model)
        return norm.full_tensor() if hasattr(norm, "full_tensor") else norm

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        """Return the gradient's norm; DeepSpeed knows it once it has taken the step."""
        return super()._get_grad_norm(model, grad_norm) if self.divided is None else self.divided.step()

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Write what has been learnt, from which as many processes as one likes go on; every process must ask."""
        self.save_weights(Path(output_dir or self.args.output_dir))

    def save_weights(self, folder: Path) -> None:
        """Write the weights that learn."""
        save_learnt(self.model, folder, self.ranks.leads)

    def _save_optimizer_and_scheduler(self, output_dir: str) -> None:
        if self.divided is None and not is_sharded(self.model):
            super()._save_optimizer_and_scheduler(output_dir)
            return
        state = whole_state(self.optimizer.optimizer) if self.divided is None else self.divided.state()
        if self.ranks.leads:
            torch.save(state, Path(output_dir) / _OPTIMISER)
            torch.save(self.lr_scheduler.state_dict(), Path(output_dir) / _SCHEDULER)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        load_learnt(self.model, Path(resume_from_checkpoint))

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        if checkpoint is None or (self.divided is None and not is_sharded(self.model)):
            super()._load_optimizer_and_scheduler(checkpoint)
            return
        state, schedule = (
            torch.load(Path(checkpoint) / name, map_location="cpu", weights_only=True)
            for name in (_OPTIMISER, _SCHEDULER)
        )
        if self.divided is None:
            load_state(self.optimizer.optimizer, state)
        else:
            self.divided.restore(state)
        self.lr_scheduler.load_state_dict(schedule)


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
