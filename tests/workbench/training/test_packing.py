"""Packing: rows that share a sequence do not see each other, so every loss is what it is unpacked."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.workbench.models.tiny import Family, tiny_model
from tests.workbench.training.small import Listening, sft_rows, small_model
from workbench.records.settings import SftSettings
from workbench.stages.training.compute import CPU
from workbench.stages.training.course import Place
from workbench.stages.training.packing import IGNORED, PackingCollator, packs, packs_correctly
from workbench.stages.training.sft import encode_rows, train_sft
from workbench.stages.training.weights import load_policy, load_tokenizer

SETTINGS = SftSettings(batch_size=8, micro_batch_size=4, learning_rate=1e-3, max_length=120, checkpoint_every=3)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=30), st.integers(20, 60))
def test_every_row_is_in_one_pack_and_none_is_too_full(lengths: list[int], width: int) -> None:
    found = packs(lengths, width)
    assert sorted(row for pack in found for row in pack) == list(range(len(lengths)))
    assert all(sum(lengths[row] for row in pack) <= width for pack in found)
    # No two packs would fit into one: best fit leaves at most one of them less than half full.
    assert sum(sum(lengths[row] for row in pack) * 2 <= width for pack in found) <= 1


def test_a_pack_is_its_rows_with_positions_of_their_own() -> None:
    rows = [
        {"input_ids": [5, 6], "labels": [IGNORED, 6]},
        {"input_ids": [7, 8, 9], "labels": [IGNORED, IGNORED, 9]},
        {"input_ids": [1, 2, 3, 4], "labels": [IGNORED, 2, 3, 4]},
    ]
    batch = PackingCollator(pad_id=0, width=5)(rows)
    assert batch["input_ids"].tolist() == [[1, 2, 3, 4, 0], [7, 8, 9, 5, 6]]
    assert batch["position_ids"].tolist() == [[0, 1, 2, 3, 0], [0, 1, 2, 0, 1]]
    assert batch["labels"].tolist() == [
        [IGNORED, 2, 3, 4, IGNORED],
        [IGNORED, IGNORED, 9, IGNORED, 6],
    ]
    assert int(batch["attention_mask"].sum()) == 9


@pytest.mark.parametrize("family", ["llama", "qwen3", "gpt2", "mistral"])
def test_logits_in_a_pack_are_those_of_the_row_alone(family: Family, tmp_path: Path) -> None:
    folder = tiny_model(tmp_path, family)
    model, tokenizer = load_policy(folder), load_tokenizer(folder)
    rows = encode_rows(tokenizer, sft_rows(6))
    batch = PackingCollator(tokenizer.pad_token_id, 90)(rows)
    assert len(batch["input_ids"]) < len(rows)
    with torch.no_grad():
        packed = model(input_ids=batch["input_ids"], position_ids=batch["position_ids"], use_cache=False).logits
        for pack, laid in enumerate(packs([len(row["input_ids"]) for row in rows], 90)):
            at = 0
            for number in laid:
                ids = rows[number]["input_ids"]
                alone = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
                assert torch.allclose(packed[pack, at : at + len(ids)], alone, atol=1e-4)
                at += len(ids)
    assert packs_correctly(model, rows, tokenizer.pad_token_id, CPU)


def test_every_step_of_a_packed_training_has_the_unpacked_loss(tmp_path: Path) -> None:
    start = small_model(tmp_path / "start")
    losses = {}
    for packing in (False, True):
        listening = Listening()
        place = Place(tmp_path / str(packing) / "output", tmp_path / str(packing) / "checkpoints", seed=5)
        train_sft(start, sft_rows(40), dataclasses.replace(SETTINGS, packing=packing), place, listening)
        losses[packing] = listening.values("loss")
        assert not any("not packed" in said for said in listening.said)
    assert losses[True] == pytest.approx(losses[False], abs=1e-4)
    assert len(losses[True]) == 5


class Sees(torch.nn.Module):
    """A model whose logits depend on all that came before, positions or not: what packing must not be used on."""

    def forward(self, input_ids: torch.Tensor, **_: Any) -> Any:
        seen = input_ids.float().cumsum(1)
        return dataclasses.make_dataclass("Out", ["logits"])(seen.unsqueeze(-1).expand(-1, -1, 3))


def test_a_model_in_which_rows_see_each_other_is_found_out(tmp_path: Path) -> None:
    rows = encode_rows(load_tokenizer(small_model(tmp_path)), sft_rows(3))
    assert not packs_correctly(Sees(), rows, 0, CPU)
