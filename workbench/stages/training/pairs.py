"""Comparisons as a preference model reads them: token ids, the probability to learn, and how much each counts."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadInputError
from workbench.records.prompt import HELPFUL
from workbench.records.rows import PreferenceRow
from workbench.records.settings import DpoSettings, PreferenceModelSettings
from workbench.records.transcript import RoleNames
from workbench.stages.training.tokens import prompt_ids, response_ids


@dataclass(frozen=True)
class Pair:
    """A comparison as token ids, the likelier winner first; probability is that it wins, weight how much the pair counts.

    turned says that the likelier winner is the row's response b.
    """

    row: PreferenceRow
    chosen: list[int]
    rejected: list[int]
    probability: float
    weight: float
    prompt_tokens: int
    turned: bool

    @property
    def length(self) -> int:
        """Tokens of the longer of the two."""
        return max(len(self.chosen), len(self.rejected))

    @property
    def held_out(self) -> bool:
        """Whether it measures the model and never trains it."""
        return self.row.held_out


def encode_pairs(
    tokenizer: Any, rows: Sequence[PreferenceRow], soft_labels: bool, names: RoleNames | None = None
) -> list[Pair]:
    """Return each comparison as token ids, turned so that the likelier winner comes first.

    Without soft_labels probabilities become 1; those of comparisons held out stay, so that both ways are measured alike.
    """
    pairs = []
    for row in rows:
        prompt = prompt_ids(tokenizer, row.messages, names)
        a, b = (prompt + response_ids(tokenizer, text) for text in (row.response_a, row.response_b))
        turned = row.probability_a < 0.5
        probability = 1.0 - row.probability_a if turned else row.probability_a
        if not soft_labels and not row.held_out and probability != 0.5:
            probability = 1.0
        first, second = (b, a) if turned else (a, b)
        pairs.append(Pair(row, first, second, probability, row.weight, len(prompt), turned))
    return pairs


def weighted(pairs: Sequence[Pair], settings: PreferenceModelSettings | DpoSettings) -> list[Pair]:
    """Return the pairs with their loss weights by kind of prompt, scaled to a mean of 1 so that the step size stays."""
    if not pairs:
        raise BadInputError("Every comparison is held out, so none is left to learn from; make held_out_share smaller.")
    for name in ("harmless_weight", "helpful_weight"):
        value = getattr(settings, name)
        if not (math.isfinite(value) and value >= 0):
            raise BadInputError("{name} must be 0 or more, not {value}.", name=name, value=value)
    weights = [
        pair.weight * (settings.helpful_weight if pair.row.kind == HELPFUL else settings.harmless_weight)
        for pair in pairs
    ]
    mean = sum(weights) / len(weights)
    if mean <= 0:
        raise BadInputError(
            "Every comparison has loss weight 0, so there is nothing to learn; raise harmless_weight or helpful_weight."
        )
    return [dataclasses.replace(pair, weight=weight / mean) for pair, weight in zip(pairs, weights, strict=True)]
