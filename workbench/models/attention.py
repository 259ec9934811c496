"""Attention over memory of our own: what a transformers model calls in place of its attention kernel.

A model hands its new keys and values to the cache it was given and then calls the attention function named in its
configuration. `Carrier` is such a cache: it ties the step at hand to the keys; `attend` unties it. The step knows where keys and
values of each token lie, so tokens of many texts can be computed in one row without padding.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface
from transformers.cache_utils import Cache, DynamicLayer

#: The name under which transformers finds `attend`; it makes no masks for a name it does not know.
NAME = "workbench"

#: The kernel of our own for single tokens, compiled for the processor (see `compiled`); the others are torch's.
COMPILED = "compiled"

#: Arguments that change what attention means; a model that passes one is not served.
UNKNOWN = ("softcap", "s_aux", "position_bias", "head_mask")


class UnservedError(Exception):
    """The model does something the in-place cache does not know; it falls back to generate."""


class Step(Protocol):
    """One forward of packed tokens: keeps their keys and values, and attends.

    query, key, value: [heads, tokens, head size] (key and value with their own, fewer heads); returns [tokens, heads, head size].
    """

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> Tensor:
        """Attend in one layer."""
        ...


class Carrier(Cache):  # type: ignore[misc]
    """The cache a model sees: it keeps nothing, and sends the step along with the keys."""

    def __init__(self, step: Step) -> None:
        super().__init__(layer_class_to_replicate=DynamicLayer)
        self._step = step

    def update(self, key_states: Tensor, value_states: Tensor, layer_idx: int, *args: Any, **kwargs: Any) -> Any:
        """Tie step and layer to the keys."""
        key_states.workbench = (self._step, layer_idx)  # type: ignore[attr-defined]
        return key_states, value_states

    def get_seq_length(self, layer_idx: int = 0) -> int:
        """Return 0: positions are always given."""
        return 0


def attend(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attend as transformers' attention functions do: [1, heads, tokens, size] to [1, tokens, heads, size]."""
    tie = getattr(key, "workbench", None)
    if tie is None or attention_mask is not None or any(kwargs.get(name) is not None for name in UNKNOWN):
        raise UnservedError(type(module).__name__)
    step, layer = tie
    return step.attend(layer, query[0], key[0], value[0], scaling)[None], None


AttentionInterface.register(NAME, attend)


def attention_configs(model: Any) -> list[Any]:
    """Return the configurations that name the attention function of a model's parts, each once."""
    found: dict[int, Any] = {}
    for module in model.modules():
        config = getattr(module, "config", None)
        if hasattr(config, "_attn_implementation_internal"):
            found[id(config)] = config
    return list(found.values())


@contextmanager
def attending(configs: Sequence[Any]) -> Iterator[None]:
    """Have the model of these configurations attend by the step that its cache carries; no other thread may read it."""
    before = [config._attn_implementation_internal for config in configs]
    try:
        for config in configs:
            config._attn_implementation_internal = NAME
        yield
    finally:
        for config, name in zip(configs, before, strict=True):
            config._attn_implementation_internal = name


def causal_part(query: Tensor, key: Tensor, value: Tensor, scale: float | None, mask: Tensor | None = None) -> Tensor:
    """Attend from the last tokens of a text to all of it: query [H, n, D], key [K, p + n, D] to [n, H, D].

    mask is `offset_mask(n, p)` where the caller has it already.
    """
    heads, count, size = query.shape
    groups = key.shape[0]
    past = key.shape[1] - count
    if past and mask is None:
        mask = offset_mask(count, past, query.dtype, query.device)
    out = functional.scaled_dot_product_attention(
        query.reshape(groups, heads // groups, count, size),
        key[:, None].expand(-1, heads // groups, -1, -1),
        value[:, None].expand(-1, heads // groups, -1, -1),
        attn_mask=mask,
        is_causal=not past and count > 1,
        scale=scale,
    )
    return out.reshape(heads, count, value.shape[-1]).transpose(0, 1)


def offset_mask(count: int, past: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Return an additive mask [count, past + count] that lets token i see the past and the tokens up to itself."""
    mask = torch.full((count, past + count), float("-inf"), dtype=dtype, device=device)
    return mask.triu_(past + 1)


def row_part(
    query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, scale: float | None, kernel: str = "sdpa"
) -> Tensor:
    """Attend from one token per row: query [B, H, D], key [B, K, L, D], mask [B, L] additive, to [B, H, D].

    kernel is "sdpa" (torch's own) or "matmul" (products and a softmax, quicker where sdpa has no good kernel).
    """
    rows, heads, size = query.shape
    groups = key.shape[1]
    spread = None if mask is None else mask[:, None, None, :].expand(-1, 1, heads // groups, -1)
    grouped = query.reshape(rows, groups, heads // groups, size)
    if kernel == "matmul":
        scores = (grouped * (size**-0.5 if scale is None else scale)) @ key.transpose(-1, -2)
        out = (scores if spread is None else scores.add_(spread)).softmax(-1) @ value
    else:
        out = functional.scaled_dot_product_attention(grouped, key, value, attn_mask=spread, scale=scale)
    return out.reshape(rows, heads, value.shape[-1])


def weighed_part(query: Tensor, key: Tensor, value: Tensor, causal: bool, scale: float | None) -> tuple[Tensor, Tensor]:
    """Attend from [H, n, D] to [K, m, D]: return [n, H, D] and the log of each query's total weight [n, H].

    Parts over different keys are put together by `merge`; causal parts have n = m.
    """
    heads, count, size = query.shape
    groups = key.shape[0]
    grouped = query.reshape(groups, heads // groups, count, size)
    spread = key[:, None].expand(-1, heads // groups, -1, -1), value[:, None].expand(-1, heads // groups, -1, -1)
    if query.device.type == "cpu" and query.dtype == torch.float32 and size == value.shape[-1]:
        out, weight = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(
            grouped, *spread, 0.0, causal, attn_mask=None, scale=scale
        )
    else:
        out, weight = _weighed(grouped, *spread, causal, size**-0.5 if scale is None else scale)
    return out.reshape(heads, count, -1).transpose(0, 1), weight.reshape(heads, count).transpose(0, 1)


def _weighed(query: Tensor, key: Tensor, value: Tensor, causal: bool, scale: float) -> tuple[Tensor, Tensor]:
    """Attend by plain matrix products, in float32."""
    scores = (query.float() @ key.float().transpose(-1, -2)) * scale
    if causal:
        scores = scores + offset_mask(scores.shape[-2], 0, scores.dtype, scores.device)
    weight = scores.logsumexp(-1)
    return ((scores - weight[..., None]).exp_() @ value.float()).to(query.dtype), weight


def merge(out: Tensor, weight: Tensor, more: Tensor, more_weight: Tensor) -> None:
    """Put what a second part attended to into the first, in place: out [n, H, D], weight [n, H]."""
    share = torch.sigmoid(more_weight - weight)[..., None].to(out.dtype)
    out.lerp_(more, share)
    weight.copy_(torch.logaddexp(weight, more_weight))
