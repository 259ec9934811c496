"""The last layer's feed-forward part is computed for the positions alone that somebody reads.

Every position's keys and values are needed up to the last layer's attention; what comes after it goes nowhere but to the head.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import torch
from torch import Tensor, nn


@contextmanager
def narrowed(model: Any, pick: Callable[[Tensor], Tensor]) -> Iterator[None]:
    """Let a model's last feed-forward part see what pick takes of [batch, tokens, n] alone; elsewhere it adds nothing.

    A model whose last part is not plainly position by position is left as it is, and one that will compute its layers again on
    the way back, which would then be whole; so is what another thread reads meanwhile.
    """
    part = None if getattr(model, "is_gradient_checkpointing", False) else _last_part(model)
    if part is None:
        yield
        return
    reader, read = get_ident(), _Read(pick)
    handles = [
        part.register_forward_pre_hook(lambda _, given: read.narrow(given) if get_ident() == reader else None),
        part.register_forward_hook(lambda _, __, found: read.widen(found) if get_ident() == reader else None),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Read:
    """Takes the positions that are read out of a tensor, and puts what was made of them back in their places."""

    def __init__(self, pick: Callable[[Tensor], Tensor]) -> None:
        self.pick = pick
        self.places = torch.empty(0, dtype=torch.long)
        self.shape = torch.Size()

    def narrow(self, given: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the part's inputs, cut to [1, positions, n]."""
        states, *others = given
        self.shape = states.shape[:2]
        every = torch.arange(self.shape.numel(), device=states.device).reshape(*self.shape, 1)
        self.places = torch.unique(self.pick(every))
        return (states.flatten(0, 1)[self.places].unsqueeze(0), *others)

    def widen(self, found: Tensor) -> Tensor:
        """Return the part's output as [batch, tokens, n], zero where nobody reads."""
        whole = found.new_zeros(self.shape.numel(), found.shape[-1])
        return whole.index_copy(0, self.places, found[0]).reshape(*self.shape, -1)


def _last_part(model: Any) -> nn.Module | None:
    """Return the feed-forward part of the last layer where it is made of matrices and pointwise functions alone."""
    layers = getattr(getattr(model, "model", None), "layers", None)
    part = getattr(layers[-1], "mlp", None) if layers else None
    if part is None or part._forward_hooks or part._forward_pre_hooks:
        return None
    leaves = [module for module in part.modules() if not list(module.children()) and module is not part]
    plain = all(isinstance(leaf, nn.Linear) or not list(leaf.parameters()) for leaf in leaves)
    return part if plain and any(isinstance(leaf, nn.Linear) for leaf in leaves) else None
