"""Texts read side by side in one row, without padding: each attends to itself alone.

A batch padded on the right computes its padding too, in every layer. Here a model's own forward runs over the texts' tokens in
one row, each at its place in its own text; its attention function is exchanged for one that lays the texts out, a few of like
length at a time, and takes the result up again. On a processor that saves what padding costs; elsewhere few calls count more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from workbench.models.attention import Carrier, attending, attention_configs
from workbench.models.engine import cache_argument

#: Texts that are laid out together to attend.
_TOGETHER = 8


class SideBySide:
    """Some texts of a padded batch [texts, tokens], laid into one row by their lengths, shortest first."""

    def __init__(self, input_ids: Tensor, lengths: Tensor) -> None:
        order = lengths.argsort(stable=True)
        sorted_lengths = lengths[order]
        ends = sorted_lengths.cumsum(0)
        self.starts = torch.empty_like(lengths)
        self.starts[order] = ends - sorted_lengths
        self.lengths = lengths
        kept = torch.arange(input_ids.shape[1], device=input_ids.device) < sorted_lengths.unsqueeze(1)
        self.tokens = input_ids[order][kept].unsqueeze(0)
        self.places = kept.long().cumsum(1)[kept].sub(1).unsqueeze(0)
        self._groups = [_Group(few) for few in torch.split(sorted_lengths, _TOGETHER)]

    def aligned(self, states: Tensor, starts: Tensor, width: int) -> Tensor:
        """Return of states [1, tokens, n] width positions of each text, from its own start on, as [texts, width, n]."""
        places = starts.unsqueeze(1) + torch.arange(width, device=starts.device)
        places = torch.minimum(places, self.lengths.unsqueeze(1) - 1) + self.starts.unsqueeze(1)
        return states[0, places]

    @contextmanager
    def read_by(self, model: Any) -> Iterator[dict[str, Any]]:
        """Have a model, which no other thread reads meanwhile, attend within each text; yield what it is to be called with."""
        asked = {"input_ids": self.tokens, "position_ids": self.places, cache_argument(model): Carrier(self)}
        with attending(attention_configs(model)):
            yield {**asked, "use_cache": True}

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> Tensor:
        """Attend from [heads, tokens, size] within each text, to [tokens, heads, size]."""
        del layer  # nothing is kept from one layer to another
        sizes = [group.tokens for group in self._groups]
        states = (torch.split(each.to(value.dtype), sizes, 1) for each in (query, key, value))
        parts = zip(self._groups, *states, strict=True)
        return torch.cat([group.attend(*part, scale) for group, *part in parts], 1).transpose(0, 1)


class _Group:
    """A few texts of like length that stand one after another, and where their tokens go when they are laid out padded."""

    def __init__(self, lengths: Tensor) -> None:
        self.texts, self.width, self.tokens = len(lengths), int(lengths.max()), int(lengths.sum())
        columns = torch.arange(self.width, device=lengths.device)
        starts = (lengths.cumsum(0) - lengths).unsqueeze(1)
        # What stands in the padding does not matter: it comes after all that is real, and nobody takes what it says.
        self.out = (starts + torch.minimum(columns, lengths.unsqueeze(1) - 1)).flatten()
        self.back = (columns < lengths.unsqueeze(1)).flatten().nonzero().squeeze(1)
        self._masks: dict[torch.dtype, Tensor] = {}

    def attend(self, query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> Tensor:
        """Attend from [heads, tokens, size], key and value with fewer heads, to the same shape."""
        groups, each = key.shape[0], query.shape[0] // key.shape[0]
        # [key heads, query heads of each, texts, width, size]
        laid = self._lay(query).reshape(groups, each, self.texts, self.width, -1)
        keys, values = (self._lay(states).unsqueeze(1) for states in (key, value))
        found: Tensor
        if value.dtype == torch.float32:
            q, k, v = (
                states.expand(-1, each, -1, -1, -1).flatten(0, 2).unsqueeze(1) for states in (laid, keys, values)
            )
            found = functional.scaled_dot_product_attention(q, k, v, is_causal=True, scale=scale)
        else:  # torch's fused kernel is slow in bfloat16 on processors
            scores = laid @ keys.transpose(-1, -2) * (query.shape[-1] ** -0.5 if scale is None else scale)
            weights = (scores + self._mask(scores.dtype)).softmax(-1, dtype=torch.float32)
            found = weights.to(value.dtype) @ values
        taken: Tensor = _Taken.apply(found.reshape(query.shape[0], -1, value.shape[-1]), self.back)  # type: ignore[no-untyped-call]
        return taken

    def _lay(self, states: Tensor) -> Tensor:
        laid: Tensor = _Laid.apply(states, self.out, self.back)  # type: ignore[no-untyped-call]
        return laid.reshape(len(laid), self.texts, self.width, -1)

    def _mask(self, dtype: torch.dtype) -> Tensor:
        if dtype not in self._masks:
            full = torch.full((self.width, self.width), float("-inf"), dtype=dtype, device=self.out.device)
            self._masks[dtype] = full.triu_(1)
        return self._masks[dtype]


class _Laid(torch.autograd.Function):
    """Tokens [heads, tokens, size] laid out padded; each stands there once, so that its gradient is read from there."""

    @staticmethod
    def forward(ctx: Any, states: Tensor, out: Tensor, back: Tensor) -> Tensor:
        ctx.back = back
        return states.index_select(1, out)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        return grad.index_select(1, ctx.back), None, None


class _Taken(torch.autograd.Function):
    """What was laid out, without its padding, whose gradient is 0."""

    @staticmethod
    def forward(ctx: Any, found: Tensor, back: Tensor) -> Tensor:
        ctx.back, ctx.width = back, found.shape[1]
        return found.index_select(1, back)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        return grad.new_zeros(grad.shape[0], ctx.width, grad.shape[2]).index_copy_(1, ctx.back, grad), None
