"""PPO: it raises the reward, its first loss is the formula's, and resuming is exact."""

import dataclasses
import math
from pathlib import Path

import pytest
import torch

from tests.workbench.training.small import Listening, asked, preference_rows, prompts, reinforce, sentence, small_model
from workbench.errors import BadInputError, MissingError, NoRoomError
from workbench.records.prompt import prompt_of
from workbench.records.rows import SftRow
from workbench.records.settings import PreferenceModelSettings, RlSettings, SftSettings
from workbench.stages.training import checkpoints
from workbench.stages.training.compute import CPU, Compute
from workbench.stages.training.course import Place
from workbench.stages.training.experience import gold_stats
from workbench.stages.training.players import Starts
from workbench.stages.training.preference_model import train_preference_model
from workbench.stages.training.rhythm import rhythm_of
from workbench.stages.training.sft import train_sft
from workbench.stages.training.shards import LEARNT
from workbench.stages.training.weights import load_policy

NAMES = [
    "objective/kl",
    "objective/entropy",
    "objective/non_score_reward",
    "objective/rlhf_reward",
    "objective/scores",
    "policy/approxkl_avg",
    "policy/clipfrac_avg",
    "policy/entropy_avg",
    "loss/policy_avg",
    "loss/value_avg",
    "val/clipfrac_avg",
    "val/ratio",
    "val/ratio_var",
    "val/num_eos_tokens",
    "lr",
    "episode",
]
SETTINGS = RlSettings(
    episodes=64, batch_size=16, micro_batch_size=4, ppo_epochs=2, mini_batches=2, learning_rate=1e-3, checkpoint_every=2
)


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> Starts:
    """A policy that writes short answers, half of them rude, and a preference model that dislikes it."""
    root = tmp_path_factory.mktemp("starts")
    rows = [
        SftRow(asked(sentence(number)), f"{sentence(number, 2)} {'rude' if number % 2 else 'trust'}")
        for number in range(40)
    ]
    learn = SftSettings(batch_size=8, micro_batch_size=8, epochs=12, learning_rate=3e-3, schedule="constant")
    base = small_model(root / "base")
    train_sft(base, rows, learn, Place(root / "policy", root / "a"), Listening())
    judge = PreferenceModelSettings(batch_size=8, micro_batch_size=8, epochs=3, learning_rate=2e-3)
    train_preference_model(base, preference_rows(80), judge, Place(root / "reward", root / "b"), Listening())
    return Starts(root / "policy", root / "policy", root / "reward")


def place(tmp_path: Path, compute: Compute = CPU) -> Place:
    return Place(tmp_path / "output", tmp_path / "checkpoints", 5, compute)


def test_it_raises_the_reward(starts: Starts, tmp_path: Path) -> None:
    settings = RlSettings(
        episodes=640,
        batch_size=64,
        micro_batch_size=32,
        ppo_epochs=2,
        mini_batches=2,
        learning_rate=2e-3,
        schedule="constant",
        kl_coef=0.01,
        max_token_kl=0.0,  # so small a model goes far
    )
    listening = Listening()
    trained = reinforce(starts, prompts(30), settings, place(tmp_path), listening, max_tokens=12)
    scores = listening.values("objective/scores")
    assert trained.finished
    assert len(scores) == 10
    assert sum(scores[-3:]) / 3 > scores[0] + 0.5
    assert listening.values("objective/kl")[-1] > listening.values("objective/kl")[0]
    before, after = load_policy(starts.policy), load_policy(tmp_path / "output")
    assert not torch.equal(before.model.embed_tokens.weight, after.model.embed_tokens.weight)


def test_the_numbers_have_trls_names_and_begin_where_they_must(starts: Starts, tmp_path: Path) -> None:
    listening = Listening()
    slowly = RlSettings(**{**SETTINGS.__dict__, "learning_rate": 1e-6})
    reinforce(starts, prompts(5), slowly, place(tmp_path), listening, max_tokens=8)
    for name in NAMES:
        values = listening.values(name)
        assert len(values) == 4, name
        assert all(math.isfinite(value) for value in values), name
    assert listening.values("objective/kl")[0] == pytest.approx(0.0, abs=1e-4)
    assert listening.values("episode") == [16.0, 32.0, 48.0, 64.0]
    # A policy that hardly moves keeps its probabilities.
    assert listening.values("val/ratio") == pytest.approx([1.0] * 4, abs=0.01)
    assert [metric.step for metric in listening.metrics if metric.name == "objective/kl"] == [4, 8, 12, 16]


def test_micro_batches_change_the_result_by_rounding_only(starts: Starts, tmp_path: Path) -> None:
    results = []
    for micro in (4, 8):
        settings = RlSettings(**{**SETTINGS.__dict__, "micro_batch_size": micro, "episodes": 16})
        listening = Listening()
        reinforce(starts, prompts(5), settings, place(tmp_path / str(micro)), listening, max_tokens=8)
        results.append(listening)
    for name in ("loss", "loss/policy_avg", "loss/value_avg"):
        assert results[0].values(name) == pytest.approx(results[1].values(name), abs=1e-4), name


def test_two_lanes_learn_what_one_learns(starts: Starts, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    one, two = (
        reinforce(
            starts, prompts(7), SETTINGS, place(tmp_path / str(threads), Compute(threads=threads)), Listening(), 8
        )
        for threads in (1, 2)
    )
    torch.set_num_threads(before)
    assert one == two


def test_bfloat16_products_resume_exactly_too(starts: Starts, tmp_path: Path) -> None:
    reduced = Compute(bf16=True, threads=1)
    rounded = RlSettings(**{**SETTINGS.__dict__, "episodes": 32, "learning_rate": 1e-6})
    listening = Listening()
    uninterrupted = reinforce(starts, prompts(7), rounded, place(tmp_path / "a", reduced), listening, 8)
    exact = reinforce(starts, prompts(7), rounded, place(tmp_path / "c"), Listening(), 8)
    reinforce(starts, prompts(7), rounded, place(tmp_path / "b", reduced), Listening(stop_at=2), 8)
    resumed = reinforce(starts, prompts(7), rounded, place(tmp_path / "b", reduced), Listening(), 8)
    assert resumed == uninterrupted != exact
    # Both passes that a ratio compares are rounded alike.
    assert listening.values("val/ratio") == pytest.approx([1.0] * 2, abs=0.01)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        # Two micro-batches to a step, as everywhere here, with all that could be drawn or steered beside.
        {"kl_target": 0.5, "dropout": 0.2, "schedule": "cosine", "length_penalty": 0.01},
    ],
)
def test_stop_and_resume_is_the_uninterrupted_run(
    starts: Starts, tmp_path: Path, changes: dict[str, float | str]
) -> None:
    settings = RlSettings(**{**SETTINGS.__dict__, **changes})
    assert rhythm_of(settings).micro_batches == 2
    whole, first, second = Listening(), Listening(stop_at=6), Listening()
    uninterrupted = reinforce(starts, prompts(7), settings, place(tmp_path / "a"), whole, max_tokens=8)
    # Asked to stop within the second batch, it finishes that batch: 8 of 16 steps.
    stopped = reinforce(starts, prompts(7), settings, place(tmp_path / "b"), first, max_tokens=8)
    assert (stopped.finished, stopped.steps) == (False, 8)
    resumed = reinforce(starts, prompts(7), settings, place(tmp_path / "b"), second, max_tokens=8)
    assert resumed == uninterrupted
    for name in [*NAMES, "loss", "kl_coef"]:
        assert first.values(name) + second.values(name) == whole.values(name), name


def test_an_alarm_pauses_and_whoever_resumes_goes_on_as_if_it_had_been_ignored(starts: Starts, tmp_path: Path) -> None:
    limits = {**SETTINGS.__dict__, "max_kl": 1e-3}
    ignoring = RlSettings(**{**limits, "ignore_alarms": "kl"})
    whole, first, second = Listening(), Listening(), Listening()
    uninterrupted = reinforce(starts, prompts(7), ignoring, place(tmp_path / "a"), whole, max_tokens=8)
    stopped = reinforce(starts, prompts(7), RlSettings(**limits), place(tmp_path / "b"), first, max_tokens=8)
    assert not stopped.finished
    assert stopped.steps % 4 == 0
    assert stopped.alarm.startswith("Alarm kl: ")
    assert stopped.alarm in first.said
    resumed = reinforce(starts, prompts(7), RlSettings(**limits), place(tmp_path / "b"), second, max_tokens=8)
    assert resumed == uninterrupted
    for name in [*NAMES, "alarm/kl"]:
        assert first.values(name) + second.values(name) == whole.values(name), name


def test_weights_that_are_no_numbers_are_never_kept(starts: Starts, tmp_path: Path) -> None:
    wild = RlSettings(**{**SETTINGS.__dict__, "learning_rate": 1e30, "checkpoint_every": 1})
    trained = reinforce(starts, prompts(7), wild, place(tmp_path), Listening(), max_tokens=8)
    assert not trained.finished
    assert "not a finite number" in trained.alarm
    assert checkpoints.latest(tmp_path / "checkpoints") is None
    assert not (tmp_path / "output").exists()


def test_agreement_is_the_correlation_of_reward_and_gold_over_responses() -> None:
    scores = torch.tensor([0.0, 1.0, 2.0, 5.0])
    told = gold_stats(torch.tensor([3.0, 1.0, 4.0, 1.0]), scores)
    assert told["objective/gold_agreement"] == pytest.approx(-4 / (6.75 * 14) ** 0.5)
    assert gold_stats(2 * scores - 7, scores)["objective/gold_agreement"] == pytest.approx(1.0)
    assert gold_stats(-scores, scores)["objective/gold_agreement"] == pytest.approx(-1.0)
    assert gold_stats(torch.ones(4), scores)["objective/gold_agreement"] == 1.0  # no disagreement can be seen
    assert gold_stats(None, scores) == {}


def test_a_gold_preference_model_watches_and_changes_nothing(starts: Starts, tmp_path: Path) -> None:
    base, other = starts.policy.parent / "base", PreferenceModelSettings(batch_size=8, epochs=1)
    train_preference_model(base, preference_rows(24), other, Place(tmp_path / "gold", tmp_path / "c"), Listening())
    watched, alone = Listening(), Listening()
    short = RlSettings(**{**SETTINGS.__dict__, "episodes": 32})
    with_gold = dataclasses.replace(starts, gold=tmp_path / "gold")
    one = reinforce(with_gold, prompts(7), short, place(tmp_path / "a"), watched, max_tokens=8)
    assert one == reinforce(starts, prompts(7), short, place(tmp_path / "b"), alone, max_tokens=8)
    assert len(watched.values("objective/gold")) == 2
    assert watched.values("objective/gold") != watched.values("objective/scores") == alone.values("objective/scores")
    assert not alone.values("objective/gold")
    assert len(set(watched.values("objective/gold_agreement"))) == 2
    assert all(-1 <= value < 1 for value in watched.values("objective/gold_agreement"))
    itself = dataclasses.replace(starts, gold=starts.preference_model)
    with pytest.raises(BadInputError, match="gold and reward are the same"):
        reinforce(itself, prompts(7), short, place(tmp_path / "d"), Listening(), max_tokens=8)


def test_dropout_drops_the_same_units_on_one_thread_as_on_two(starts: Starts, tmp_path: Path) -> None:
    before = torch.get_num_threads()
    short = {**SETTINGS.__dict__, "episodes": 16}
    dropping, exact = RlSettings(**{**short, "dropout": 0.3}), RlSettings(**short)
    one, two, none = (
        reinforce(starts, prompts(7), settings, place(tmp_path / str(at), Compute(threads=threads)), Listening(), 8)
        for at, (settings, threads) in enumerate([(dropping, 1), (dropping, 2), (exact, 1)])
    )
    torch.set_num_threads(before)
    assert one == two != none


def test_a_damaged_checkpoint_is_passed_over(starts: Starts, tmp_path: Path) -> None:
    uninterrupted = reinforce(starts, prompts(7), SETTINGS, place(tmp_path / "a"), Listening(), max_tokens=8)
    reinforce(starts, prompts(7), SETTINGS, place(tmp_path / "b"), Listening(stop_at=12), max_tokens=8)
    newest = checkpoints.latest(tmp_path / "b" / "checkpoints")
    assert newest is not None
    assert newest.name == "checkpoint-12"
    with (newest / "value" / LEARNT).open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x55")
    listening = Listening()
    resumed = reinforce(starts, prompts(7), SETTINGS, place(tmp_path / "b"), listening, max_tokens=8)
    assert "Going on from checkpoint-8." in listening.said
    assert resumed == uninterrupted


def test_prompts_that_leave_no_room_for_a_response_are_left_out_and_told_of(starts: Starts, tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, episodes=16)
    heard, long = Listening(), prompt_of("plan " * 600)  # the policy holds 512 tokens
    reinforce(starts, [*prompts(4), long], settings, place(tmp_path / "a"), heard, max_tokens=8)
    assert any(text.startswith("1 of 5 prompts do not fit the policy and were left out") for text in heard.said)
    assert heard.values("rows_left_out") == [1.0]
    with pytest.raises(NoRoomError, match="None of the 1 prompts fits the policy, which holds 512 tokens"):
        reinforce(starts, [long], settings, place(tmp_path / "b"), Listening(), max_tokens=8)


def test_what_cannot_work_is_one_sentence(starts: Starts, tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no prompts"):
        reinforce(starts, [], SETTINGS, place(tmp_path), Listening(), max_tokens=8)
    with pytest.raises(BadInputError, match="max_tokens"):
        reinforce(starts, prompts(3), SETTINGS, place(tmp_path), Listening(), max_tokens=0)
    greedy = RlSettings(temperature=0.0)
    with pytest.raises(BadInputError, match="temperature"):
        reinforce(starts, prompts(3), greedy, place(tmp_path), Listening(), max_tokens=8)
    nowhere = Starts(starts.policy, tmp_path / "nowhere", starts.preference_model)
    with pytest.raises(MissingError, match="no model"):
        reinforce(nowhere, prompts(3), SETTINGS, place(tmp_path), Listening(), max_tokens=8)
