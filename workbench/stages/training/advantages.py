"""Rewards per token and generalised advantage estimation (arXiv 1506.02438), over responses padded on the right."""

import torch
from torch import Tensor


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of values where mask is true."""
    return (values * mask).sum() / mask.sum().clamp(min=1)


def whiten(values: Tensor, mask: Tensor) -> Tensor:
    """Return values with mean 0 and variance 1 (unbiased) over the mask, and 0 elsewhere."""
    mean = masked_mean(values, mask)
    variance = masked_mean((values - mean) ** 2, mask)
    count = mask.sum().clamp(min=2)
    return (values - mean) * torch.rsqrt(variance * count / (count - 1) + 1e-8) * mask


def token_rewards(kl: Tensor, scores: Tensor, mask: Tensor, kl_coef: float) -> Tensor:
    """Return rewards [batch, width]: minus kl_coef times each token's KL (nats), plus the score on the last token.

    kl is [batch, width], scores [batch], mask [batch, width] true on response tokens (arXiv 2009.01325, section 3.4).
    """
    rewards = -kl_coef * kl * mask
    last = mask.sum(1).long() - 1
    rewards[torch.arange(len(scores), device=scores.device), last] += scores
    return rewards


def generalised_advantages(
    rewards: Tensor, values: Tensor, mask: Tensor, gamma: float, gae_lambda: float
) -> tuple[Tensor, Tensor]:
    """Return (advantages, returns), both [batch, width] and 0 outside the mask.

    rewards and values are [batch, width]; values are estimates before each token; a response's end is worth nothing more.
    """
    values = values * mask
    advantages = torch.zeros_like(rewards)
    running = torch.zeros_like(rewards[:, 0])
    for step in reversed(range(rewards.shape[1])):
        following = values[:, step + 1] if step + 1 < rewards.shape[1] else torch.zeros_like(running)
        surprise = rewards[:, step] + gamma * following - values[:, step]
        running = (surprise + gamma * gae_lambda * running) * mask[:, step]
        advantages[:, step] = running
    return advantages, (advantages + values) * mask
