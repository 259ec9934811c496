"""Reinforcement learning by the algorithm a plan names."""

from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.stages.training.course import Place, Trained
from workbench.stages.training.ppo import train_ppo
from workbench.stages.training.reinforcement import Asked
from workbench.stages.training.watching import Watcher

ALGORITHMS: tuple[str, ...] = ("ppo", "rloo")


def train_rl(asked: Asked, settings: RlSettings, place: Place, watcher: Watcher) -> Trained:
    """Train the policy by the algorithm in the settings; what holds for train_ppo holds for all."""
    if settings.algorithm not in ALGORITHMS:
        raise BadInputError(
            "algorithm must be one of {algorithms}, not '{algorithm}'.",
            algorithms=", ".join(ALGORITHMS),
            algorithm=settings.algorithm,
        )
    if settings.algorithm == "ppo":
        return train_ppo(asked, settings, place, watcher)
    from workbench.stages.training.rloo import train_rloo  # noqa: PLC0415 - TRL takes seconds to load

    return train_rloo(asked, settings, place, watcher)
