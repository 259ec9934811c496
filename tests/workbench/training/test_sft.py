"""Supervised fine-tuning: the loss is the completions', the rows are as the model is asked, and resuming is exact."""

import dataclasses
from pathlib import Path

import pytest
import torch

from tests.workbench.training.small import Listening, asked, sft_rows, small_model
from workbench.errors import BadInputError
from workbench.models.rendering import render
from workbench.records.rows import SftRow
from workbench.records.settings import SftSettings
from workbench.records.transcript import Message
from workbench.stages.training.course import Place
from workbench.stages.training.packing import IGNORED
from workbench.stages.training.sft import encode_rows, train_sft
from workbench.stages.training.weights import load_policy, load_tokenizer

SETTINGS = SftSettings(batch_size=4, micro_batch_size=2, learning_rate=1e-3, schedule="cosine", checkpoint_every=3)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("start"))


def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "output", tmp_path / "checkpoints", seed=5)


def test_a_row_is_what_the_model_is_asked_then_the_completion_and_its_end(start: Path) -> None:
    tokenizer = load_tokenizer(start)
    row = SftRow((Message("user", "plan a picnic"),), "share it")
    encoded = encode_rows(tokenizer, [row])[0]
    prompt = render(tokenizer, row.messages, begin="assistant")
    assert tokenizer.decode(encoded["input_ids"]) == f"{prompt}share it<|end|>"
    learnt = [token for token in encoded["labels"] if token != IGNORED]
    assert tokenizer.decode(learnt) == "share it<|end|>"
    assert encoded["input_ids"][-len(learnt) :] == learnt


def test_a_plain_row_is_the_papers_text(tmp_path: Path) -> None:
    tokenizer = load_tokenizer(small_model(tmp_path, chat=False))
    encoded = encode_rows(tokenizer, [SftRow(asked("plan"), "share it")])[0]
    assert tokenizer.decode(encoded["input_ids"]) == "\n\nHuman: plan\n\nAssistant: share it<|endoftext|>"


def test_the_first_loss_is_the_mean_over_the_completions_tokens(start: Path, tmp_path: Path) -> None:
    rows = sft_rows(4)
    listening = Listening()
    train_sft(start, rows, SETTINGS, place(tmp_path), listening)
    model, total, count = load_policy(start), 0.0, 0
    for encoded in encode_rows(load_tokenizer(start), rows):
        ids, labels = torch.tensor([encoded["input_ids"]]), torch.tensor(encoded["labels"])
        logs = model(ids).logits[0].log_softmax(-1).detach()
        for at in range(1, len(labels)):
            if labels[at] != IGNORED:
                total, count = total - float(logs[at - 1, labels[at]]), count + 1
    assert listening.values("loss")[0] == pytest.approx(total / count, abs=1e-4)


def test_it_learns_the_completions(start: Path, tmp_path: Path) -> None:
    listening = Listening()
    settings = SftSettings(batch_size=8, micro_batch_size=8, epochs=20, learning_rate=3e-3)
    trained = train_sft(start, sft_rows(16), settings, place(tmp_path), listening)
    losses = listening.values("loss")
    assert trained.finished
    assert trained.steps == len(losses) == listening.done == listening.total == 40
    assert losses[-1] < losses[0] / 3
    load_policy(tmp_path / "output")
    load_tokenizer(tmp_path / "output")


def test_rows_that_are_too_long_are_counted_and_told(start: Path, tmp_path: Path) -> None:
    listening = Listening()
    rows = [*sft_rows(6), SftRow(asked("plan"), "share " * 200)]
    train_sft(start, rows, SftSettings(max_length=100, batch_size=2), place(tmp_path), listening)
    assert listening.values("rows_left_out") == [1.0]
    assert "1 of 7 rows are longer than 100 tokens and were left out." in listening.said
    with pytest.raises(BadInputError, match="None of the 7 rows fits max_length=2"):
        train_sft(start, rows, SftSettings(max_length=2), place(tmp_path), listening)


def test_stop_and_resume_is_the_uninterrupted_run(start: Path, tmp_path: Path) -> None:
    rows, whole, dropping = sft_rows(30), Listening(), dataclasses.replace(SETTINGS, dropout=0.2)
    assert SETTINGS.batch_size == 2 * SETTINGS.micro_batch_size
    uninterrupted = train_sft(start, rows, dropping, place(tmp_path / "a"), whole)
    first, second = Listening(stop_at=4), Listening()
    stopped = train_sft(start, rows, dropping, place(tmp_path / "b"), first)
    assert (stopped.finished, stopped.steps) == (False, 4)
    resumed = train_sft(start, rows, dropping, place(tmp_path / "b"), second)
    assert resumed == uninterrupted != train_sft(start, rows, SETTINGS, place(tmp_path / "c"), Listening())
    assert first.values("loss") + second.values("loss") == whole.values("loss")


@pytest.mark.parametrize("wrong", [{"schedule": "sawtooth"}, {"learning_rate": 0.0}, {"batch_size": 3}])
def test_wrong_settings_are_one_sentence(start: Path, tmp_path: Path, wrong: dict[str, object]) -> None:
    settings = SftSettings(**{**SETTINGS.__dict__, **wrong})
    with pytest.raises(BadInputError):
        train_sft(start, sft_rows(4), settings, place(tmp_path), Listening())


@pytest.mark.parametrize("kept", [1, 3])
def test_as_many_checkpoints_are_kept_as_asked(start: Path, tmp_path: Path, kept: int) -> None:
    where = dataclasses.replace(place(tmp_path), kept=kept)
    often = dataclasses.replace(SETTINGS, checkpoint_every=1)
    assert not train_sft(start, sft_rows(30), often, where, Listening(stop_at=4)).finished
    steps = sorted(int(path.name.removeprefix("checkpoint-")) for path in where.checkpoints.iterdir())
    assert steps == list(range(5 - kept, 5))
    with pytest.raises(BadInputError, match="keep_checkpoints must be at least 1"):
        train_sft(start, sft_rows(4), often, dataclasses.replace(where, kept=0), Listening())


def test_a_named_tracker_is_told_and_nobody_else(start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tensorboard")
    told = tmp_path / "tensorboard"
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", str(told))
    train_sft(start, sft_rows(8), SETTINGS, place(tmp_path / "a"), Listening())
    assert not told.exists()
    where = dataclasses.replace(place(tmp_path / "b"), trackers=("tensorboard",), run="sft-1")
    train_sft(start, sft_rows(8), SETTINGS, where, Listening())
    assert [path for path in told.iterdir() if "tfevents" in path.name]
