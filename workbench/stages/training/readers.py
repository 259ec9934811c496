"""How PPO's models read texts: side by side where processor and model allow it, padded elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from transformers import PreTrainedModel

from workbench.records.settings import RlSettings
from workbench.stages.training.compute import Compute
from workbench.stages.training.forward import (
    reads_side_by_side,
    response_logits,
    response_logits_and_values,
    response_values,
)
from workbench.stages.training.rewards import WeightedReward
from workbench.stages.training.scorer import Scorer

#: Texts a processor reads at once, side by side or padded: their numbers stay near it.
_NEAR, _NEAR_PADDED = 16, 8


@dataclass(frozen=True)
class Players:
    """The models of PPO: the policy that learns, its reference, the rewards, the value model that predicts them.

    value_offset is subtracted from what the value model says; with shares_trunk the value is a head on the policy. gold is a
    preference model trained on other data that only watches.
    """

    policy: Any
    reference: Any
    rewards: Sequence[WeightedReward]
    value: Any
    value_offset: float = 0.0
    shares_trunk: bool = False
    gold: Scorer | None = None


class Readers:
    """Policy, reference and value model; which of them read side by side is found out once, before there are lanes."""

    def __init__(self, players: Players, settings: RlSettings, compute: Compute) -> None:
        self.players = players
        self.settings = settings
        self.compute = compute
        self._alone = compute.device == "cpu" and compute.ranks.size == 1
        self._side_by_side = self._found()

    @property
    def rows_at_once(self) -> int:
        """How many texts of a micro-batch a model reads at once."""
        rows = self.settings.micro_batch_size
        return min(_NEAR if self._side_by_side else _NEAR_PADDED, rows) if self._alone else rows

    def policy(self, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor) -> tuple[Tensor, ...]:
        """Return the policy's response_logits and, where the value is a head on its trunk, its values."""
        players = self.players
        model, *asked = self._asked(players.policy, input_ids, prompt_lengths, width, lengths)
        if players.shares_trunk:
            return response_logits_and_values(model, players.value, *asked)
        return (response_logits(model, *asked),)

    def reference(self, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor) -> Tensor:
        """Return the reference's response_logits."""
        return response_logits(*self._asked(self.players.reference, input_ids, prompt_lengths, width, lengths))

    def value(self, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor) -> Tensor:
        """Return the value model's response_values."""
        return response_values(*self._asked(self.players.value, input_ids, prompt_lengths, width, lengths))

    def _asked(self, model: Any, *texts: Any) -> tuple[Any, ...]:
        """Return a model and texts, without their lengths where it is to read them padded."""
        return model, *texts[:-1], texts[-1] if any(model is one for one in self._side_by_side) else None

    def _found(self) -> list[Any]:
        players, settings = self.players, self.settings
        if not self._alone or settings.dropout or settings.gradient_checkpointing:
            return []
        tried = [(players.policy, response_logits), (players.value, response_values)]
        if "feedback" not in settings.rewards:  # else the reference may write while it is read
            tried.append((players.reference, response_logits))
        whole = [(model, read) for model, read in tried if isinstance(model, PreTrainedModel)]
        with self.compute.autocast():
            return [model for model, read in whole if reads_side_by_side(model, read)]
