"""The models that take part in reinforcement learning, opened from their folders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from workbench.errors import BadInputError, MissingError
from workbench.records.rewards import parse_rewards
from workbench.records.settings import RlSettings
from workbench.records.transcript import RoleNames
from workbench.stages.training.adapted import AdapterOff
from workbench.stages.training.course import Place
from workbench.stages.training.lora import with_lora
from workbench.stages.training.readers import Players
from workbench.stages.training.rewards import WeightedReward
from workbench.stages.training.scorer import Scorer, load_scorer
from workbench.stages.training.shards import sharded
from workbench.stages.training.weights import (
    load_policy,
    load_preference_model,
    load_tokenizer,
    require_same_tokenizer,
    score_offset,
    set_dropout,
    weights_hash,
)


@dataclass(frozen=True)
class Starts:
    """The model folders reinforcement learning begins from.

    A separate value model begins as the preference model, or, where the feedback model alone rewards, as the policy.
    """

    policy: Path
    reference: Path
    preference_model: Path | None
    #: A preference model trained on other data, which watches whether the reward is being exploited.
    gold: Path | None = None
    #: Further preference models by role: reward_2, reward_3.
    more_rewards: Mapping[str, Path] = field(default_factory=dict)


def open_players(starts: Starts, settings: RlSettings, place: Place, names: RoleNames | None) -> tuple[Players, Any]:
    """Return the models, each in memory of its own, and the tokenizer they share; raises where they do not share one."""
    if settings.value not in ("separate", "shared"):
        raise BadInputError("value must be separate or shared, not '{settings}'.", settings=settings.value)
    tokenizer = load_tokenizer(starts.policy)
    rewards = _rewards(starts, settings, place, names, tokenizer)
    policy, reference = _policy_and_reference(starts, settings, place)
    gold = _gold(starts, place, names, tokenizer)
    shared = settings.value == "shared"
    value = _value_head(policy) if shared else _value_model(starts, tokenizer, settings, place)
    offset = 0.0 if shared else score_offset(value)
    return Players(policy, reference, rewards, sharded(value, place.compute), offset, shared, gold), tokenizer


def open_policy(folder: Path, settings: RlSettings, place: Place) -> Any:
    """Return the policy that training begins with, as it is to learn."""
    policy = load_policy(folder, place.compute)
    if settings.lora_rank:
        policy = with_lora(policy, settings.lora_rank, settings.lora_alpha, place.seed)
    return _ready(policy, settings)


def _policy_and_reference(starts: Starts, settings: RlSettings, place: Place) -> tuple[Any, Any]:
    """Return the policy and its reference: with an adapter on the reference's own weights, that is the policy without it."""
    policy = sharded(open_policy(starts.policy, settings, place), place.compute)
    if settings.lora_rank and starts.reference == starts.policy:
        return policy, AdapterOff(policy)
    reference = load_policy(starts.reference, place.compute).eval().requires_grad_(False)
    return policy, sharded(reference, place.compute)


def _value_model(starts: Starts, tokenizer: Any, settings: RlSettings, place: Place) -> Any:
    start = starts.preference_model or starts.policy
    return _ready(load_preference_model(start, tokenizer, compute=place.compute), settings)


def _ready(learner: Any, settings: RlSettings) -> Any:
    set_dropout(learner, settings.dropout)
    if settings.gradient_checkpointing:
        learner.gradient_checkpointing_enable({"use_reentrant": False})
    return learner


def _value_head(policy: Any) -> nn.Linear:
    """Return a head that says 0, what an average response scores, until it has learnt better."""
    head = nn.Linear(policy.config.hidden_size, 1, bias=False)
    nn.init.zeros_(head.weight)
    return head.to(policy.device)


def _rewards(
    starts: Starts, settings: RlSettings, place: Place, names: RoleNames | None, tokenizer: Any
) -> tuple[WeightedReward, ...]:
    """Return the preference models that reward; the feedback model, which is no folder, is added by whoever has it."""
    folders = {"reward": starts.preference_model, **starts.more_rewards}
    found = []
    for role, weight in parse_rewards(settings.rewards).items():
        folder = folders.get(role)
        if folder is not None:
            found.append(WeightedReward(role, weight, _scorer(folder, place, names, tokenizer)))
        elif role != "feedback":
            raise MissingError(
                "rewards names {role}, but there is no model in that role; name one: --set {role}=RUN",
                role=role,
            )
    return tuple(found)


def _scorer(folder: Path, place: Place, names: RoleNames | None, tokenizer: Any) -> Scorer:
    scorer = load_scorer(folder, place.compute, names)
    require_same_tokenizer(tokenizer, scorer.tokenizer)
    sharded(scorer.model.requires_grad_(False), place.compute)
    return scorer


def _gold(starts: Starts, place: Place, names: RoleNames | None, tokenizer: Any) -> Scorer | None:
    if starts.gold is None:
        return None
    if starts.preference_model and weights_hash(starts.gold) == weights_hash(starts.preference_model):
        raise BadInputError("The models gold and reward are the same; train the gold preference model on other data.")
    return _scorer(starts.gold, place, names, tokenizer)
