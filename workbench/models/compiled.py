"""Attention from one new token per text, compiled for the processor at hand.

For every new token a model reads all keys and values of the text once: on a processor that is most of the work, and it is bound
by memory. Here each slot's memory is read once, straight from where it lies, half as wide where it is kept in bfloat16, and every
sum is in float32. What a text gets does not depend on the texts beside it.
"""

from typing import Any

import numba
import numpy as np
import torch
from numba import types
from numba.extending import overload, register_jitable
from torch import Tensor

_LOG2_E, _LN2_HIGH, _LN2_LOW = np.float32(1.44269504), np.float32(0.693359375), np.float32(-2.12194440e-4)
#: The coefficients of e^r on |r| <= ln(2) / 2, the highest power first (S. Moshier's Cephes, expf).
_C6, _C5, _C4 = np.float32(1.9875691500e-4), np.float32(1.3981999507e-3), np.float32(8.3334519073e-3)
_C3, _C2, _C1 = np.float32(4.1665795894e-2), np.float32(1.6666665459e-1), np.float32(5.0000001201e-1)
#: Below this e^x is as good as nothing, and its exponent would leave float32.
_LEAST = np.float32(-87.0)


def attend_rows(
    query: Tensor, key: Tensor, value: Tensor, memory: tuple[Tensor, Tensor], rows: Any, scale: float | None
) -> Tensor:
    """Write one new key and value per slot into its memory and attend to all of it.

    query [heads, rows, size], key and value [key heads, rows, size] in float32; memory: keys and values [slots, key heads, room,
    size] in float32 or bfloat16; rows: the slot of each row and the place of its new token, int64 [2, rows]. Returns
    [rows, heads, size] in float32.
    """
    asked = _by_row(query * (query.shape[-1] ** -0.5 if scale is None else scale))
    out = torch.empty_like(asked)
    new = _by_row(key).numpy(), _by_row(value).numpy()
    _attend(asked.numpy(), *new, *map(_plain, memory), rows, out.numpy())
    return out


def _by_row(part: Tensor) -> Tensor:
    return part.transpose(0, 1).float().contiguous()


def _plain(memory: Tensor) -> Any:
    """The memory as an array; numpy has no bfloat16, so its bits stand for it."""
    return (memory.view(torch.uint16) if memory.dtype == torch.bfloat16 else memory).numpy()


def _wide(stored: Any) -> Any:  # pragma: no cover - a name for what is compiled below
    """A stored number as float32."""
    raise NotImplementedError


@overload(_wide, inline="always", strict=False)
def _compile_wide(stored: Any) -> Any:
    if isinstance(stored, types.Integer):
        return lambda stored: np.uint32(np.uint32(stored) << np.uint32(16)).view(np.float32)
    return lambda stored: stored


def _narrow(number: Any, memory: Any) -> Any:  # pragma: no cover - a name for what is compiled below
    """A float32 as memory stores it: bfloat16 is rounded to the nearest, ties to even."""
    raise NotImplementedError


@overload(_narrow, inline="always", strict=False)
def _compile_narrow(number: Any, memory: Any) -> Any:
    if isinstance(memory.dtype, types.Integer):

        def rounded(number: Any, memory: Any) -> Any:
            bits = np.float32(number).view(np.uint32)
            return np.uint16((bits + np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))) >> np.uint32(16))

        return rounded
    return lambda number, memory: number


@register_jitable(inline="always")
def _exponential(x: Any) -> Any:
    """e^x for x <= 0, in operations that compile to vector instructions (a call to the library's would not)."""
    x = max(x, _LEAST)
    power = np.floor(x * _LOG2_E + np.float32(0.5))
    rest = x - power * _LN2_HIGH - power * _LN2_LOW
    poly = ((((_C6 * rest + _C5) * rest + _C4) * rest + _C3) * rest + _C2) * rest + _C1
    poly = poly * rest * rest + rest + np.float32(1)
    return poly * np.int32((np.int32(power) + np.int32(127)) << np.int32(23)).view(np.float32)


@numba.njit(cache=True, fastmath=True, nogil=True, error_model="numpy")
def _attend(query: Any, new_keys: Any, new_values: Any, keys: Any, values: Any, places: Any, out: Any) -> None:
    rows, heads, size = query.shape
    groups = keys.shape[1]
    each = heads // groups
    weights = np.empty(keys.shape[2], np.float32)
    total = np.empty(size, np.float32)
    for row in range(rows):
        slot, place = places[0, row], places[1, row]
        for group in range(groups):
            own_keys, own_values = keys[slot, group], values[slot, group]
            for at in range(size):
                own_keys[place, at] = _narrow(new_keys[row, group, at], keys)
                own_values[place, at] = _narrow(new_values[row, group, at], values)
            for head in range(group * each, (group + 1) * each):
                _score(query[row, head], own_keys, place + 1, weights)
                share = _soften(weights, place + 1)
                _gather(weights, own_values, place + 1, total)
                for at in range(size):
                    out[row, head, at] = total[at] * share


@register_jitable
def _score(asked: Any, keys: Any, length: Any, scores: Any) -> None:
    """Products of the query with each key; four keys at once keep the processor's units busy."""
    size = asked.shape[0]
    whole = length - length % 4
    for token in range(0, whole, 4):
        first = second = third = fourth = np.float32(0)
        for at in range(size):
            part = asked[at]
            first += part * _wide(keys[token, at])
            second += part * _wide(keys[token + 1, at])
            third += part * _wide(keys[token + 2, at])
            fourth += part * _wide(keys[token + 3, at])
        scores[token], scores[token + 1], scores[token + 2], scores[token + 3] = first, second, third, fourth
    for token in range(whole, length):
        one = np.float32(0)
        for at in range(size):
            one += asked[at] * _wide(keys[token, at])
        scores[token] = one


@register_jitable
def _soften(scores: Any, length: Any) -> Any:
    """Turn scores into weights, in place, and return what they must be multiplied with to add up to one."""
    most = scores[0]
    for token in range(1, length):
        most = max(most, scores[token])
    together = np.float32(0)
    for token in range(length):
        weight = _exponential(scores[token] - most)
        scores[token] = weight
        together += weight
    return np.float32(1) / together


@register_jitable
def _gather(weights: Any, values: Any, length: Any, total: Any) -> None:
    """Sum of the values by their weights."""
    size = total.shape[0]
    for at in range(size):
        total[at] = np.float32(0)
    whole = length - length % 4
    for token in range(0, whole, 4):
        first, second, third, fourth = weights[token], weights[token + 1], weights[token + 2], weights[token + 3]
        for at in range(size):
            total[at] += (
                first * _wide(values[token, at])
                + second * _wide(values[token + 1, at])
                + third * _wide(values[token + 2, at])
                + fourth * _wide(values[token + 3, at])
            )
    for token in range(whole, length):
        one = weights[token]
        for at in range(size):
            total[at] += one * _wide(values[token, at])
