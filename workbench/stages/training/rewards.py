"""Rewards: what scores a whole response, and the weighted sum of several."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


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
    rewards: Sequence[WeightedReward], prompts: Sequence[list[int]], responses: Sequence[list[int]]
) -> tuple[Tensor, dict[str, float]]:
    """Return the weighted sum of the rewards [episodes], and, where there are several, the mean of each without its weight."""
    found = {one.name: torch.tensor(one.reward.reward(prompts, responses)) for one in rewards}
    if len(rewards) == 1 and rewards[0].weight == 1.0:
        return found[rewards[0].name], {}
    total = torch.stack([one.weight * found[one.name] for one in rewards]).sum(0)
    return total, {f"objective/scores/{name}": float(scores.mean()) for name, scores in found.items()}
