"""Low-rank adapters: only they are trained and saved, and the folder loads as any other model's."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.workbench.training.small import Listening, preference_rows, sft_rows, small_model
from workbench.errors import BadInputError, MissingError
from workbench.models.loading import load_weights
from workbench.records.settings import PreferenceModelSettings, SftSettings
from workbench.sources.adapters import base_of, is_adapter
from workbench.stages.training.course import Place
from workbench.stages.training.preference_model import train_preference_model
from workbench.stages.training.scorer import load_scorer
from workbench.stages.training.sft import train_sft
from workbench.stages.training.weights import load_policy, load_tokenizer, require_preference_model

SETTINGS = SftSettings(
    batch_size=4,
    micro_batch_size=4,
    learning_rate=5e-3,
    schedule="cosine",
    lora_rank=4,
    lora_alpha=8.0,
    checkpoint_every=3,
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("start"))


def place(folder: Path) -> Place:
    return Place(folder / "output", folder / "checkpoints", seed=5)


def test_an_adapter_is_its_base_plus_the_scaled_product(start: Path, tmp_path: Path) -> None:
    listening = Listening()
    train_sft(start, sft_rows(40), SETTINGS, place(tmp_path), listening)
    assert listening.values("loss")[-1] < listening.values("loss")[0]
    output = tmp_path / "output"
    assert is_adapter(output)
    assert base_of(output) == start
    assert not (output / "model.safetensors").exists()
    adapter = load_file(output / "adapter_model.safetensors")
    base, found = load_weights(start).state_dict(), load_weights(output).state_dict()
    changed = set()
    for name in (key for key in adapter if key.endswith("lora_A.weight")):
        layer = name.removeprefix("base_model.model.").removesuffix(".lora_A.weight")
        product = adapter[name.replace("lora_A", "lora_B")] @ adapter[name]
        expected = base[f"{layer}.weight"] + 8.0 / 4 * product
        assert torch.allclose(found[f"{layer}.weight"], expected, atol=1e-6)
        assert float(product.abs().max()) > 0
        changed.add(f"{layer}.weight")
    assert len(changed) == 2 * 7
    assert all(torch.equal(found[name], base[name]) for name in base if name not in changed)
    trained = load_policy(output).state_dict()
    assert all(torch.allclose(trained[name], found[name], atol=1e-6) for name in found)


def test_stop_and_resume_is_the_uninterrupted_run(start: Path, tmp_path: Path) -> None:
    whole, first, second = Listening(), Listening(stop_at=4), Listening()
    uninterrupted = train_sft(start, sft_rows(30), SETTINGS, place(tmp_path / "a"), whole)
    assert not train_sft(start, sft_rows(30), SETTINGS, place(tmp_path / "b"), first).finished
    assert train_sft(start, sft_rows(30), SETTINGS, place(tmp_path / "b"), second) == uninterrupted
    assert first.values("loss") + second.values("loss") == whole.values("loss")


def test_later_stages_begin_from_an_adapter(start: Path, tmp_path: Path) -> None:
    train_sft(start, sft_rows(8), SETTINGS, place(tmp_path / "runs" / "sft-1"), Listening())
    first = tmp_path / "runs" / "sft-1" / "output"
    train_sft(first, sft_rows(8), SETTINGS, place(tmp_path / "runs" / "sft-2"), Listening())
    second = tmp_path / "runs" / "sft-2" / "output"
    settings = PreferenceModelSettings(batch_size=4, micro_batch_size=4)
    train_preference_model(second, preference_rows(8), settings, place(tmp_path / "runs" / "pm"), Listening())
    assert (tmp_path / "runs" / "pm" / "output" / "model.safetensors").is_file()
    # Runs that are moved together still find each other.
    assert json.loads((second / "adapter_config.json").read_text())["base_model_name_or_path"] == "../../sft-1/output"
    before = load_weights(second).state_dict()
    (tmp_path / "runs").rename(tmp_path / "moved")
    after = load_weights(tmp_path / "moved" / "sft-2" / "output").state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_base_that_is_gone_and_wrong_settings_are_one_sentence(start: Path, tmp_path: Path) -> None:
    base = small_model(tmp_path / "base")
    train_sft(base, sft_rows(4), SETTINGS, place(tmp_path / "run"), Listening())
    base.rename(tmp_path / "elsewhere")
    with pytest.raises(MissingError, match="put that model at"):
        load_weights(tmp_path / "run" / "output")
    with pytest.raises(BadInputError, match="lora_alpha above 0"):
        train_sft(start, sft_rows(4), dataclasses.replace(SETTINGS, lora_alpha=0.0), place(tmp_path), Listening())
    assert load_tokenizer(tmp_path / "run" / "output").eos_token


JUDGE = PreferenceModelSettings(
    batch_size=4,
    micro_batch_size=2,
    learning_rate=5e-3,
    lora_rank=4,
    lora_alpha=8.0,
    checkpoint_every=3,
    gradient_checkpointing=True,
)


def test_a_preference_model_learns_through_an_adapter_and_is_written_whole(start: Path, tmp_path: Path) -> None:
    listening, rows = Listening(), preference_rows(48, 4)
    train_preference_model(start, rows, dataclasses.replace(JUDGE, epochs=4), place(tmp_path), listening)
    assert listening.values("loss")[-1] < listening.values("loss")[0]
    output = tmp_path / "output"
    assert not is_adapter(output)
    require_preference_model(output)
    base, found = load_policy(start).state_dict(), load_file(output / "model.safetensors")
    assert not torch.equal(found["model.layers.0.mlp.up_proj.weight"], base["model.layers.0.mlp.up_proj.weight"])
    assert torch.equal(found["model.embed_tokens.weight"], base["model.embed_tokens.weight"]), (
        "an adapter leaves words alone"
    )
    held_out = [row for row in rows if row.held_out]
    texts = [(row.messages, text) for row in held_out for text in (row.response_a, row.response_b)]
    scores = load_scorer(output).score(texts)
    right = [
        (first > second) == (row.probability_a > 0.5)
        for row, first, second in zip(held_out, scores[::2], scores[1::2], strict=True)
    ]
    measured = listening.values("eval_accuracy")[-1]
    assert sum(right) / len(right) == pytest.approx(measured), "what is written is what was measured"


def test_a_preference_model_with_an_adapter_resumes_as_if_uninterrupted(start: Path, tmp_path: Path) -> None:
    whole, first, second = Listening(), Listening(stop_at=4), Listening()
    rows = preference_rows(30)
    uninterrupted = train_preference_model(start, rows, JUDGE, place(tmp_path / "a"), whole)
    assert not train_preference_model(start, rows, JUDGE, place(tmp_path / "b"), first).finished
    assert train_preference_model(start, rows, JUDGE, place(tmp_path / "b"), second) == uninterrupted
    assert first.values("loss") + second.values("loss") == whole.values("loss")
