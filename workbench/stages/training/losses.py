"""PPO's clipped losses (arXiv 1707.06347; value clipping as in arXiv 2005.12729), as sums over response tokens."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class TokenSums:
    """A loss summed over response tokens, and what is told of it, summed likewise."""

    loss: Tensor
    clipped: Tensor


def policy_loss(
    logprobs: Tensor, old_logprobs: Tensor, advantages: Tensor, mask: Tensor, clip_range: float
) -> TokenSums:
    """Return the sum over tokens of max(-A r, -A clip(r, 1 - clip_range, 1 + clip_range)), r the ratio new to old probability.

    All tensors are [batch, width]; clipped counts the tokens at which the clipped branch is the larger.
    """
    ratio = ((logprobs - old_logprobs) * mask).exp()
    free = -advantages * ratio
    clipped = -advantages * ratio.clamp(1.0 - clip_range, 1.0 + clip_range)
    return TokenSums((torch.maximum(free, clipped) * mask).sum(), ((clipped > free) & mask).sum())


def value_loss(values: Tensor, old_values: Tensor, returns: Tensor, mask: Tensor, clip_range: float) -> TokenSums:
    """Return the sum over tokens of half the larger squared error: of the value, and of the value kept near the old one.

    All tensors are [batch, width]; clipped counts the tokens at which the clipped branch is the larger.
    """
    kept = torch.maximum(torch.minimum(values, old_values + clip_range), old_values - clip_range)
    free, clipped = (values - returns) ** 2, (kept - returns) ** 2
    return TokenSums(0.5 * (torch.maximum(free, clipped) * mask).sum(), ((clipped > free) & mask).sum())
