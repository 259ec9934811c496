"""Parts of an experience hold every episode once, whole, and cut to the longest of them."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.stages.training.experience import by_length

LENGTHS = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 7)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=40)
@given(LENGTHS, st.integers(1, 5))
def test_parts_are_the_rows_shortest_first(lengths: list[tuple[int, int]], rows: int) -> None:
    width = max(response for _, response in lengths)
    tokens = max(prompt + response for prompt, response in lengths)
    slices = {
        "input_ids": torch.stack([torch.arange(tokens) + 100 * row for row in range(len(lengths))]),
        "prompt_lengths": torch.tensor([prompt for prompt, _ in lengths]),
        "mask": torch.stack([torch.arange(width) < response for _, response in lengths]),
        "advantages": torch.stack([torch.arange(width) + 1000.0 * row for row in range(len(lengths))]),
    }
    parts = by_length(slices, rows)
    seen = []
    for part in parts:
        longest = (part["prompt_lengths"] + part["mask"].sum(1)).max()
        assert part["input_ids"].shape == (len(part["mask"]), longest)
        assert part["advantages"].shape == part["mask"].shape
        assert part["mask"].any(0).all()
        for at, ids in enumerate(part["input_ids"].tolist()):
            row = ids[0] // 100
            assert part["advantages"][at, 0] == 1000 * row
            assert (int(part["prompt_lengths"][at]), int(part["mask"][at].sum())) == lengths[row]
            seen.append(row)
    assert sorted(seen) == list(range(len(lengths)))
    assert [sum(lengths[row]) for row in seen] == sorted(map(sum, lengths))
