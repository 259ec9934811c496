"""The gate before PPO is timed: on a frozen rollout our KL, advantages and losses are those of the formulas."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from tests.benchmarks.ppo_formulas import (
    advantages_of,
    logprobs_of,
    policy_loss_of,
    score_of,
    value_loss_of,
    values_of,
    whitened,
)
from workbench.records.settings import RlSettings
from workbench.stages.training.course import Place
from workbench.stages.training.ppo_trainer import ActorCritic, PpoTrainer
from workbench.stages.training.reinforcement import Asked, Reinforcement, made_ready
from workbench.stages.training.watching import Quiet

#: How far the policy is moved after the rollout, so that ratios differ from 1 and some are clipped.
_MOVED = 0.003


def apart(asked: Asked, settings: RlSettings, place: Place) -> dict[str, float]:
    """Return the largest difference to the formulas of KL, advantages and both losses.

    KL is compared per token: float32 holds a token's log-probability to about 1e-6, so the sum over a response is off by more
    than the limit now and then, whoever adds it up.
    """
    ready = made_ready(asked, settings, place, Quiet())
    draw = random.Random(1)
    prompts = [prompt.ids for prompt in ready.rollouts.prompts[: settings.batch_size]]
    responses = [[draw.randrange(2, 4000) for _ in range(draw.randint(20, 40))] for _ in prompts]
    experience = ready.rollouts.assess(prompts, responses, settings.kl_coef)
    plain = _plainly(ready, prompts, responses)
    mask = experience.texts.mask
    _move(ready.rollouts.players.policy, 1)
    _move(ready.rollouts.players.value, 2)
    policy, value = _our_losses(ready, experience.rows(range(len(prompts))))
    expected = _plain_losses(ready, prompts, responses, plain)
    lengths = torch.tensor([len(response) for response in responses])
    return {
        "kl": float(((experience.kl - plain["kl"]).abs() / lengths).max()),
        "advantages": float((experience.advantages[mask] - torch.cat(plain["advantages"])).abs().max()),
        "policy loss": abs(policy - expected[0]),
        "value loss": abs(value - expected[1]),
    }


@torch.no_grad()
def _plainly(ready: Reinforcement, prompts: Sequence[list[int]], responses: Sequence[list[int]]) -> dict[str, Any]:
    players, settings = ready.rollouts.players, ready.settings
    texts = list(zip(prompts, responses, strict=True))
    old = [logprobs_of(players.policy, *text, settings.temperature) for text in texts]
    reference = [logprobs_of(players.reference, *text, settings.temperature) for text in texts]
    values = [values_of(players.value, *text) - players.value_offset for text in texts]
    (reward,) = players.rewards
    offset = getattr(reward.reward, "offset", 0.0)
    scores = [score_of(getattr(reward.reward, "model"), *text) - offset for text in texts]  # noqa: B009
    kl = [mine - theirs for mine, theirs in zip(old, reference, strict=True)]
    rewards = [(-settings.kl_coef * each).tolist() for each in kl]
    for row, score in zip(rewards, scores, strict=True):
        row[-1] += score
    raw = [
        advantages_of(row, value.tolist(), settings.gamma, settings.gae_lambda)
        for row, value in zip(rewards, values, strict=True)
    ]
    returns = [torch.tensor(gain) + value for gain, value in zip(raw, values, strict=True)]
    advantages = [torch.tensor(row) for row in whitened(raw)]
    totals = torch.stack([each.sum() for each in kl])
    return {"kl": totals, "old": old, "values": values, "returns": returns, "advantages": advantages}


@torch.no_grad()
def _plain_losses(
    ready: Reinforcement, prompts: Sequence[list[int]], responses: Sequence[list[int]], plain: dict[str, Any]
) -> tuple[float, float]:
    players, settings = ready.rollouts.players, ready.settings
    texts = list(zip(prompts, responses, strict=True))
    new = [logprobs_of(players.policy, *text, settings.temperature) for text in texts]
    values = [values_of(players.value, *text) - players.value_offset for text in texts]
    policy = policy_loss_of(new, plain["old"], plain["advantages"], settings.clip_range)
    return policy, value_loss_of(values, plain["values"], plain["returns"], settings.value_clip_range)


@torch.no_grad()
def _our_losses(ready: Reinforcement, slices: dict[str, Tensor]) -> tuple[float, float]:
    """Return the losses the trainer computes on a micro-batch, per token."""
    from transformers import TrainingArguments  # noqa: PLC0415

    players = ready.rollouts.players
    arguments = TrainingArguments(output_dir=str(ready.place.checkpoints), report_to="none", use_cpu=True)
    trainer = PpoTrainer(
        ActorCritic(players.policy, players.value), arguments, ready.rollouts, ready.rhythm, ready.alarms
    )
    tokens = float(slices["mask"].sum())
    value = float(trainer._value_loss(slices)) / ready.settings.value_coef
    return float(trainer._policy_loss(slices)) / tokens, value / tokens


@torch.no_grad()
def _move(model: Any, seed: int) -> None:
    torch.manual_seed(seed)
    for weights in model.parameters():
        weights.add_(_MOVED * torch.randn_like(weights))


def scratch(folder: Path) -> Place:
    """Return a place for a training whose model nobody wants."""
    return Place(folder / "output", folder / "checkpoints")
