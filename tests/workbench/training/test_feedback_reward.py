"""Rewards by name and weight, and the feedback model as a reward: how it asks, what it answers, and that PPO learns from it."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.workbench.training.small import Listening, asked, prompts, reinforce, sentence, small_model
from workbench.errors import BadInputError, MissingError
from workbench.models.language_model import ChoiceRequest
from workbench.models.scripted import ScriptedModel
from workbench.records.constitution import Constitution, Principle
from workbench.records.prompt import Prompt
from workbench.records.rewards import parse_rewards
from workbench.records.rows import SftRow
from workbench.records.settings import LabelSettings, RlSettings, SftSettings
from workbench.records.task import DIALOGUE
from workbench.stages.preferences import LabelWork
from workbench.stages.training.course import Place
from workbench.stages.training.feedback_reward import FeedbackReward
from workbench.stages.training.players import Starts
from workbench.stages.training.sft import train_sft

CONSTITUTION = Constitution("trust", principles=(Principle("trust", comparison_question="Which is about trust?"),))
SETTINGS = RlSettings(
    episodes=32, batch_size=16, micro_batch_size=8, mini_batches=2, rewards="feedback", ignore_alarms="all", pinned=0
)


def about_trust(request: ChoiceRequest) -> Sequence[float]:
    """Like the word 'trust', with a lean towards whatever stands first."""
    first, second = request.prompt.rsplit("(A)", 1)[1].split("(B)")
    return [2.0 * ("trust" in first) + 0.5, 2.0 * ("trust" in second)]


def labelling() -> LabelWork:
    return LabelWork(ScriptedModel(choose=about_trust), CONSTITUTION, LabelSettings(), DIALOGUE, 3, "rl-1")


def test_each_response_is_compared_with_the_references_in_both_orders() -> None:
    one, two = prompts(2)
    known: dict[tuple[int, ...], Prompt] = {(1,): one, (2,): two}
    written: list[str] = []

    def answer(some: Sequence[Prompt]) -> list[str]:
        written.extend(prompt.id for prompt in some)
        return ["trust me" if prompt is one else "no" for prompt in some]

    words = {5: "trust", 6: "rude"}
    reward = FeedbackReward(labelling(), known, answer, lambda ids: " ".join(words[token] for token in ids))
    found = reward.reward([[1], [1], [2], [2]], [[6], [5, 5], [5], [6]])
    # The lean cancels; what is left is the word.
    assert found == pytest.approx([-2.0, 0.0, 2.0, 0.0], abs=1e-6)
    reward.reward([[1]], [[6]])
    assert written == [one.id, two.id]


def test_equal_answers_are_worth_nothing_and_certainty_is_bounded() -> None:
    (one,) = prompts(1)
    sure = LabelWork(
        ScriptedModel(choose=lambda request: [0.0, -80.0] if "(A) yes" in request.prompt else [-80.0, 0.0]),
        CONSTITUTION,
        LabelSettings(),
        DIALOGUE,
        3,
        "rl-1",
    )
    reward = FeedbackReward(sure, {(1,): one}, lambda some: ["no"] * len(some), lambda ids: ["no", "yes"][ids[0]])
    same, better = reward.reward([[1], [1]], [[0], [1]])
    assert same == 0.0
    assert better == pytest.approx(math.log(0.999 / 0.001))


def test_ppo_learns_what_the_feedback_model_likes_without_a_preference_model(tmp_path: Path) -> None:
    base = small_model(tmp_path / "base")
    rows = [SftRow(asked(sentence(n)), f"{sentence(n, 1)} {'rude' if n % 2 else 'trust'}") for n in range(40)]
    learn = SftSettings(batch_size=8, micro_batch_size=8, epochs=10, learning_rate=3e-3, schedule="constant")
    train_sft(base, rows, learn, Place(tmp_path / "policy", tmp_path / "a"), Listening())
    starts = Starts(tmp_path / "policy", tmp_path / "policy", None)
    settings = RlSettings(
        **{**SETTINGS.__dict__, "episodes": 384, "batch_size": 64, "micro_batch_size": 32, "learning_rate": 3e-3}
    )
    listening = Listening()
    place = Place(tmp_path / "out", tmp_path / "b", 5)
    trained = reinforce(starts, prompts(20), settings, place, listening, max_tokens=8, feedback=labelling())
    scores = listening.values("objective/scores")
    assert trained.finished
    assert scores[-1] > scores[0] + 0.3


def test_resuming_asks_the_feedback_model_the_same(tmp_path: Path) -> None:
    base = small_model(tmp_path / "base")
    starts = Starts(base, base, base)
    settings = RlSettings(**{**SETTINGS.__dict__, "rewards": "reward=0.5,feedback=2", "learning_rate": 1e-3})
    listening = Listening()

    def train(name: str, watcher: Listening) -> object:
        place = Place(tmp_path / name, tmp_path / f"{name}-checkpoints", 5)
        return reinforce(starts, prompts(7), settings, place, watcher, 8, feedback=labelling())

    whole = train("a", listening)
    train("b", Listening(stop_at=1))
    assert train("b", Listening()) == whole
    each = [listening.values(f"objective/scores/{name}") for name in ("reward", "feedback")]
    assert [len(values) for values in each] == [2, 2]


def test_rewards_are_read_with_their_weights() -> None:
    assert parse_rewards("reward") == {"reward": 1.0}
    assert parse_rewards(" reward = 1 , feedback=0.5, reward_2=-2") == {"reward": 1.0, "feedback": 0.5, "reward_2": -2}
    for text, sentence_ in (
        ("helpfulness", "rewards names each of reward, reward_2"),
        ("reward,reward", "at most once"),
        ("reward=much", "weight of reward .* must be a number, not 'much'"),
        ("reward=inf", "must be a number"),
        ("", "at least one model"),
        ("reward=0", "at least one model"),
    ):
        with pytest.raises(BadInputError, match=sentence_):
            parse_rewards(text)


def test_a_reward_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    base = small_model(tmp_path / "base")
    place = Place(tmp_path / "out", tmp_path / "checkpoints")
    for rewards, sentence_ in (("feedback", "no feedback model"), ("reward,reward_2", "no model in that role")):
        settings = RlSettings(**{**SETTINGS.__dict__, "rewards": rewards})
        with pytest.raises(MissingError, match=sentence_):
            reinforce(Starts(base, base, base), prompts(3), settings, place, Listening(), 8)
