"""Weights in safetensors files, read no further than their heads: every claim in them is checked before anything is loaded."""

import json
import math
import struct
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError

#: No head of a safetensors file is longer; a damaged one must not fill the memory.
_LONGEST_HEAD = 100 << 20
#: Bytes of a number of each type; four-bit ones come in twos.
_BITS = {
    "F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "C64": 64, "F16": 16, "BF16": 16, "I16": 16, "U16": 16,
    "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8, "I8": 8, "U8": 8, "BOOL": 8,
    "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
}  # fmt: skip


@dataclass(frozen=True)
class Weights:
    """What a folder's safetensors files hold: numbers, bytes on disk, and the type most of them have."""

    parameters: int = 0
    size: int = 0
    dtype: str = ""


def read_weights(folder: Path) -> Weights:
    """Return what a folder's weights are; raises BadInputError where a file is damaged or claims what it does not hold."""
    kinds: Counter[str] = Counter()
    size = 0
    for file in sorted(folder.glob("*.safetensors")):
        kinds += read_head(file)
        size += file.stat().st_size
    return Weights(sum(kinds.values()), size, kinds.most_common(1)[0][0].lower() if kinds else "")


def read_head(file: Path) -> "Counter[str]":
    """Return how many numbers of each type a file holds; its tensors must fill it without a gap or an overlap."""
    size = file.stat().st_size
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            if length > min(_LONGEST_HEAD, size - 8):
                raise BadInputError("{file} is damaged: its head is said to be longer than the file.", file=file)
            head = json.loads(opened.read(length))
        tensors = [_tensor(one) for name, one in head.items() if name != "__metadata__"]
    except (struct.error, ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
        raise BadInputError("{file} is damaged or no safetensors file: its head cannot be read.", file=file) from error
    end = 0
    for begins, ends, _, _ in sorted(tensors):
        if begins != end:
            raise BadInputError("{file} is damaged: its tensors leave a gap or overlap.", file=file)
        end = ends
    if end != size - 8 - length:
        raise BadInputError(
            "{file} is damaged: it holds {size} bytes of numbers and its head tells of {end}.",
            file=file,
            size=size - 8 - length,
            end=end,
        )
    counted: Counter[str] = Counter()
    for _, _, kind, numbers in tensors:
        counted[kind] += numbers
    return counted


def _tensor(one: Any) -> tuple[int, int, str, int]:
    """Return where a tensor begins and ends, its type and how many numbers it has; ValueError where these do not fit."""
    begins, ends = one["data_offsets"]
    shape, kind = one["shape"], str(one["dtype"])
    if not all(type(number) is int and number >= 0 for number in (begins, ends, *shape)):
        raise ValueError("sizes are whole numbers")
    numbers = math.prod(shape)
    if (numbers * _BITS[kind] + 7) // 8 != ends - begins:
        raise ValueError("a tensor's size is not that of its shape")
    return begins, ends, kind, numbers
