"""After how many sampled responses reinforcement learning keeps a policy on its way."""

from workbench.errors import BadInputError
from workbench.records.settings import RlSettings


def snapshot_batches(settings: RlSettings) -> tuple[int, ...]:
    """Return the numbers (from 1) of the batches of experience after which a policy is kept: evenly spaced, never the last."""
    batches = -(-settings.episodes // settings.batch_size)
    if not 0 <= settings.snapshots < max(batches, 1):
        raise BadInputError(
            "snapshots must be at least 0 and below the number of batches ({batches}), not {snapshots}.",
            batches=batches,
            snapshots=settings.snapshots,
        )
    parts = settings.snapshots + 1
    return tuple(round(batches * part / parts) for part in range(1, parts))


def snapshot_responses(settings: RlSettings) -> tuple[int, ...]:
    """Return how many responses the kept policies have learned from: the numbers they are named by."""
    return tuple(batch * settings.batch_size for batch in snapshot_batches(settings))
