"""Log-probabilities of chosen tokens, a few rows of the vocabulary at a time.

A vocabulary's worth of numbers for every token does not fit a processor's cache; going over them once per operation costs more
than computing them. Here a handful of rows go through all operations while they are near, forward and backward, and nothing but
the logits, as narrow as the model gave them, is kept in between.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

#: Numbers in float32 that are worked on together: on a processor they stay in its cache, elsewhere few calls count.
_NEAR, _FAR = 1 << 17, 1 << 27


def tempered(logits: Tensor, temperature: float) -> Tensor:
    """Return logits at a sampling temperature; at 1 they are those, and nothing is copied."""
    return logits if temperature == 1.0 else logits.float() / temperature


def token_logprobs(logits: Tensor, tokens: Tensor) -> Tensor:
    """Return the log-probability (nats, float32) of each token [batch, width] under logits [batch, width, vocabulary]."""
    found: Tensor = _Chosen.apply(logits, tokens)  # type: ignore[no-untyped-call]
    return found


@torch.no_grad()
def logprobs_and_entropy(logits: Tensor, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """Return token_logprobs and the entropy (nats) of each distribution, both [batch, width]; without gradients."""
    found, entropy = (torch.empty(tokens.shape, device=logits.device) for _ in range(2))
    for few, chosen, out, spread in _few(logits, tokens, found, entropy):
        logs = few.float().log_softmax(-1)
        out.copy_(logs.gather(-1, chosen.unsqueeze(-1)).squeeze(-1))
        spread.copy_((logs.exp().mul_(logs)).sum(-1).neg_())
    return found, entropy


class _Chosen(torch.autograd.Function):
    """logits[token] - logsumexp(logits), whose gradient is one for the token less the probabilities."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, tokens: Tensor) -> Tensor:
        found, total = (torch.empty(tokens.shape, device=logits.device) for _ in range(2))
        # Kept for the gradient instead of the logits, and as narrow: odds, against the likeliest token's 1.
        odds = torch.empty_like(logits, memory_format=torch.contiguous_format) if ctx.needs_input_grad[0] else logits
        for few, chosen, out, sums, kept in _few(logits, tokens, found, total, odds):
            wide = few.float() - few.amax(-1, keepdim=True).float()
            out.copy_(wide.gather(-1, chosen.unsqueeze(-1)).squeeze(-1))
            sums.copy_(wide.exp_().sum(-1))
            if odds is not logits:
                kept.copy_(wide)
        found -= total.log()
        ctx.save_for_backward(odds, tokens, total)
        return found

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        odds, tokens, total = ctx.saved_tensors
        found = torch.empty_like(odds)
        for few, chosen, share, weight, out in _few(odds, tokens, -grad / total, grad, found):
            down = few * share.unsqueeze(-1)  # in float32, which the share has
            out.copy_(down.scatter_add_(-1, chosen.unsqueeze(-1), weight.unsqueeze(-1)))
        return found, None


def _few(logits: Tensor, *others: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """Yield a few tokens' rows of logits [batch, width, vocabulary] with those of others, which share its first dimensions.

    What is yielded of a contiguous tensor are views: writing into them fills it.
    """
    size = max(1, (_NEAR if logits.device.type == "cpu" else _FAR) // logits.shape[-1])
    yield from zip(*(torch.split(each.flatten(0, 1), size) for each in (logits, *others)), strict=True)
