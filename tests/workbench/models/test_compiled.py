"""The compiled attention kernel against torch's own, over the same memory."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from workbench.models.compiled import attend_rows

SIZE, ROOM = 16, 24


def plainly(query: Tensor, keys: Tensor, values: Tensor, slot: int, length: int) -> Tensor:
    """Attention of one row [heads, size] over a slot's memory, by torch."""
    each = query.shape[0] // keys.shape[1]
    key, value = (store[slot, :, :length].float().repeat_interleave(each, 0) for store in (keys, values))
    return scaled_dot_product_attention(query[:, None], key, value)[:, 0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@settings(max_examples=25, deadline=None)
@given(groups=st.integers(1, 3), each=st.integers(1, 3), lengths=st.lists(st.integers(1, ROOM), min_size=1, max_size=5))
def test_rows_attend_as_torch_has_it(dtype: torch.dtype, groups: int, each: int, lengths: list[int]) -> None:
    draw = torch.Generator().manual_seed(sum(lengths))
    slots = list(range(len(lengths)))[::-1]
    keys, values = (torch.randn(len(slots), groups, ROOM, SIZE, generator=draw).to(dtype) for _ in range(2))
    query = torch.randn(groups * each, len(slots), SIZE, generator=draw)
    key, value = (torch.randn(groups, len(slots), SIZE, generator=draw) for _ in range(2))
    places = np.array([slots, [length - 1 for length in lengths]])

    out = attend_rows(query, key, value, (keys, values), places, None)

    for row, (slot, length) in enumerate(zip(slots, lengths, strict=True)):
        assert torch.equal(keys[slot, :, length - 1], key[:, row].to(dtype))
        assert torch.equal(values[slot, :, length - 1], value[:, row].to(dtype))
        assert torch.allclose(out[row], plainly(query[:, row], keys, values, slot, length), atol=1e-6)
        own = slice(row, row + 1)
        alone = attend_rows(query[:, own], key[:, own], value[:, own], (keys, values), places[:, own], None)
        assert torch.equal(alone[0], out[row]), "what a text gets depends on the texts beside it"


def test_a_scale_is_kept_and_large_scores_do_not_overflow() -> None:
    keys, values = torch.zeros(1, 1, ROOM, SIZE), torch.randn(1, 1, ROOM, SIZE)
    keys[0, 0, 0], keys[0, 0, 1] = 40.0, -40.0
    query, new = torch.full((1, 1, SIZE), 40.0), torch.zeros(1, 1, SIZE)
    out = attend_rows(query, new, new, (keys, values), np.array([[0], [2]]), 1.0)
    assert torch.allclose(out[0, 0], values[0, 0, 0], atol=1e-6)
