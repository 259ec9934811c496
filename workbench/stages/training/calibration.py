"""How well a preference model does on comparisons it never trained on: accuracy, loss, calibration."""

import math
from collections.abc import Sequence
from typing import Protocol

from workbench.records.run import Metric
from workbench.stages.training.scorer import Scorer
from workbench.stages.training.watching import Watcher

_BINS = 10


class HeldOut(Protocol):
    """A comparison as token ids and the probability that its first side wins."""

    @property
    def chosen(self) -> list[int]:
        """Token ids of the first side."""
        ...

    @property
    def rejected(self) -> list[int]:
        """Token ids of the second side."""
        ...

    @property
    def probability(self) -> float:
        """Probability that the first side wins."""
        ...


def report(scorer: Scorer, held_out: Sequence[HeldOut], watcher: Watcher, step: int) -> None:
    """Emit eval_accuracy, eval_loss, eval_ece and their counts for comparisons held out from training."""
    if not held_out:
        watcher.say("No comparison was held out, so nothing measures the preference model.")
        return
    scores = scorer.score_ids([ids for pair in held_out for ids in (pair.chosen, pair.rejected)])
    margins = [first - second for first, second in zip(scores[::2], scores[1::2], strict=True)]
    truths = [pair.probability for pair in held_out]
    numbers = {"eval_loss": loss(margins, truths), "eval_ece": expected_calibration_error(margins, truths)}
    decided = sum(truth != 0.5 for truth in truths)
    if decided:
        numbers["eval_accuracy"] = accuracy(margins, truths)
    for name, value in {**numbers, "eval_pairs": len(truths), "eval_decided_pairs": decided}.items():
        watcher.emit(Metric(name, step, float(value)))


def accuracy(margins: Sequence[float], truths: Sequence[float]) -> float:
    """Return the share of comparisons whose score margin points to the side the probability favours; ties are left out."""
    decided = [(margin, truth) for margin, truth in zip(margins, truths, strict=True) if truth != 0.5]
    return sum((margin > 0) == (truth > 0.5) and margin != 0 for margin, truth in decided) / len(decided)


def loss(margins: Sequence[float], truths: Sequence[float]) -> float:
    """Return the mean cross-entropy (nats) between probabilities and sigmoid(margin)."""
    return sum(
        max(margin, 0.0) - margin * truth + math.log1p(math.exp(-abs(margin)))
        for margin, truth in zip(margins, truths, strict=True)
    ) / len(margins)


def expected_calibration_error(margins: Sequence[float], truths: Sequence[float]) -> float:
    """Return the mean gap, over ten bins of predicted probability, between prediction and the labels' probability.

    Each comparison is seen from the side the model prefers, so predictions lie between one half and one; a bin counts by its
    comparisons.
    """
    bins: list[list[tuple[float, float]]] = [[] for _ in range(_BINS)]
    for margin, truth in zip(margins, truths, strict=True):
        predicted = 1.0 / (1.0 + math.exp(-min(abs(margin), 700.0)))
        agreed = truth if margin >= 0 else 1.0 - truth
        bins[min(_BINS - 1, int((predicted - 0.5) * 2 * _BINS))].append((predicted, agreed))
    gaps = (abs(sum(predicted - agreed for predicted, agreed in held)) for held in bins)
    return sum(gaps) / len(margins)
