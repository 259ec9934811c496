"""In which order rows are read: fixed by the seed alone, so that a step's number is the position in the data."""

import math
from collections.abc import Sequence
from itertools import accumulate

from workbench.errors import BadInputError
from workbench.records.draws import stream

#: Batches cut from rows of like length at once; larger saves padding, smaller mixes better.
_POOL = 8


def reading_order(lengths: Sequence[int], batch_size: int, epochs: float, seed: int) -> list[int]:
    """Return row numbers in the order they are read: every pass shuffled, rows of like length side by side in a batch.

    lengths are in tokens; a fractional last pass is cut short after whole batches.
    """
    order: list[int] = []
    left_over: list[int] = []
    for epoch in range(math.ceil(epochs)):
        batches, left_over = _one_pass(lengths, left_over, batch_size, seed, epoch)
        share = min(1.0, epochs - epoch)
        order += [row for batch in batches[: max(1, round(share * len(batches)))] for row in batch]
    return order if epochs % 1 and order else order + left_over


def shortened(order: Sequence[int], batch_size: int, max_steps: int) -> list[int]:
    """Return the rows of the first optimiser steps; of all where max_steps is 0."""
    if max_steps < 0:
        raise BadInputError("max_steps must be 0 or more, not {max_steps}.", max_steps=max_steps)
    return list(order[: max_steps * batch_size] if max_steps else order)


def tokens_read(lengths: Sequence[int], batch_size: int) -> list[int]:
    """Return how many tokens have been read after each optimiser step; lengths are those of the rows as they are read."""
    read = list(accumulate(lengths))
    return [read[min(end, len(read)) - 1] for end in range(batch_size, len(read) + batch_size, batch_size)]


def accumulation(batch_size: int, micro_batch_size: int) -> tuple[int, int]:
    """Return (sequences in memory at once, how many such micro-batches make one optimiser step)."""
    if batch_size < 1 or micro_batch_size < 1:
        raise BadInputError("batch_size and micro_batch_size must be at least 1.")
    micro = min(batch_size, micro_batch_size)
    if batch_size % micro:
        raise BadInputError(
            "batch_size ({batch_size}) must be a multiple of micro_batch_size ({micro}).",
            batch_size=batch_size,
            micro=micro,
        )
    return micro, batch_size // micro


def _one_pass(
    lengths: Sequence[int], left_over: list[int], batch_size: int, seed: int, epoch: int
) -> tuple[list[list[int]], list[int]]:
    """Return one shuffled pass as full batches, and the rows left for the next pass, so that no batch in between is short."""
    random = stream(seed, "reading order", epoch)
    rows = list(range(len(lengths)))
    random.shuffle(rows)
    rows = left_over + rows
    whole = len(rows) - len(rows) % batch_size
    batches: list[list[int]] = []
    for start in range(0, whole, _POOL * batch_size):
        pool = sorted(rows[start : min(whole, start + _POOL * batch_size)], key=lambda row: lengths[row])
        batches += [pool[at : at + batch_size] for at in range(0, len(pool), batch_size)]
    random.shuffle(batches)
    return batches, rows[whole:]
