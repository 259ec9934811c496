"""Steps on comparisons, whose loss is a mean over the pairs of a step, however these lie in micro-batches and processes."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from workbench.records.settings import DpoSettings, PreferenceModelSettings
from workbench.stages.training import checkpoints
from workbench.stages.training.pairs import Pair
from workbench.stages.training.ranks import Ranks
from workbench.stages.training.schedule import accumulation

#: What belongs to a pair beside its tokens; counts is 0 for one that only fills a micro-batch.
PAIR_COLUMNS: tuple[str, ...] = ("chosen_prob", "pair_weight", "counts")


def soft_preference_loss(
    chosen: Tensor, rejected: Tensor, probability: Tensor, weight: Tensor, *, count: float | None = None
) -> Tensor:
    """Return the mean over pairs of weight times the cross-entropy (nats) between probability and sigmoid(chosen - rejected).

    All are [pairs]; the mean is over count pairs where these are a part of so many. Weights average 1 over the data, not over a
    batch: divided by a batch's own sum, a batch of one kind alone would count as if it had no weight.
    """
    losses = binary_cross_entropy_with_logits(chosen - rejected, probability, reduction="none")
    return (weight * losses).sum() / (len(losses) if count is None else count)


def pair_columns(pair: Pair) -> dict[str, float]:
    """Return what PAIR_COLUMNS names."""
    return {"chosen_prob": pair.probability, "pair_weight": pair.weight, "counts": 1.0}


def filled(
    examples: Sequence[dict[str, Any]], settings: PreferenceModelSettings | DpoSettings, ranks: Ranks
) -> list[dict[str, Any]]:
    """Return the pairs as the processes read them, the last micro-batch filled with one that counts nought."""
    micro, _ = accumulation(settings.batch_size, settings.micro_batch_size)
    return ranks.filled(examples, micro, lambda example: {**example, "pair_weight": 0.0, "counts": 0.0})


def tensors_of(examples: Sequence[dict[str, Any]], columns: Sequence[str]) -> dict[str, Tensor]:
    """Return each column of the examples as a tensor [pairs]."""
    return {name: torch.tensor([example[name] for example in examples], dtype=torch.float32) for name in columns}


class PairSteps(checkpoints.VerifiedCheckpoints):
    """A Trainer on comparisons: it keeps their columns, and tells a loss over how many pairs the step's mean is."""

    columns: tuple[str, ...] = PAIR_COLUMNS
    loss_is_scaled_for_ga = True

    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        self._signature_columns += [name for name in self.columns if name not in self._signature_columns]

    def _get_num_items_in_batch(self, batch_samples: list[dict[str, Any]], device: Any) -> float:
        """Return how many pairs all processes read in a step: their gradients are added up."""
        pairs = torch.tensor(sum(float(batch["counts"].sum()) for batch in batch_samples), device=device)
        self.ranks.add_up([pairs])
        return float(pairs)
