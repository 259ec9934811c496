"""Pinned prompts are answered and pinned pairs scored while a model learns, and the training is none the wiser."""

import dataclasses
from pathlib import Path

import pytest

from tests.workbench.training.small import Listening, preference_rows, sft_rows, small_model
from workbench.errors import BadInputError
from workbench.records.rows import PreferenceRow, SftRow
from workbench.records.settings import DpoSettings, PreferenceModelSettings, SftSettings
from workbench.stages.training.course import Place, Trained
from workbench.stages.training.dpo import train_dpo
from workbench.stages.training.preference_model import train_preference_model
from workbench.stages.training.sft import train_sft

SFT = SftSettings(batch_size=4, micro_batch_size=2, checkpoint_every=2, dropout=0.2, pinned=2, learning_rate=1e-2)
JUDGE = PreferenceModelSettings(batch_size=4, micro_batch_size=4, pinned=3, learning_rate=1e-2)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_model(tmp_path_factory.mktemp("start"))


def place(folder: Path) -> Place:
    return Place(folder / "output", folder / "checkpoints", seed=5, run="sft-1")


def rows(count: int) -> list[SftRow]:
    return [dataclasses.replace(row, prompt_id=f"prompt-{at}") for at, row in enumerate(sft_rows(count))]


def pairs(count: int) -> list[PreferenceRow]:
    made = preference_rows(count, held_out_every=8)
    return [
        dataclasses.replace(row, prompt_id=f"prompt-{at}", comparison_id=f"pair-{at}") for at, row in enumerate(made)
    ]


def fine_tuned(start: Path, folder: Path, settings: SftSettings, listening: Listening) -> Trained:
    return train_sft(start, rows(32), settings, place(folder), listening, longest=8)


def test_answers_come_at_the_start_on_the_way_and_at_the_end_whatever_interrupts(start: Path, tmp_path: Path) -> None:
    whole, first, second = Listening(), Listening(stop_at=4), Listening()
    trained = fine_tuned(start, tmp_path / "a", SFT, whole)
    samples = whole.samples
    assert [sample.step for sample in samples] == [0, 0, 2, 2, 4, 4, 6, 6, 8, 8]
    assert len({sample.prompt_id for sample in samples}) == 2
    assert samples[0].text != samples[-2].text
    assert samples[0].score is None
    fine_tuned(start, tmp_path / "b", SFT, first)
    assert fine_tuned(start, tmp_path / "b", SFT, second) == trained
    assert first.samples + second.samples == whole.samples


def test_a_training_that_is_looked_at_is_the_same_training(start: Path, tmp_path: Path) -> None:
    blind, seen = Listening(), Listening()
    unseen = fine_tuned(start, tmp_path / "a", dataclasses.replace(SFT, pinned=0), blind)
    assert fine_tuned(start, tmp_path / "b", dataclasses.replace(SFT, pinned_every=3), seen) == unseen
    assert blind.values("loss") == seen.values("loss")
    assert not blind.samples
    assert [sample.step for sample in seen.samples[::2]] == [0, 3, 6, 8]


def test_pairs_are_scored_held_out_ones_first_and_their_sides_stay_a_and_b(start: Path, tmp_path: Path) -> None:
    listening, unseen = Listening(), Listening()
    train_preference_model(start, pairs(16), JUDGE, place(tmp_path / "a"), listening)
    scores = listening.scores
    assert len(scores) == 3 * 5
    assert [one.held_out for one in scores[:3]] == [True, True, False]
    likelier = {row.comparison_id: row.probability_a > 0.5 for row in pairs(16)}
    learnt = scores[-1]
    assert (learnt.score_a > learnt.score_b) == likelier[learnt.comparison_id]
    train_preference_model(start, pairs(16), dataclasses.replace(JUDGE, pinned=0), place(tmp_path / "b"), unseen)
    assert unseen.values("loss") == listening.values("loss")
    adapted = Listening()
    train_preference_model(start, pairs(16), dataclasses.replace(JUDGE, lora_rank=2), place(tmp_path / "c"), adapted)
    assert len(adapted.scores) == 3 * 5


def test_dpo_answers_its_pinned_prompts_too(start: Path, tmp_path: Path) -> None:
    listening = Listening()
    settings = DpoSettings(batch_size=8, micro_batch_size=8, pinned=1, pinned_every=5, lora_rank=2)
    train_dpo(start, pairs(16), settings, place(tmp_path), listening, longest=4)
    assert [sample.step for sample in listening.samples] == [0, 2]


def test_a_number_below_nought_is_one_sentence(start: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="pinned and pinned_every must be 0 or more"):
        fine_tuned(start, tmp_path, dataclasses.replace(SFT, pinned=-1), Listening())
