"""Experience on frozen rollouts against an independent computation from the models' own logits."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from tests.workbench.training.small import small_model
from workbench.records.settings import RlSettings
from workbench.stages.training.compute import CPU
from workbench.stages.training.generation import Draw
from workbench.stages.training.readers import Players
from workbench.stages.training.rewards import WeightedReward
from workbench.stages.training.rollouts import RlPrompt, Rollouts
from workbench.stages.training.scorer import Scorer
from workbench.stages.training.weights import load_policy, load_preference_model, load_tokenizer

END = 7
PROMPTS = [[10, 11, 12], [13, 14], [15, 16, 17, 18, 19], [20]]
RESPONSES = [[30, 31, END], [32, 33, 34, 35], [36, END], [37, 38, 39, 40, 41, END]]
SETTINGS = RlSettings(
    batch_size=4, micro_batch_size=2, temperature=0.7, kl_coef=0.3, gamma=0.97, missing_eos_penalty=1.5
)


@pytest.fixture(scope="module")
def players(tmp_path_factory: pytest.TempPathFactory) -> Players:
    folders = [small_model(tmp_path_factory.mktemp("model")) for _ in range(2)]
    tokenizer = load_tokenizer(folders[0])
    policy = load_policy(folders[0])
    with torch.no_grad():
        for parameter in policy.parameters():
            parameter.add_(0.05 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    scorer = Scorer(load_preference_model(folders[1], tokenizer, seed=3), tokenizer)
    scorer.offset = 0.25
    value = load_preference_model(folders[1], tokenizer, seed=4)
    return Players(policy, load_policy(folders[1]), (WeightedReward("reward", 1.0, scorer),), value, 0.25)


def maker(players: Players, **changes: Any) -> Rollouts:
    settings = RlSettings(**{**SETTINGS.__dict__, **changes})
    prompts = [RlPrompt(str(number), ids) for number, ids in enumerate(PROMPTS)]
    return Rollouts(players, prompts, settings, END, 0, 6, 0, CPU)


def logprobs_alone(model: Any, prompt: list[int], response: list[int]) -> np.ndarray:
    with torch.no_grad():
        logits = model(torch.tensor([prompt + response])).logits[0].double().numpy() / SETTINGS.temperature
    logs = (
        logits
        - np.log(np.exp(logits - logits.max(-1, keepdims=True)).sum(-1, keepdims=True))
        - logits.max(-1, keepdims=True)
    )
    return np.array([logs[len(prompt) - 1 + at, token] for at, token in enumerate(response)])


def score_alone(players: Players, ids: list[int]) -> float:
    (one,) = players.rewards
    assert isinstance(one.reward, Scorer)
    model = one.reward.model
    with torch.no_grad():
        return float(model.score(model.model(torch.tensor([ids])).last_hidden_state)[0, -1, 0])


def values_alone(players: Players, prompt: list[int], response: list[int]) -> np.ndarray:
    with torch.no_grad():
        hidden = players.value.model(torch.tensor([prompt + response])).last_hidden_state
        values: np.ndarray = players.value.score(hidden)[0, :, 0].double().numpy() - 0.25
    return values[len(prompt) - 1 : len(prompt) - 1 + len(response)]


def test_everything_agrees_with_one_row_at_a_time(players: Players) -> None:
    found = maker(players, whiten_advantages=False).assess(PROMPTS, RESPONSES, kl_coef=0.3)
    for row, (prompt, response) in enumerate(zip(PROMPTS, RESPONSES, strict=True)):
        length = len(response)
        new = logprobs_alone(players.policy, prompt, response)
        kl = new - logprobs_alone(players.reference, prompt, response)
        values = values_alone(players, prompt, response)
        score = score_alone(players, prompt + response) - 0.25 - (0.0 if response[-1] == END else 1.5)
        rewards = -0.3 * kl
        rewards[-1] += score
        advantages, running = np.zeros(length), 0.0
        for at in reversed(range(length)):
            surprise = rewards[at] + 0.97 * (values[at + 1] if at + 1 < length else 0.0) - values[at]
            running = surprise + 0.97 * 0.95 * running
            advantages[at] = running
        assert np.abs(found.logprobs[row, :length].numpy() - new).max() < 1e-5
        assert np.abs(found.values[row, :length].numpy() - values).max() < 1e-5
        assert abs(float(found.scores[row]) - score) < 1e-5
        assert np.abs(found.advantages[row, :length].numpy() - advantages).max() < 1e-5
        assert np.abs(found.returns[row, :length].numpy() - advantages - values).max() < 1e-5
        assert not found.advantages[row, length:].any()
        assert found.texts.mask[row].sum() == length


def test_stats_are_the_batch_means(players: Players) -> None:
    found = maker(players).assess(PROMPTS, RESPONSES, kl_coef=0.3)
    pairs = list(zip(PROMPTS, RESPONSES, strict=True))
    kl = [(logprobs_alone(players.policy, *pair) - logprobs_alone(players.reference, *pair)).sum() for pair in pairs]
    assert found.stats["objective/kl"] == pytest.approx(np.mean(kl), abs=1e-4)
    assert found.stats["objective/non_score_reward"] == pytest.approx(-0.3 * np.mean(kl), abs=1e-4)
    assert found.stats["objective/entropy"] == pytest.approx(
        -np.mean([logprobs_alone(players.policy, *pair).sum() for pair in pairs]), abs=1e-4
    )
    assert found.stats["objective/scores"] == pytest.approx(float(found.scores.mean()), abs=1e-6)
    rlhf = found.stats["objective/scores"] + found.stats["objective/non_score_reward"]
    assert found.stats["objective/rlhf_reward"] == pytest.approx(rlhf, abs=1e-4)
    assert found.stats["val/num_eos_tokens"] == 3
    assert found.stats["response_length"] == pytest.approx(15 / 4)


def test_micro_batches_change_nothing(players: Players) -> None:
    one, four = (maker(players, micro_batch_size=size).assess(PROMPTS, RESPONSES, 0.3) for size in (1, 4))
    for name in ("logprobs", "values", "advantages", "returns", "scores"):
        assert torch.allclose(getattr(one, name), getattr(four, name), atol=1e-5), name


def test_a_response_that_does_not_end_is_penalised(players: Players) -> None:
    with_penalty, without = (
        maker(players, missing_eos_penalty=penalty).assess(PROMPTS, RESPONSES, 0.3).scores for penalty in (1.5, 0.0)
    )
    assert (without - with_penalty).tolist() == pytest.approx([0.0, 1.5, 0.0, 0.0], abs=1e-6)


def test_a_length_penalty_is_taken_for_each_token(players: Players) -> None:
    with_penalty, without = (
        maker(players, length_penalty=penalty).assess(PROMPTS, RESPONSES, 0.3).scores for penalty in (0.1, 0.0)
    )
    assert (without - with_penalty).tolist() == pytest.approx([0.3, 0.4, 0.2, 0.6], abs=1e-6)


@dataclass(frozen=True)
class Counting:
    """A reward that counts a token."""

    token: int

    def reward(self, prompts: Sequence[list[int]], responses: Sequence[list[int]]) -> list[float]:
        assert len(prompts) == len(responses)
        return [float(response.count(self.token)) for response in responses]


def test_several_rewards_are_added_by_their_weights(players: Players) -> None:
    counting = (WeightedReward("reward_2", 3.0, Counting(END)), WeightedReward("reward_3", -2.0, Counting(33)))
    one = maker(players, missing_eos_penalty=0.0).assess(PROMPTS, RESPONSES, 0.3)
    both = dataclasses.replace(players, rewards=(*players.rewards, *counting))
    three = maker(both, missing_eos_penalty=0.0).assess(PROMPTS, RESPONSES, 0.3)
    assert (three.scores - one.scores).tolist() == pytest.approx([3.0, -2.0, 3.0, 3.0], abs=1e-5)
    assert three.stats["objective/scores/reward"] == pytest.approx(one.stats["objective/scores"], abs=1e-6)
    assert three.stats["objective/scores/reward_2"] == pytest.approx(0.75)
    assert three.stats["objective/scores/reward_3"] == pytest.approx(0.25)
    assert "objective/scores/reward" not in one.stats


def test_rows_are_cut_to_the_longest_of_them(players: Players) -> None:
    rows = maker(players).assess(PROMPTS, RESPONSES, 0.3).rows([0, 2])
    assert rows["input_ids"].shape == (2, 7)
    assert rows["mask"].tolist() == [[True, True, True], [True, True, False]]
    assert rows["logprobs"].shape == (2, 3)


def test_every_pass_serves_each_prompt_once_in_an_order_of_its_own(players: Players) -> None:
    made = maker(players)
    passes = [[made.prompt_of(4 * passed + at).id for at in range(4)] for passed in range(6)]
    assert all(sorted(order) == ["0", "1", "2", "3"] for order in passes)
    assert len({tuple(order) for order in passes}) > 1


def test_two_batches_draw_different_responses_and_the_same_batch_the_same(players: Players) -> None:
    made = maker(players)
    first, again, second = made.make(0, 0.1)[1], made.make(0, 0.1)[1], made.make(1, 0.1)[1]
    assert first == again
    assert first != second


def test_what_is_drawn_beside_a_batch_is_what_is_drawn_alone(players: Players) -> None:
    made = maker(players)
    beside = [Draw([3, 5, 7], 11), Draw([9, 8], 12)]
    experience, responses, others = made.make(0, 0.1, beside)
    assert others == made.write(players.policy.eval(), beside)
    alone, same, nothing = made.make(0, 0.1)
    assert (same, nothing) == (responses, [])
    assert torch.equal(alone.advantages, experience.advantages)
