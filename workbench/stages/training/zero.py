"""An optimiser that DeepSpeed divides among processes: ZeRO, stages 1 and 2 (arXiv 1910.02054); each holds the whole model.

DeepSpeed adds gradients up, each process keeping what belongs to its part of the weights, takes the step and hands the weights
round. Nothing else is its own: models are called as they are, by their parts too, and checkpoints hold an optimiser's state
whole.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from workbench.records.zero import Zero
from workbench.stages.training.compute import Compute

#: What Adam keeps of each weight.
_MOMENTS = ("exp_avg", "exp_avg_sq")
#: How many gradients are added up at once.
_BUCKET = 50_000_000


class DividedOptimiser:
    """Takes the steps of an optimiser that has taken none yet, of which each process holds a part from now on."""

    def __init__(self, model: nn.Module, optimiser: Any, compute: Compute, zero: Zero, max_norm: float) -> None:
        deepspeed = _deepspeed(compute)
        self._optimiser = optimiser
        self._groups = [list(group["params"]) for group in optimiser.param_groups]
        self._numbers = [group["params"] for group in optimiser.state_dict()["param_groups"]]
        self._ranks = compute.ranks
        # In a list, which nobody calls: DeepSpeed would time each of the model's calls, and most are not a step's.
        found = deepspeed.initialize(
            model=nn.ModuleList([model]), optimizer=optimiser, config=_config(zero, max_norm, model)
        )
        self._engine = found[0]
        self._gradients = self._taken()

    def backward(self, loss: Tensor, **_: Any) -> None:
        """Add a loss's gradients to those of the step, as often as there are losses, on every process equally often."""
        self._engine.optimizer.set_gradient_accumulation_boundary(False)
        # DeepSpeed takes the mean of what the processes say; losses here are shares of a whole.
        self._engine.backward(loss * self._ranks.size, scale_wrt_gas=False)

    def step(self) -> float:
        """Take a step by what has been added up, and return the gradient's norm before it was clipped."""
        for part, gradient in zip(self._parts(), self._gradients, strict=True):
            part.grad = gradient
        self._engine.step()
        self._gradients = self._taken()
        return float(self._engine.get_global_grad_norm())

    def state(self) -> dict[str, Any]:
        """Return the state as the optimiser's own, undivided, would be; every process must ask."""
        each = [
            # A number of each one's own, as of an undivided optimiser, which counts them one by one.
            {"step": self._optimiser.state[part]["step"].cpu().clone()}
            | {name: self._gathered(part, weights, name).cpu() for name in _MOMENTS}
            for part, weights in self._weights()
        ]
        groups = [
            {**group, "params": numbers}
            for group, numbers in zip(self._optimiser.param_groups, self._numbers, strict=True)
        ]
        return {"state": dict(enumerate(each)), "param_groups": groups}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        for group, saved in zip(self._optimiser.param_groups, state["param_groups"], strict=True):
            group.update({name: value for name, value in saved.items() if name != "params"})
        for part in self._parts():
            self._optimiser.state[part] = {name: torch.zeros_like(part, requires_grad=False) for name in _MOMENTS}
        for at, (part, weights) in enumerate(self._weights()):
            mine, saved = self._optimiser.state[part], state["state"][at]
            mine["step"] = saved["step"].to(part.device)
            for name in _MOMENTS:
                for whole, here in _held(weights, saved[name], mine[name]):
                    here.copy_(whole)

    def _gathered(self, part: Tensor, weights: Tensor, name: str) -> Tensor:
        """Return what Adam keeps of some weights, of which each process has a piece or none."""
        found = torch.zeros(weights.shape, device=weights.device)
        for whole, here in _held(weights, found, self._optimiser.state[part][name]):
            whole.copy_(here)
        self._ranks.add_up([found])
        return found

    def _taken(self) -> list[Tensor | None]:
        """Take the parts' gradients from them, emptied: a Trainer takes a step after ours, which is to find none."""
        taken = [part.grad for part in self._parts()]
        for part, gradient in zip(self._parts(), taken, strict=True):
            part.grad = None
            if gradient is not None:
                gradient.zero_()
        return taken

    def _parts(self) -> list[Tensor]:
        """Return this process's part of the weights, one for each group of the optimiser."""
        return [group["params"][0] for group in self._optimiser.param_groups]

    def _weights(self) -> Iterator[tuple[Tensor, Any]]:
        """Return all weights that learn, in the optimiser's order, each with the part that has them or some of them."""
        for part, group in zip(self._parts(), self._groups, strict=True):
            for weights in group:
                yield part, weights


def _held(weights: Any, whole: Tensor, part: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return the piece of some weights that this process has, if any, of a tensor like them and of one like its part."""
    held = weights._hp_mapping
    if held is None:
        return []
    there, here = held.lp_fragment_address, held.hp_fragment_address
    return [(whole.view(-1).narrow(0, there.start, there.numel), part.narrow(0, here.start, here.numel))]


def _deepspeed(compute: Compute) -> Any:
    """Return DeepSpeed, set to compute where the training does."""
    import deepspeed  # noqa: PLC0415 - an extra, which few have

    if compute.device == "cpu":
        from deepspeed.accelerator import set_accelerator  # noqa: PLC0415
        from deepspeed.accelerator.cpu_accelerator import CPU_Accelerator  # noqa: PLC0415

        set_accelerator(CPU_Accelerator())
        # It would first find out what it could compile, and then compile how processes of one host talk.
        deepspeed.ops.__compatible_ops__ = {}
    return deepspeed


def _config(zero: Zero, max_norm: float, model: nn.Module) -> dict[str, Any]:
    learning = sum(weights.numel() for weights in model.parameters() if weights.requires_grad)
    divided: dict[str, Any] = {"stage": zero.stage, "reduce_bucket_size": max(1, min(learning, _BUCKET))}
    if zero.offload:
        divided["offload_optimizer"] = {"device": "cpu"}
    return {
        "zero_optimization": divided,
        "gradient_clipping": max_norm,
        # Losses come as shares of a step, in as many parts as there are: whoever asks for the step ends it.
        "managed_gradient_accumulation": False,
        "train_micro_batch_size_per_gpu": 1,
        "gradient_accumulation_steps": 1,
        # Torch's own Adam serves in the hosts' memory too; DeepSpeed's would have to be compiled there.
        "zero_force_ds_cpu_optimizer": False,
    }
