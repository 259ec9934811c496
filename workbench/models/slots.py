"""Memory of texts in the making: one row of keys and values per slot, written in place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from workbench.models.attention import COMPILED, causal_part, offset_mask, row_part

#: Rows that attend in one call on a processor; smaller blocks waste less on rows of unequal length, larger ones cost fewer calls.
BLOCK = 8
#: On a CUDA device a call costs more than what it wastes: all rows attend in one, over a length rounded up to this.
EVEN = 64
#: Rows of memory hold at least this many tokens, and grow by doubling.
ROOM = 256


@dataclass(frozen=True)
class Piece:
    """Tokens of one slot that are computed together: they stand at start, start + 1, …"""

    slot: int
    start: int
    tokens: Sequence[int]

    @property
    def end(self) -> int:
        """The slot's length once the piece is computed."""
        return self.start + len(self.tokens)


@dataclass
class SlotMemory:
    """Keys and values of every layer: [slots, key heads, room, head size]; layers come as the model calls them.

    They are kept in the type they are computed in, or in another: bfloat16 halves what is read for every token.
    """

    slots: int
    dtype: torch.dtype | None = None
    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)
    room: int = ROOM

    def reserve(self, length: int) -> None:
        """Make room for texts of this many tokens."""
        if length <= self.room:
            return
        while self.room < length:
            self.room *= 2
        with torch.inference_mode():
            for store in (self.keys, self.values):
                for layer, old in store.items():
                    store[layer] = _wider(old, self.room)

    def layer(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Return a layer's memory, making it for new keys of shape [heads, tokens, size] when it is first called."""
        if layer not in self.keys:
            self.keys[layer] = self._zeros(key)
            self.values[layer] = self._zeros(value)
        return self.keys[layer], self.values[layer]

    def _zeros(self, like: Tensor) -> Tensor:
        shape = self.slots, like.shape[0], self.room, like.shape[-1]
        return torch.zeros(shape, dtype=self.dtype or like.dtype, device=like.device)

    def copy(self, source: int, target: int, start: int, end: int) -> None:
        """Give slot target what slot source has at positions start to end."""
        with torch.inference_mode():
            for memory in (*self.keys.values(), *self.values.values()):
                memory[target, :, start:end] = memory[source, :, start:end]


def _wider(old: Tensor, room: int) -> Tensor:
    new = old.new_zeros((*old.shape[:2], room, old.shape[-1]))
    new[:, :, : old.shape[2]] = old
    return new


@dataclass(frozen=True)
class Block:
    """Slots that attend in one call: tokens first to last of the step, slots low to high.

    Without rows the slots are neighbours, one for each token; else rows say whose slot each token's is, counted from low.
    """

    first: int
    last: int
    low: int
    high: int
    length: int
    mask: Tensor | None
    rows: Tensor | None = None


class SlotStep:
    """A forward over slots: single tokens first, in the order of their slots, then longer pieces one after another."""

    def __init__(
        self,
        memory: SlotMemory,
        pieces: Sequence[Piece],
        device: torch.device,
        dtype: torch.dtype,
        kernel: str = "sdpa",
    ) -> None:
        self._kernel = kernel
        singles = sorted((piece for piece in pieces if len(piece.tokens) == 1), key=lambda piece: piece.slot)
        self.pieces = [*singles, *(piece for piece in pieces if len(piece.tokens) > 1)]
        self._memory = memory
        memory.reserve(max(piece.end for piece in pieces))
        self._single = len(singles)
        slots, places = [piece.slot for piece in singles], [piece.start for piece in singles]
        self._rows = np.array([slots, places], np.int64)
        if kernel != COMPILED:
            self._slots, self._places = torch.tensor(slots, device=device), torch.tensor(places, device=device)
            self._blocks = _blocks(singles, memory.room, device, dtype)
        long = self.pieces[self._single :]
        self._masks = [offset_mask(len(p.tokens), p.start, dtype, device) if p.start else None for p in long]

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> Tensor:
        """Write the new keys and values in place, then attend slot by slot."""
        keys, values = self._memory.layer(layer, key, value)
        out = query.new_empty((query.shape[1], query.shape[0], value.shape[-1]))
        if self._single:
            out[: self._single] = self._attend_singles(query, key, value, (keys, values), scale)
        at = self._single
        for piece, mask in zip(self.pieces[self._single :], self._masks, strict=True):
            to = at + len(piece.tokens)
            keys[piece.slot, :, piece.start : piece.end] = key[:, at:to]
            values[piece.slot, :, piece.start : piece.end] = value[:, at:to]
            own = keys[piece.slot, :, : piece.end].to(key.dtype), values[piece.slot, :, : piece.end].to(value.dtype)
            out[at:to] = causal_part(query[:, at:to], *own, scale, mask)
            at = to
        return out

    def _attend_singles(
        self, query: Tensor, key: Tensor, value: Tensor, memory: tuple[Tensor, Tensor], scale: float | None
    ) -> Tensor:
        """Write the single tokens' keys and values and attend; return [single tokens, heads, head size]."""
        asked, new_key, new_value = (part[:, : self._single] for part in (query, key, value))
        if self._kernel == COMPILED:
            from workbench.models.compiled import attend_rows  # noqa: PLC0415 - only where it was chosen

            return attend_rows(asked, new_key, new_value, memory, self._rows, scale)
        for store, new in zip(memory, (new_key, new_value), strict=True):
            store[self._slots, :, self._places] = new.transpose(0, 1).to(store.dtype)
        parts = []
        for block in self._blocks:
            rows = asked[:, block.first : block.last].transpose(0, 1)
            own_key, own_value = (store[block.low : block.high, :, : block.length] for store in memory)
            if block.rows is not None:
                rows = rows.new_zeros((block.high - block.low, *rows.shape[1:])).index_copy_(0, block.rows, rows)
            part = row_part(rows, own_key, own_value, block.mask, scale, self._kernel)
            parts.append(part if block.rows is None else part[block.rows])
        return torch.cat(parts) if len(parts) > 1 else parts[0]


def _blocks(singles: Sequence[Piece], room: int, device: torch.device, dtype: torch.dtype) -> list[Block]:
    if device.type == "cpu":
        return [_block(singles, run, device, dtype) for run in _runs(singles)]
    return [_whole_block(singles, room, device, dtype)] if singles else []


def _whole_block(singles: Sequence[Piece], room: int, device: torch.device, dtype: torch.dtype) -> Block:
    """Return one block over all slots between the first and the last; those between that are not asked see one token."""
    low, high = singles[0].slot, singles[-1].slot + 1
    rows = torch.tensor([piece.slot - low for piece in singles], device=device)
    lengths = torch.ones(high - low, dtype=torch.long, device=device)
    lengths[rows] = torch.tensor([piece.end for piece in singles], device=device)
    longest = max(piece.end for piece in singles)
    length = min(room, -(-longest // EVEN) * EVEN)
    return Block(0, len(singles), low, high, length, _beyond(lengths, length, dtype), rows)


def _runs(singles: Sequence[Piece]) -> list[tuple[int, int]]:
    """Return ranges of pieces whose slots are neighbours, at most BLOCK long."""
    runs: list[tuple[int, int]] = []
    first = 0
    for at in range(1, len(singles) + 1):
        apart = at == len(singles) or singles[at].slot != singles[at - 1].slot + 1
        if apart or at - first == BLOCK:
            runs.append((first, at))
            first = at
    return runs


def _block(singles: Sequence[Piece], run: tuple[int, int], device: torch.device, dtype: torch.dtype) -> Block:
    first, last = run
    lengths = [piece.end for piece in singles[first:last]]
    longest = max(lengths)
    mask = None
    if min(lengths) < longest:
        mask = _beyond(torch.tensor(lengths, device=device), longest, dtype)
    return Block(first, last, singles[first].slot, singles[last - 1].slot + 1, longest, mask)


def _beyond(lengths: Tensor, longest: int, dtype: torch.dtype) -> Tensor:
    """Return an additive mask [rows, longest] that hides what lies beyond each row's length."""
    beyond = torch.arange(longest, device=lengths.device) >= lengths[:, None]
    return torch.zeros(beyond.shape, dtype=dtype, device=lengths.device).masked_fill_(beyond, float("-inf"))
