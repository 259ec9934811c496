"""DPO: its loss by hand, soft labels, adapters, resuming, and what it learns from the preference model's comparisons."""

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.workbench.training.small import Listening, preference_rows, sft_rows, small_model
from workbench.errors import BadInputError
from workbench.records.settings import DpoSettings, SftSettings
from workbench.sources.adapters import is_adapter
from workbench.stages.training import dpo
from workbench.stages.training.course import Place
from workbench.stages.training.dpo import train_dpo
from workbench.stages.training.lora import ready_to_learn
from workbench.stages.training.pairs import encode_pairs
from workbench.stages.training.sft import train_sft
from workbench.stages.training.weights import load_policy, load_tokenizer

SETTINGS = DpoSettings(batch_size=4, micro_batch_size=4, learning_rate=1e-3, schedule="constant", checkpoint_every=2)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("start"))


def place(folder: Path) -> Place:
    return Place(folder / "output", folder / "checkpoints", seed=5)


def test_the_first_loss_is_that_of_a_policy_that_is_its_reference(start: Path, tmp_path: Path) -> None:
    listening = Listening()
    train_dpo(start, preference_rows(4), SETTINGS, place(tmp_path), listening)
    # Nothing is implied yet, so every probability is one half, whatever the labels say.
    assert listening.values("loss")[0] == pytest.approx(math.log(2), abs=1e-5)
    assert listening.values("rewards/margins")[0] == pytest.approx(0, abs=1e-5)


def test_a_later_loss_is_the_formula_by_hand(start: Path, tmp_path: Path) -> None:
    rows, listening = preference_rows(4), Listening()
    twice = dataclasses.replace(SETTINGS, epochs=2.0)
    train_dpo(start, rows, dataclasses.replace(SETTINGS, max_steps=1), place(tmp_path / "once"), Listening())
    train_dpo(start, rows, twice, place(tmp_path / "twice"), listening)
    tokenizer = load_tokenizer(start)
    policy, reference = load_policy(tmp_path / "once" / "output"), load_policy(start)

    def logp(model: object, ids: list[int], at: int) -> float:
        with torch.no_grad():
            logs = model(torch.tensor([ids])).logits[0].log_softmax(-1)  # type: ignore[operator]
        return sum(float(logs[place - 1, ids[place]]) for place in range(at, len(ids)))

    losses = []
    for pair in encode_pairs(tokenizer, rows, True):
        ratios = [
            logp(policy, ids, pair.prompt_tokens) - logp(reference, ids, pair.prompt_tokens)
            for ids in (pair.chosen, pair.rejected)
        ]
        implied = 1 / (1 + math.exp(-twice.beta * (ratios[0] - ratios[1])))
        losses.append(-pair.probability * math.log(implied) - (1 - pair.probability) * math.log(1 - implied))
    assert listening.values("loss")[1] == pytest.approx(sum(losses) / 4, abs=1e-4)


def test_pieces_of_a_batch_change_nothing(start: Path, tmp_path: Path) -> None:
    told = []
    for micro in (4, 2):
        listening = Listening()
        settings = dataclasses.replace(SETTINGS, micro_batch_size=micro, epochs=5.0)
        # The last batch is of three pairs: in pieces, of two and of one.
        train_dpo(start, preference_rows(7), settings, place(tmp_path / str(micro)), listening)
        told.append(listening.values("loss"))
    assert told[0] == pytest.approx(told[1], abs=1e-4)


def test_it_learns_what_the_labels_prefer_and_is_measured_on_what_was_kept(start: Path, tmp_path: Path) -> None:
    listening = Listening()
    settings = dataclasses.replace(SETTINGS, epochs=8.0)
    trained = train_dpo(start, preference_rows(40, held_out_every=5), settings, place(tmp_path), listening)
    assert trained.finished
    assert listening.values("rewards/margins")[-1] > 0.1
    assert listening.values("eval_rewards/accuracies") == [1.0]
    assert load_policy(tmp_path / "output") is not None


def test_a_stopped_training_goes_on_as_if_nothing_had_been(start: Path, tmp_path: Path) -> None:
    rows, settings = preference_rows(16), dataclasses.replace(SETTINGS, epochs=2.0)
    whole, stopped, rest = Listening(), Listening(stop_at=3), Listening()
    first = train_dpo(start, rows, settings, place(tmp_path / "whole"), whole)
    assert not train_dpo(start, rows, settings, place(tmp_path / "parts"), stopped).finished
    second = train_dpo(start, rows, settings, place(tmp_path / "parts"), rest)
    assert second.weights == first.weights
    assert stopped.values("loss") + rest.values("loss") == whole.values("loss")


@pytest.mark.parametrize("four_bits", [False, True])
def test_an_adapter_is_trained_beside_a_base_that_stays(
    start: Path, tmp_path: Path, four_bits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ready(*arguments: Any) -> Any:
        model = ready_to_learn(*arguments)
        model.is_loaded_in_4bit = four_bits  # which is when TRL rounds adapters to bfloat16
        return model

    monkeypatch.setattr(dpo, "ready_to_learn", ready)
    settings = dataclasses.replace(SETTINGS, lora_rank=2, epochs=4.0)
    listening = Listening()
    train_dpo(start, preference_rows(8), settings, place(tmp_path), listening)
    assert is_adapter(tmp_path / "output")
    assert listening.values("loss")[-1] < math.log(2)
    learnt = load_file(tmp_path / "output" / "adapter_model.safetensors")
    assert {weights.dtype for weights in learnt.values()} == {torch.float32}


def test_what_cannot_be_is_said(start: Path, tmp_path: Path) -> None:
    for change, says in (
        ({"beta": 0.0}, "beta must be above 0"),
        ({"quantised": True}, "give lora_rank as well"),
        ({"quantised": True, "lora_rank": 2}, "needs a CUDA device and the package bitsandbytes"),
    ):
        settings = dataclasses.replace(SETTINGS, **change)
        with pytest.raises(BadInputError, match=says):
            train_dpo(start, preference_rows(4), settings, place(tmp_path), Listening())
    with pytest.raises(BadInputError, match="needs a CUDA device"):
        train_sft(start, sft_rows(4), SftSettings(quantised=True, lora_rank=2), place(tmp_path), Listening())
