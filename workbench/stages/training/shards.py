"""A model cut into shards, one for each process (FSDP, arXiv 2304.11277): what no process could hold, all together do.

Layers come together one at a time, for as long as they compute; to write texts, of which each process has others, all of them
do at once. Checkpoints and models are written whole, by the first process.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MethodType
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard, register_fsdp_forward_method
from torch.distributed.tensor import DTensor, distribute_tensor

from workbench.errors import MissingError
from workbench.stages.training.compute import Compute
from workbench.stages.training.forward import PARTS

#: The file of what a model has learnt.
LEARNT = "learnt.safetensors"


def sharded(model: Any, compute: Compute) -> Any:
    """Return the model, cut into shards where its training is to be; gradients are summed over the processes."""
    if not compute.sharded:
        return model
    compute.ranks.meet(compute.device)
    mesh = init_device_mesh(torch.device(compute.device).type, (compute.ranks.size,))
    for part in PARTS:
        setattr(model, part.__name__, MethodType(part, model))
    for module in [*_layers(model), model]:
        fully_shard(module, mesh=mesh)
        module.set_gradient_divide_factor(1.0)
        module.set_force_sum_reduction_for_comms(True)
    for part in PARTS:
        register_fsdp_forward_method(model, part.__name__)
    return model


def is_sharded(model: Any) -> bool:
    """Whether a process holds a shard of the model, or of the models in it, alone."""
    return bool(_cut_modules(model))


@contextmanager
def whole(model: Any) -> Iterator[None]:
    """Have each process hold the whole model for a while, to run it as often as it likes; every process must enter."""
    modules = _cut_modules(model)
    if not any(isinstance(weights, DTensor) for weights in model.parameters()):
        yield  # it is: never cut, or brought together by somebody further out
        return
    for module in modules:
        module.set_reshard_after_forward(False, recurse=False)
        module.unshard()
    try:
        yield
    finally:
        for module in modules:
            module.reshard()
            # What belongs to no layer is read last and first: between the ways there and back it stays.
            module.set_reshard_after_forward(module is not modules[0], recurse=False)


def put_together(model: Any, again: Callable[[], Any], leads: bool) -> Any:
    """Return a model in one piece: itself, or, on the leading process, one made again with what the shards have learnt.

    Every process must ask; those that do not lead get their shard.
    """
    if not is_sharded(model):
        return model
    learnt = gathered(_learning(model), leads)
    if not leads:
        return model
    made = again()
    give(made, learnt)
    return made


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
    let_go(model)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if name in tensors:
                weights.copy_(_like(tensors[name], weights))


def save_learnt(model: Any, folder: Path, leads: bool) -> None:
    """Write the weights that learn, whole; every process must ask, the leading one writes.

    A model in one piece and one in shards write the same, so that either goes on from what the other has learnt.
    """
    learnt = gathered(_learning(model), leads)
    if leads:
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.contiguous() for name, tensor in learnt.items()}, folder / LEARNT)


def load_learnt(model: Any, folder: Path) -> None:
    """Give a model, whole or in shards, the weights that save_learnt wrote."""
    if not (folder / LEARNT).is_file():
        raise MissingError(
            "{folder} was written by an earlier version, and this one cannot go on from it: remove the run's "
            "checkpoints to begin it anew.",
            folder=folder,
        )
    give(model, load_file(folder / LEARNT))


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


def let_go(model: Any) -> None:
    """Have each process hold its shards alone again; the outermost part stays together after it has been read.

    What is written into that part then is lost when it is let go of, and an optimiser made then steps none of its shards.
    """
    for module in _cut_modules(model):
        module.reshard()


def own_part(tensor: Tensor) -> Tensor:
    """Return what this process holds of a tensor."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def _learning(model: Any) -> Iterator[tuple[str, Tensor]]:
    return ((name, some) for name, some in model.named_parameters() if some.requires_grad)


def _cut_modules(model: Any) -> list[Any]:
    """Return the modules that are brought together as one each, the outermost first."""
    return [module for module in model.modules() if isinstance(module, FSDPModule)]


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
