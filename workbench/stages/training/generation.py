"""Responses drawn from the policy in large batches, every one from its own random stream.

A token is where a uniform number falls among the cumulated probabilities; a response's numbers are drawn beforehand from its
seed, so that neither the batch nor its order changes a draw. Rows that have ended leave the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.cache_utils import DynamicCache, DynamicLayer

from workbench.models.engine import Engine, cache_argument
from workbench.models.slots import Piece

#: The batch shrinks once this share of its rows has ended: shrinking copies the cache, idle rows cost forward passes.
_SHRINK_AT = 0.2


@dataclass(frozen=True)
class Draw:
    """A prompt's token ids and the seed of the response's own random stream."""

    prompt: list[int]
    seed: int


@torch.no_grad()
def generate(
    model: Any, draws: Sequence[Draw], end_id: int, pad_id: int, max_tokens: int, temperature: float
) -> list[list[int]]:
    """Return the token ids of one response per draw, at most max_tokens long, with end_id where it ended by itself."""
    batch = _Batch(model, draws, pad_id, max_tokens)
    for step in range(max_tokens):
        tokens = _draw(batch.logits, batch.uniforms[:, step], temperature)
        batch.append(tokens, end_id)
        if batch.finished or step + 1 == max_tokens:
            break
        batch.forward()
    return batch.responses


def generate_packed(
    engine: Engine, draws: Sequence[Draw], end_id: int, max_tokens: int, temperature: float
) -> list[list[int]]:
    """Return the same by an engine, which computes no padding and nothing of rows that have ended."""
    memory = engine.memory(len(draws))
    uniforms = torch.stack([_uniforms(draw.seed, max_tokens) for draw in draws]).to(engine.device)
    responses: list[list[int]] = [[] for _ in draws]
    going = list(range(len(draws)))
    pieces = [Piece(row, 0, draw.prompt) for row, draw in enumerate(draws)]
    for step in range(max_tokens):
        tokens = _draw(engine.run(memory, pieces).float(), uniforms[going, step], temperature).tolist()
        for row, token in zip(going, tokens, strict=True):
            responses[row].append(token)
        going = [row for row in going if responses[row][-1] != end_id]
        if not going:
            break
        pieces = [Piece(row, len(draws[row].prompt) + step, responses[row][-1:]) for row in going]
    return responses


def _draw(logits: Tensor, uniforms: Tensor, temperature: float) -> Tensor:
    """Return the token at which each row's cumulated probability passes its uniform number; at temperature 0 the likeliest."""
    if temperature <= 0:
        return logits.argmax(-1)
    # Double precision: over a large vocabulary rounding must not decide a draw.
    cumulated = (logits.double() / temperature).softmax(-1).cumsum(-1)
    found = torch.searchsorted(cumulated, (uniforms * cumulated[:, -1]).unsqueeze(-1), right=True).squeeze(-1)
    return found.clamp(max=logits.shape[-1] - 1)


class _Batch:
    """The rows still being written: their cache, their padding on the left, and where their tokens go."""

    def __init__(self, model: Any, draws: Sequence[Draw], pad_id: int, max_tokens: int) -> None:
        self.model = model
        self.responses: list[list[int]] = [[] for _ in draws]
        self.rows = torch.arange(len(draws))
        self.open = torch.ones(len(draws), dtype=torch.bool)
        self.uniforms = torch.stack([_uniforms(draw.seed, max_tokens) for draw in draws]).to(model.device)
        width = max(len(draw.prompt) for draw in draws)
        self.cache = _cache(model, width + max_tokens)
        padding = [width - len(draw.prompt) for draw in draws]
        ids = [[pad_id] * pad + draw.prompt for pad, draw in zip(padding, draws, strict=True)]
        self.tokens = torch.tensor(ids, device=model.device)
        self.mask = torch.arange(width, device=model.device) >= torch.tensor(padding, device=model.device).unsqueeze(1)
        self.positions = (self.mask.long().cumsum(1) - 1).clamp(min=0)
        self.logits = self._run()

    @property
    def finished(self) -> bool:
        """Whether every row has ended."""
        return not bool(self.open.any())

    def append(self, tokens: Tensor, end_id: int) -> None:
        """Add one token to every open row; a row that drew end_id is closed."""
        for at, token in enumerate(tokens.tolist()):
            if self.open[at]:
                self.responses[int(self.rows[at])].append(token)
                self.open[at] = token != end_id
        self.tokens = tokens.unsqueeze(1)

    def forward(self) -> None:
        """Run the open rows' newest tokens through the model."""
        if float(self.open.float().mean()) <= 1.0 - _SHRINK_AT:
            self._shrink()
        self.mask = torch.cat([self.mask, self.mask.new_ones(len(self.mask), 1)], dim=1)
        self.positions = self.positions[:, -1:] + 1
        self.logits = self._run()

    def _shrink(self) -> None:
        kept = self.open.nonzero().squeeze(1)
        self.cache.batch_select_indices(kept.to(self.tokens.device))
        self.rows, self.open = self.rows[kept], self.open[kept]
        self.tokens, self.mask, self.uniforms = self.tokens[kept], self.mask[kept], self.uniforms[kept]
        self.positions = self.positions[kept]

    def _run(self) -> Tensor:
        outputs = self.model(
            input_ids=self.tokens,
            attention_mask=self.mask.long(),
            position_ids=self.positions,
            use_cache=True,
            logits_to_keep=1,
            **{cache_argument(self.model): self.cache},
        )
        logits: Tensor = outputs.logits[:, -1].float()
        return logits


class InPlaceLayer(DynamicLayer):  # type: ignore[misc]
    """Keys and values [rows, heads, room, size] of one layer, written in place: growing by copies costs more than computing."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room
        self.used = 0

    def update(self, key_states: Tensor, value_states: Tensor, *args: Any, **kwargs: Any) -> tuple[Tensor, Tensor]:
        """Write the new keys and values behind the old and return all of them."""
        if not self.used:
            self.lazy_initialization(key_states, value_states)
        start, self.used = self.used, self.used + key_states.shape[-2]
        self.keys[:, :, start : self.used] = key_states
        self.values[:, :, start : self.used] = value_states
        return self.keys[:, :, : self.used], self.values[:, :, : self.used]

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Make room for as many rows and heads as these have."""
        self.dtype, self.device, self.is_initialized = key_states.dtype, key_states.device, True
        self.keys = key_states.new_empty((*key_states.shape[:2], self.room, key_states.shape[-1]))
        self.values = value_states.new_empty((*value_states.shape[:2], self.room, value_states.shape[-1]))

    def get_seq_length(self) -> int:
        """Return how many tokens are held."""
        return self.used


def _cache(model: Any, room: int) -> DynamicCache:
    """Return the model's cache, its plain layers written in place; windows and recurrent states stay as they are."""
    cache = DynamicCache(config=model.config)
    cache.layers = [InPlaceLayer(room) if type(layer) is DynamicLayer else layer for layer in cache.layers]
    return cache


def _uniforms(seed: int, count: int) -> Tensor:
    return torch.rand(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
