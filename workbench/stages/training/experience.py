"""A batch of experience: responses, their scores, and what PPO learns from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from workbench.records.settings import RlSettings
from workbench.stages.training.advantages import generalised_advantages, masked_mean, token_rewards, whiten


@dataclass(frozen=True)
class Texts:
    """Episodes as token ids [episodes, tokens], padded on the right, and where their parts lie.

    prompt_lengths and lengths (of prompt and response together) are [episodes]; ended says which responses ended by themselves;
    mask [episodes, width] is true on response tokens.
    """

    input_ids: Tensor
    prompt_lengths: Tensor
    lengths: Tensor
    ended: Tensor
    mask: Tensor


@dataclass(frozen=True)
class Readings:
    """What the models read off the texts, 0 beyond a response.

    logprobs (nats, policy), reference (nats), entropy (nats) and values are [episodes, width]; raw scores are [episodes].
    """

    logprobs: Tensor
    reference: Tensor
    entropy: Tensor
    values: Tensor
    scores: Tensor
    #: The held-out preference model's scores, where there is one.
    gold: Tensor | None = None
    #: The mean of each reward, where there are several.
    each_reward: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Experience:
    """What one batch of episodes holds; tensors are [episodes, width] over response tokens, false or 0 beyond a response.

    scores and kl (nats per response, policy to reference) are [episodes]; stats are the batch's numbers under TRL's names.
    """

    texts: Texts
    scores: Tensor
    kl: Tensor
    logprobs: Tensor
    values: Tensor
    advantages: Tensor
    returns: Tensor
    stats: dict[str, float]

    def rows(self, chosen: Sequence[int]) -> dict[str, Tensor]:
        """Return the chosen episodes, cut to the longest of them."""
        whole = {
            "input_ids": self.texts.input_ids,
            "prompt_lengths": self.texts.prompt_lengths,
            "mask": self.texts.mask,
            "logprobs": self.logprobs,
            "values": self.values,
            "advantages": self.advantages,
            "returns": self.returns,
        }
        return cut(whole, torch.tensor(list(chosen)))


def cut(slices: Mapping[str, Tensor], index: Tensor) -> dict[str, Tensor]:
    """Return some rows of an experience's tensors, cut to the longest of them."""
    starts, responses = slices["prompt_lengths"][index], slices["mask"][index].sum(1)
    tokens, width = int((starts + responses).max()), int(responses.max())
    parts = {
        name: tensor[index, :width] for name, tensor in slices.items() if name not in ("input_ids", "prompt_lengths")
    }
    return {**parts, "input_ids": slices["input_ids"][index, :tokens], "prompt_lengths": starts}


def by_length(slices: Mapping[str, Tensor], rows: int) -> list[dict[str, Tensor]]:
    """Return an experience's tensors in parts of at most so many rows, shortest texts first: less of each part is padding."""
    order = (slices["prompt_lengths"] + slices["mask"].sum(1)).argsort(stable=True)
    return [cut(slices, index) for index in torch.split(order, rows)]


def experience_of(texts: Texts, readings: Readings, settings: RlSettings, kl_coef: float) -> Experience:
    """Return what PPO learns from texts as read: penalised scores, rewards with the KL penalty, advantages and returns."""
    mask = texts.mask
    scores = penalised(readings.scores, texts.ended, mask.sum(1), settings)
    kl = readings.logprobs - readings.reference
    rewards = token_rewards(kl, scores, mask, kl_coef)
    advantages, returns = generalised_advantages(rewards, readings.values, mask, settings.gamma, settings.gae_lambda)
    if settings.whiten_advantages:
        advantages = whiten(advantages, mask)
    stats = {
        "objective/kl": float(kl.sum(1).mean()),
        "objective/sqrt_kl": max(0.0, float(kl.sum(1).mean())) ** 0.5,
        "objective/token_kl": float(masked_mean(kl, mask)),
        "objective/entropy": float((-readings.logprobs).sum(1).mean()),
        "objective/non_score_reward": float((-kl_coef * kl).sum(1).mean()),
        "objective/rlhf_reward": float(rewards.sum(1).mean()),
        "objective/scores": float(scores.mean()),
        "policy/entropy_avg": float(masked_mean(readings.entropy, mask)),
        "val/num_eos_tokens": float(texts.ended.sum()),
        "val/missing_eos": float(1.0 - texts.ended.float().mean()),
        "response_length": float(mask.sum(1).float().mean()),
        "kl_coef": kl_coef,
        **readings.each_reward,
        **gold_stats(readings.gold, readings.scores),
    }
    return Experience(texts, scores, kl.sum(1), readings.logprobs, readings.values, advantages, returns, stats)


def penalised(scores: Tensor, ended: Tensor, lengths: Tensor, settings: RlSettings) -> Tensor:
    """Return scores [episodes] less what a response loses that does not end by itself, and what each of its tokens costs."""
    scores = scores - settings.missing_eos_penalty * ~ended
    return scores - settings.length_penalty * lengths if settings.length_penalty else scores


def gold_stats(gold: Tensor | None, scores: Tensor) -> dict[str, float]:
    """Return the held-out preference model's mean score, its standard error, and its correlation with the reward.

    Both are [episodes], before penalties. To first order a step of the policy gradient changes the mean of any score by its
    covariance with the reward over responses, so that the correlation falls below nought where the held-out score begins to fall.
    """
    if gold is None:
        return {}
    error = float(gold.std()) / len(gold) ** 0.5 if len(gold) > 1 else 0.0
    return {
        "objective/gold": float(gold.mean()),
        "objective/gold_error": error,
        "objective/gold_agreement": _correlation(gold.float(), scores.float()),
    }


def _correlation(one: Tensor, other: Tensor) -> float:
    """Return Pearson's correlation; 1 where one of them does not vary, so that no disagreement can be seen."""
    if len(one) < 2 or not (float(one.std()) > 0 and float(other.std()) > 0):
        return 1.0
    return float(torch.corrcoef(torch.stack([one, other]))[0, 1])
