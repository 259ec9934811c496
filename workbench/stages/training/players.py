"""The models that take part in reinforcement learning, opened from their folders."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.records.transcript import RoleNames
from workbench.stages.training.course import Place
from workbench.stages.training.rollouts import Players
from workbench.stages.training.scorer import Scorer, load_scorer
from workbench.stages.training.weights import (
    load_policy,
    load_preference_model,
    load_tokenizer,
    require_same_tokenizer,
    weights_hash,
)


@dataclass(frozen=True)
class Starts:
    """The model folders PPO begins from; the value model begins as the preference model."""

    policy: Path
    reference: Path
    preference_model: Path
    #: A preference model trained on other data, which watches whether the reward is being exploited.
    gold: Path | None = None


def open_players(starts: Starts, place: Place, names: RoleNames | None) -> tuple[Players, Any]:
    """Return the models, each in memory of its own, and the tokenizer they share; raises where they do not share one."""
    tokenizer = load_tokenizer(starts.policy)
    scorer = load_scorer(starts.preference_model, place.compute, names)
    require_same_tokenizer(tokenizer, scorer.tokenizer)
    reference = load_policy(starts.reference, place.compute).eval().requires_grad_(False)
    scorer.model.requires_grad_(False)
    value = load_preference_model(starts.preference_model, scorer.tokenizer, compute=place.compute)
    policy = load_policy(starts.policy, place.compute)
    return Players(policy, reference, scorer, value, _gold(starts, scorer, place)), tokenizer


def _gold(starts: Starts, scorer: Scorer, place: Place) -> Scorer | None:
    if starts.gold is None:
        return None
    gold = load_scorer(starts.gold, place.compute, scorer.names)
    require_same_tokenizer(gold.tokenizer, scorer.tokenizer)
    if weights_hash(starts.gold) == weights_hash(starts.preference_model):
        raise BadInputError("The models gold and reward are the same; train the gold preference model on other data.")
    return gold
