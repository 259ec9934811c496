"""Packing: the rows of a micro-batch side by side in few sequences, so that little of the work is padding.

Positions begin anew with each row, from which transformers builds a mask that keeps rows from seeing each other. A row's loss
is the same as alone, and an optimiser step holds the same rows, so that packing changes the speed and nothing else.
"""

from collections.abc import Sequence
from typing import Any

import torch

from workbench.stages.training.compute import Compute

#: Marks a token that is read but not learnt.
IGNORED = -100
_TOLERANCE = 1e-3
_PROBED = 3


def packs(lengths: Sequence[int], width: int) -> list[list[int]]:
    """Return row numbers by pack, each of at most width tokens: the longest row first, into the fullest pack it fits."""
    found: list[list[int]] = []
    room: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: (-lengths[row], row)):
        fitting = [pack for pack in range(len(found)) if room[pack] >= lengths[row]]
        if not fitting:
            found.append([])
            room.append(width)
            fitting = [len(found) - 1]
        best = min(fitting, key=lambda pack: room[pack])
        found[best].append(row)
        room[best] -= lengths[row]
    return found


class PackingCollator:
    """Lays the rows of a micro-batch into packs of at most width tokens (or of the longest row)."""

    def __init__(self, pad_id: int, width: int) -> None:
        self.pad_id = pad_id
        self.width = width

    def __call__(self, rows: Sequence[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        """Return input_ids, labels, position_ids and attention_mask (1: a row's token), each [packs, tokens]."""
        lengths = [len(row["input_ids"]) for row in rows]
        laid = [[rows[row] for row in pack] for pack in packs(lengths, max(self.width, *lengths))]
        longest = max(sum(len(row["input_ids"]) for row in pack) for pack in laid)
        columns: dict[str, list[list[int]]] = {"input_ids": [], "labels": [], "position_ids": [], "attention_mask": []}
        for pack in laid:
            ids = [token for row in pack for token in row["input_ids"]]
            rest = longest - len(ids)
            columns["input_ids"].append(ids + [self.pad_id] * rest)
            columns["labels"].append([label for row in pack for label in row["labels"]] + [IGNORED] * rest)
            # Padding counts as a row of its own.
            positions = [place for row in pack for place in range(len(row["input_ids"]))]
            columns["position_ids"].append(positions + list(range(rest)))
            columns["attention_mask"].append([1] * len(ids) + [0] * rest)
        return {name: torch.tensor(column) for name, column in columns.items()}


def packs_correctly(model: Any, rows: Sequence[dict[str, list[int]]], pad_id: int, compute: Compute) -> bool:
    """Whether rows that share a sequence get the logits they get alone: some architectures let rows see each other."""
    probed = sorted(rows, key=lambda row: len(row["input_ids"]))[:_PROBED]
    batch = PackingCollator(pad_id, sum(len(row["input_ids"]) for row in probed))(probed)
    order = packs([len(row["input_ids"]) for row in probed], batch["input_ids"].shape[1])[0]
    with torch.no_grad():
        together = _logits(model, batch["input_ids"], batch["position_ids"], compute)[0]
        alone = [_logits(model, torch.tensor([probed[row]["input_ids"]]), None, compute)[0] for row in order]
    return bool((together - torch.cat(alone)).abs().max() < _TOLERANCE * (1.0 + together.abs().max()))


def _logits(model: Any, input_ids: torch.Tensor, position_ids: torch.Tensor | None, compute: Compute) -> torch.Tensor:
    more = {} if position_ids is None else {"position_ids": position_ids.to(compute.device)}
    logits: torch.Tensor = model(input_ids=input_ids.to(compute.device), use_cache=False, **more).logits
    return logits.float()
