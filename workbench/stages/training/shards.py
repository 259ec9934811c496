"""A model cut into shards, one for each process (FSDP, arXiv 2304.11277): what no process could hold, all together do.

Layers come together one at a time, for as long as they compute. Checkpoints and models are written whole, by the first process.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MethodType
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, distribute_tensor

from workbench.stages.training.compute import Compute
from workbench.stages.training.forward import end_scores

_LEARNT = "learnt.safetensors"


def sharded(model: Any, compute: Compute) -> Any:
    """Return the model, cut into shards where its training is to be; gradients are summed over the processes."""
    if not compute.sharded:
        return model
    compute.ranks.meet(compute.device)
    mesh = init_device_mesh(torch.device(compute.device).type, (compute.ranks.size,))
    model.end_scores = MethodType(end_scores, model)
    for module in [*_layers(model), model]:
        fully_shard(module, mesh=mesh)
        module.set_gradient_divide_factor(1.0)
        module.set_force_sum_reduction_for_comms(True)
    register_fsdp_forward_method(model, end_scores.__name__)
    return model


def is_sharded(model: Any) -> bool:
    """Whether a process holds a shard of the model alone."""
    return isinstance(model, FSDPModule)


def gathered(tensors: Iterable[tuple[str, Tensor]], keep: bool) -> dict[str, Tensor]:
    """Return whole tensors by name, on the processor; every process must ask, those that do not keep get none."""
    found = {}
    for name, tensor in tensors:
        whole = _whole(tensor)
        if keep:
            found[name] = whole.cpu()
    return found


def give(model: Any, tensors: Mapping[str, Tensor]) -> None:
    """Give a model, whole or in shards, the weights under these names."""
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name in tensors:
                weights.copy_(_like(tensors[name], weights))


def save_learnt(model: Any, folder: Path, leads: bool) -> None:
    """Write the weights that learn; every process must ask, the leading one writes."""
    learnt = gathered(((name, some) for name, some in model.named_parameters() if some.requires_grad), leads)
    if leads:
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in learnt.items()}, folder / _LEARNT)


def load_learnt(model: Any, folder: Path) -> None:
    """Give a model the weights that save_learnt wrote."""
    give(model, load_file(folder / _LEARNT))


def whole_state(optimiser: Any) -> dict[str, Any]:
    """Return an optimiser's state with whole tensors; every process must ask."""
    state = optimiser.state_dict()
    each = {
        at: {name: _whole(value).cpu() if torch.is_tensor(value) else value for name, value in values.items()}
        for at, values in state["state"].items()
    }
    return {**state, "state": each}


def load_state(optimiser: Any, state: Mapping[str, Any]) -> None:
    """Give an optimiser of shards the state that whole_state returned."""
    weights = [some for group in optimiser.param_groups for some in group["params"]]
    each = {
        at: {name: _like(value, weights[at]) if _fits(value, weights[at]) else value for name, value in values.items()}
        for at, values in state["state"].items()
    }
    optimiser.load_state_dict({**state, "state": each})


def _layers(model: Any) -> list[Any]:
    """Return the blocks a transformer repeats: the units that are brought together one at a time."""
    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    names = set(getattr(whole, "_no_split_modules", None) or ())
    return [
        module for module in whole.modules() if type(module).__name__ in names and not isinstance(module, nn.Embedding)
    ]


def _whole(tensor: Tensor) -> Tensor:
    return tensor.full_tensor().detach() if isinstance(tensor, DTensor) else tensor.detach()


def _fits(value: Any, weights: Tensor) -> bool:
    return torch.is_tensor(value) and value.shape == weights.shape


def _like(tensor: Tensor, weights: Tensor) -> Tensor:
    """Return a whole tensor laid out as weights are."""
    if not isinstance(weights, DTensor):
        return tensor.to(weights.device)
    return distribute_tensor(tensor.to(weights.device), weights.device_mesh, weights.placements)
