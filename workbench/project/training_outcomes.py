"""What trainings came to: the one or two numbers by which a list tells them apart."""

from collections.abc import Mapping, Sequence

from workbench.records.run import Run
from workbench.store.database import Store

#: By stage, the names of the numbers.
_TELLING: Mapping[str, tuple[str, ...]] = {
    "sft": ("loss",),
    "preference_model": ("eval_accuracy",),
    "rl": ("objective/scores", "objective/kl"),
    "dpo": ("eval_rewards/accuracies",),
}

TrainingOutcome = tuple[tuple[str, float], ...]


def training_outcomes(store: Store, runs: Sequence[Run]) -> dict[str, TrainingOutcome]:
    """Return by run the names and last values of the numbers that say what it came to; runs without any are left out."""
    found = {run.id: store.metrics.last_values(run.id, _TELLING.get(run.stage, ())) for run in runs}
    return {run_id: told for run_id, told in found.items() if told}
