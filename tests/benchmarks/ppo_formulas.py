"""PPO written plainly from its formulas, text by text and without padding: what a fast implementation must agree with."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def logprobs_of(model: Any, prompt: list[int], response: list[int], temperature: float) -> Tensor:
    """Return the log-probability (nats) of each token of a response."""
    logits = model(input_ids=torch.tensor([prompt + response]), use_cache=False).logits[0, len(prompt) - 1 : -1]
    found: Tensor = (logits / temperature).log_softmax(-1)[range(len(response)), response]
    return found


def values_of(model: Any, prompt: list[int], response: list[int]) -> Tensor:
    """Return what a value model expects where each token of a response is about to be drawn."""
    hidden = model.model(input_ids=torch.tensor([prompt + response]), use_cache=False).last_hidden_state[0]
    found: Tensor = model.score(hidden)[len(prompt) - 1 : -1, 0]
    return found


def score_of(model: Any, prompt: list[int], response: list[int]) -> float:
    """Return what a preference model gives a response, read at its last token."""
    hidden = model.model(input_ids=torch.tensor([prompt + response]), use_cache=False).last_hidden_state[0, -1]
    return float(model.score(hidden)[0])


def advantages_of(rewards: Sequence[float], values: Sequence[float], gamma: float, lam: float) -> list[float]:
    """Return generalised advantages (arXiv 1506.02438, equation 16), each summed anew over the rest of the response."""
    ahead = [*values[1:], 0.0]
    surprises = [r + gamma * v_next - v for r, v_next, v in zip(rewards, ahead, values, strict=True)]
    return [
        sum((gamma * lam) ** (later - at) * surprises[later] for later in range(at, len(surprises)))
        for at in range(len(surprises))
    ]


def whitened(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """Return rows with mean 0 and variance 1 over all their numbers."""
    everything = torch.tensor([value for row in rows for value in row], dtype=torch.float64)
    mean, deviation = float(everything.mean()), float((everything.var() + 1e-8).sqrt())
    return [[(value - mean) / deviation for value in row] for row in rows]


def policy_loss_of(new: Sequence[Tensor], old: Sequence[Tensor], advantages: Sequence[Tensor], clip: float) -> float:
    """Return the clipped loss (arXiv 1707.06347, equation 7), averaged over all tokens."""
    losses = []
    for mine, before, gain in zip(new, old, advantages, strict=True):
        ratio = (mine - before).exp()
        losses.append(-torch.minimum(ratio * gain, ratio.clamp(1 - clip, 1 + clip) * gain))
    return float(torch.cat(losses).mean())


def value_loss_of(new: Sequence[Tensor], old: Sequence[Tensor], returns: Sequence[Tensor], clip: float) -> float:
    """Return half the larger squared error of the value and of the value kept near the old one, averaged over all tokens."""
    losses = []
    for mine, before, goal in zip(new, old, returns, strict=True):
        kept = before + (mine - before).clamp(-clip, clip)
        losses.append(0.5 * torch.maximum((mine - goal) ** 2, (kept - goal) ** 2))
    return float(torch.cat(losses).mean())
