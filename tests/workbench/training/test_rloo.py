"""RLOO behind the same plan as PPO: it raises the reward, resumes exactly, and keeps PPO's alarms, names and pinned prompts."""

import dataclasses
from pathlib import Path

import pytest

from tests.workbench.models.tiny import tiny_model
from tests.workbench.training.small import Listening, prompts, reinforce, small_model
from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.stages.training import checkpoints
from workbench.stages.training.compute import Compute
from workbench.stages.training.course import Place
from workbench.stages.training.players import Starts
from workbench.stages.training.rhythm import rhythm_of
from workbench.stages.training.weights import load_policy

SETTINGS = RlSettings(
    algorithm="rloo",
    num_generations=4,
    episodes=48,
    batch_size=16,
    micro_batch_size=4,
    mini_batches=2,
    ppo_epochs=2,
    learning_rate=1e-3,
    checkpoint_every=1,
    ignore_alarms="all",
    pinned=2,
    pinned_every=1,
)
SHARED = ("objective/scores", "objective/kl", "policy/entropy_avg", "response_length", "val/missing_eos")


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Starts:
    base = small_model(tmp_path_factory.mktemp("base"))
    return Starts(base, base, base)


def changed(**changes: float | str | bool) -> RlSettings:
    return RlSettings(**{**SETTINGS.__dict__, **changes})


def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "output", tmp_path / "checkpoints", 5, Compute(threads=1))


def test_it_raises_the_reward(starts: Starts, tmp_path: Path) -> None:
    settings = changed(
        episodes=640,
        batch_size=64,
        micro_batch_size=32,
        learning_rate=3e-3,
        schedule="constant",
        kl_coef=0.01,
        pinned=0,
    )
    listening = Listening()
    trained = reinforce(starts, prompts(20), settings, place(tmp_path), listening, max_tokens=8)
    scores = listening.values("objective/scores")
    assert trained.finished
    assert len(scores) == 10
    assert sum(scores[-3:]) / 3 > scores[0] + 0.1
    assert listening.values("objective/kl")[0] == pytest.approx(0.0, abs=1e-3)
    assert listening.values("objective/kl")[-1] > 0.01


def test_stop_and_resume_is_the_uninterrupted_run(starts: Starts, tmp_path: Path) -> None:
    whole, first, second = Listening(), Listening(stop_at=3), Listening()
    dropping = changed(dropout=0.2, schedule="cosine")
    assert rhythm_of(dropping).micro_batches == 2
    uninterrupted = reinforce(starts, prompts(7), dropping, place(tmp_path / "a"), whole, max_tokens=8)
    # Asked to stop within the first batch, it ends that batch: two passes of two steps.
    stopped = reinforce(starts, prompts(7), dropping, place(tmp_path / "b"), first, max_tokens=8)
    assert (stopped.finished, stopped.steps) == (False, 4)
    assert reinforce(starts, prompts(7), dropping, place(tmp_path / "b"), second, max_tokens=8) == uninterrupted
    for name in (*SHARED, "loss", "kl", "reward"):
        assert first.values(name) + second.values(name) == whole.values(name), name
        assert len(whole.values(name)) == 3, name
    assert not whole.values("step_time")
    assert [sample.step for sample in whole.samples[::2]] == [4, 8, 12]
    assert load_policy(tmp_path / "a" / "output").config.model_type == "llama"


def test_an_alarm_pauses_it(starts: Starts, tmp_path: Path) -> None:
    watchful = changed(ignore_alarms="", max_kl=1e-9)
    listening = Listening()
    stopped = reinforce(starts, prompts(7), watchful, place(tmp_path), listening, max_tokens=8)
    assert not stopped.finished
    assert stopped.alarm.startswith("Alarm kl: ")
    assert checkpoints.latest(tmp_path / "checkpoints") is not None
    assert reinforce(starts, prompts(7), watchful, place(tmp_path), listening, max_tokens=8).finished


def test_the_kl_is_to_the_reference_that_is_named(starts: Starts, tmp_path: Path) -> None:
    other = tiny_model(tmp_path / "other", "llama", seed=3)
    apart = dataclasses.replace(starts, reference=other)
    listening = Listening()
    reinforce(apart, prompts(7), changed(episodes=16), place(tmp_path), listening, max_tokens=8)
    assert listening.values("objective/kl")[0] > 1.0


def test_what_it_has_no_use_for_is_one_sentence(starts: Starts, tmp_path: Path) -> None:
    for changes, sentence in (
        ({"num_generations": 3}, "multiple of num_generations"),
        ({"num_generations": 1}, "at least 2"),
        ({"lora_rank": 2}, "lora_rank is a setting of algorithm=ppo"),
        ({"kl_target": 1.0}, "kl_target is a setting of algorithm=ppo"),
        ({"algorithm": "reinforce"}, "algorithm must be one of ppo, rloo"),
    ):
        with pytest.raises(BadInputError, match=sentence):
            reinforce(starts, prompts(7), changed(**changes), place(tmp_path), Listening(), max_tokens=8)
