"""Drawing a token: an exponential race with noise from the request's own stream.

Token i wins with probability p_i when each draws e_i from Exp(1) and the largest p_i / e_i wins; log p_i - log e_i is its
noise-perturbed score. The race is run in two heats, over blocks of the vocabulary by their probability mass and then within the
winning block, which has the same distribution and needs about 2 * sqrt(V) noise numbers instead of V.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

#: Two best scores closer than this may change places by rounding.
NEAR = 1e-4
#: Exponential noise is kept above this, so that no score is infinite.
TINY = 1e-30


@dataclass(frozen=True)
class Race:
    """How a vocabulary is divided: blocks of equal width, the last one filled up."""

    vocabulary: int

    @property
    def width(self) -> int:
        """Tokens per block: a power of two near the square root of the vocabulary."""
        return 1 << max(round(math.log2(self.vocabulary) / 2), 2)

    @property
    def blocks(self) -> int:
        """Blocks in the first heat."""
        return -(-self.vocabulary // self.width)

    @property
    def draws(self) -> int:
        """Noise numbers per token drawn."""
        return self.blocks + self.width


def stream(seed: int) -> torch.Generator:
    """Return a request's own noise; it lives on the CPU, so that it is the same wherever the model is."""
    return torch.Generator().manual_seed(seed)


def noise(race: Race, streams: list[torch.Generator]) -> Tensor:
    """Return the next Exp(1) numbers of each stream: [streams, draws]."""
    numbers = torch.empty(len(streams), race.draws)
    for row, own in zip(numbers, streams, strict=True):
        row.exponential_(generator=own)
    return numbers.clamp_min_(TINY)


@dataclass(frozen=True)
class Picked:
    """Tokens drawn [rows], whether each was a near tie, and its log-probability at temperature 1 (nats)."""

    tokens: list[int]
    near: list[bool]
    logprobs: list[float]


def pick(logits: Tensor, temperatures: list[float], numbers: Tensor, race: Race) -> Picked:
    """Draw one token per row of logits [rows, vocabulary]; temperature 0 takes the best one."""
    logits = logits.float()
    heat = torch.tensor(temperatures, device=logits.device)[:, None]
    plain = all(temperature == 1 for temperature in temperatures)
    won = _race(logits if plain else logits / heat.clamp_min(TINY), numbers.to(logits.device), race)
    tokens, gaps = won.tokens, won.lead
    if min(temperatures) <= 0:
        best = logits.topk(2, dim=-1)
        greedy = heat[:, 0] <= 0
        tokens = torch.where(greedy, best.indices[:, 0], tokens)
        gaps = torch.where(greedy, best.values[:, 0] - best.values[:, 1], gaps)
    together = won.logsumexp if plain else logits.logsumexp(-1)
    chosen = logits.gather(1, tokens[:, None])[:, 0] - together
    return Picked(tokens.tolist(), (gaps < NEAR).tolist(), chosen.tolist())


@dataclass(frozen=True)
class _Won:
    """Winners [rows], the smaller lead of the two heats in log-scores [rows], and the scores' logsumexp [rows]."""

    tokens: Tensor
    lead: Tensor
    logsumexp: Tensor


def _race(scores: Tensor, numbers: Tensor, race: Race) -> _Won:
    rows = scores.shape[0]
    most = scores.amax(-1, keepdim=True)
    weights = (scores - most).exp_()
    if race.blocks * race.width > race.vocabulary:
        weights = functional.pad(weights, (0, race.blocks * race.width - race.vocabulary))
    weights = weights.view(rows, race.blocks, race.width)
    masses = weights.sum(-1)
    first = (masses / numbers[:, : race.blocks]).topk(2, dim=-1) if race.blocks > 1 else None
    block = first.indices[:, 0] if first else torch.zeros(rows, dtype=torch.long, device=scores.device)
    within = weights[torch.arange(rows, device=scores.device), block]
    second = (within / numbers[:, race.blocks :]).topk(2, dim=-1)
    lead = _lead(second.values)
    if first:
        lead = torch.minimum(lead, _lead(first.values))
    return _Won(block * race.width + second.indices[:, 0], lead, masses.sum(-1).log() + most[:, 0])


def _lead(best: Tensor) -> Tensor:
    return best[:, 0].log() - best[:, 1].log()
