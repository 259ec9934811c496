"""Documents as rows of tokens: several to a row, none seeing another, with what is learnt from each token beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from workbench.demo.world.script import Script

MARK_WIDTHS = {"sentence": 1, "harm": 6, "topic": 9}


@dataclass
class Encoded:
    """One document in tokens; marks are (token, what, values)."""

    ids: np.ndarray
    weights: np.ndarray
    branches: np.ndarray
    positions: np.ndarray
    marks: list[tuple[int, str, tuple[float, ...]]]


@dataclass
class Batch:
    """Rows of tokens, each (rows, length); weights belong to the token to be predicted; marks are (row, token) and values."""

    ids: torch.Tensor
    positions: torch.Tensor
    mask: torch.Tensor
    weights: torch.Tensor
    marks: dict[str, tuple[torch.Tensor, torch.Tensor, torch.Tensor]]


def encode(tokenizer: Tokenizer, script: Script) -> Encoded:
    """Tokens of a document; a branch's positions go on from where the trunk ends."""
    encoding = tokenizer.encode(script.text, add_special_tokens=False)
    starts = np.array([start for start, _ in encoding.offsets])
    ends = np.array([end for _, end in encoding.offsets])
    weights = np.zeros(len(starts), dtype=np.float32)
    for start, end, weight in script.weights:
        weights[(starts >= start) & (starts < end)] = weight
    branches = np.searchsorted(np.array(script.branches), starts, side="right") if script.branches else starts * 0
    positions = np.arange(len(starts))
    trunk = int((branches == 0).sum())
    for branch in range(1, len(script.branches) + 1):
        inside = np.flatnonzero(branches == branch)
        positions[inside] = trunk + np.arange(len(inside))
    marks = [(int(np.searchsorted(ends, mark.end)), mark.what, mark.values) for mark in script.marks]
    return Encoded(np.array(encoding.ids), weights, branches, positions, marks)


@dataclass(frozen=True)
class Size:
    """A batch's rows and their length in tokens."""

    rows: int
    length: int


class Packer:
    """Fills rows with documents: short rows for most, long ones (seldom) for those that do not fit."""

    def __init__(self, source: Iterator[Script], tokenizer: Tokenizer, short: Size, long: Size) -> None:
        self.source, self.tokenizer, self.short, self.long = source, tokenizer, short, long
        self.waiting: dict[Size, list[Encoded]] = {short: [], long: []}

    def _fetch(self) -> None:
        encoded = encode(self.tokenizer, next(self.source))
        for size in (self.short, self.long):
            if len(encoded.ids) <= size.length:
                self.waiting[size].append(encoded)
                return

    def batch(self) -> Batch:
        """The next rows: long ones as soon as enough long documents wait, otherwise short ones."""
        while len(self.waiting[self.short]) < 6 * self.short.rows:
            self._fetch()
        long_tokens = sum(len(document.ids) for document in self.waiting[self.long])
        size = self.long if long_tokens > 1.5 * self.long.rows * self.long.length else self.short
        return _as_batch([_take_row(self.waiting[size], size.length) for _ in range(size.rows)], size)


def _take_row(waiting: list[Encoded], room: int) -> list[Encoded]:
    """Documents for one row: the oldest first, so that none waits for ever, then those that fill it best."""
    row: list[Encoded] = []
    while fitting := [i for i, document in enumerate(waiting) if len(document.ids) <= room]:
        best = max(fitting, key=lambda i: len(waiting[i].ids)) if row else fitting[0]
        row.append(waiting.pop(best))
        room -= len(row[-1].ids)
    return row


def _as_batch(rows: list[list[Encoded]], size: Size) -> Batch:
    shape = (size.rows, size.length)
    ids, positions = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    weights = np.zeros(shape, dtype=np.float32)
    owner, branch = np.full(shape, -1), np.zeros(shape, dtype=np.int64)
    marks: dict[str, list[tuple[int, int, tuple[float, ...]]]] = {what: [] for what in MARK_WIDTHS}
    for r, row in enumerate(rows):
        at = 0
        for number, document in enumerate(row):
            span = slice(at, at + len(document.ids))
            ids[r, span], positions[r, span], weights[r, span] = document.ids, document.positions, document.weights
            owner[r, span], branch[r, span] = number, document.branches
            for token, what, values in document.marks:
                marks[what].append((r, at + token, values))
            at = span.stop
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(positions),
        _attention_mask(torch.from_numpy(owner), torch.from_numpy(branch)),
        torch.from_numpy(weights),
        {what: _as_tensors(found, MARK_WIDTHS[what]) for what, found in marks.items()},
    )


def _attention_mask(owner: torch.Tensor, branch: torch.Tensor) -> torch.Tensor:
    """What may be seen, as an additive mask (rows, 1, length, length): the same document, earlier, trunk or own branch."""
    length = owner.shape[1]
    same = owner[:, :, None] == owner[:, None, :]
    path = (branch[:, None, :] == 0) | (branch[:, :, None] == branch[:, None, :])
    seen = same & path & torch.ones(length, length, dtype=torch.bool).tril()
    mask = torch.zeros(seen.shape, dtype=torch.bfloat16).masked_fill_(~seen, -1e4)
    return mask[:, None]


def _as_tensors(
    found: list[tuple[int, int, tuple[float, ...]]], width: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rows = torch.tensor([row for row, _, _ in found], dtype=torch.long)
    tokens = torch.tensor([token for _, token, _ in found], dtype=torch.long)
    return rows, tokens, torch.tensor([values for _, _, values in found], dtype=torch.float32).reshape(-1, width)
