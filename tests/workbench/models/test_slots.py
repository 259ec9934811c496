"""How single tokens attend together: in blocks of neighbours, as on a processor, or all in one block, as on a CUDA device."""

import pytest
import torch

from workbench.models import slots
from workbench.models.slots import Piece, SlotMemory, SlotStep

HEADS, KEY_HEADS, SIZE, LAYER = 4, 2, 8, 0


def written(lengths: dict[int, int]) -> SlotMemory:
    """Return memory whose slots hold texts of these lengths."""
    memory, draw = SlotMemory(max(lengths) + 1), torch.Generator().manual_seed(0)
    for slot, length in lengths.items():
        step = SlotStep(memory, [Piece(slot, 0, range(length))], torch.device("cpu"), torch.float32)
        query, key, value = (
            torch.randn(heads, length, SIZE, generator=draw) for heads in (HEADS, KEY_HEADS, KEY_HEADS)
        )
        step.attend(LAYER, query, key, value, scale=None)
    return memory


@pytest.mark.parametrize("busy", [[0], [2, 5], [0, 1, 2, 3, 4, 5], [1, 3, 4]])
def test_one_block_over_resting_slots_attends_as_blocks_of_neighbours(
    busy: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = {slot: 3 + 17 * slot for slot in range(6)}
    asked = torch.randn(HEADS, len(busy), SIZE, generator=torch.Generator().manual_seed(1))
    found = []
    for whole in (False, True):
        memory = written(lengths)
        if whole:
            monkeypatch.setattr(slots, "_blocks", lambda *asked: [slots._whole_block(*asked)])
        pieces = [Piece(slot, lengths[slot], [7]) for slot in busy]
        step = SlotStep(memory, pieces, torch.device("cpu"), torch.float32)
        found.append(step.attend(LAYER, asked, asked[:KEY_HEADS], asked[:KEY_HEADS], scale=None))
    assert torch.isfinite(found[1]).all()
    torch.testing.assert_close(found[1], found[0])
