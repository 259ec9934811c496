"""Rewards: what scores a whole response, and the weighted sum of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from workbench.stages.training.ranks import ALONE, Ranks


class Reward(Protocol):
    """Gives each response, as token ids with the prompt's, a number; higher is better."""

    def reward(self, prompts: Sequence[list[int]], responses: Sequence[list[int]]) -> list[float]:
        """Return one number per response, in order."""
        ...


@dataclass(frozen=True)
class WeightedReward:
    """A reward under the name of its role, and how much it counts."""

    name: str
    weight: float
    reward: Reward


def weighted_sum(
    rewards: Sequence[WeightedReward],
    prompts: Sequence[list[int]],
    responses: Sequence[list[int]],
    ranks: Ranks = ALONE,
) -> tuple[Tensor, dict[str, float]]:
    """Return the weighted sum of the rewards [episodes], and, where there are several, the mean of each without its weight."""
    found = {one.name: scored(one.reward, prompts, responses, ranks) for one in rewards}
    if len(rewards) == 1 and rewards[0].weight == 1.0:
        return found[rewards[0].name], {}
    total = torch.stack([one.weight * found[one.name] for one in rewards]).sum(0)
    return total, {f"objective/scores/{name}": float(scores.mean()) for name, scores in found.items()}


def scored(reward: Reward, prompts: Sequence[list[int]], responses: Sequence[list[int]], ranks: Ranks) -> Tensor:
    """Return a reward's scores [episodes]; several processes that have the same episodes score a share each."""

    def score(pairs: Sequence[tuple[list[int], list[int]]]) -> list[float]:
        return reward.reward([prompt for prompt, _ in pairs], [response for _, response in pairs])

    return torch.tensor(ranks.divided(list(zip(prompts, responses, strict=True)), score))
