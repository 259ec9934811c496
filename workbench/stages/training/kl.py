"""The weight of the KL penalty: fixed, or steered towards a target (arXiv 1909.08593, section 2.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: The controller's error is cut to this, and its horizon in episodes.
_MOST_ERROR = 0.2
_HORIZON = 10_000


@dataclass
class KlController:
    """Gives the KL coefficient; with a target above 0 (nats per response) it follows the measured KL."""

    coef: float
    target: float = 0.0

    def update(self, measured: float, episodes: int) -> None:
        """Take the mean KL of a batch of episodes (nats per response) and adapt the coefficient."""
        if self.target <= 0:
            return
        error = min(max(measured / self.target - 1.0, -_MOST_ERROR), _MOST_ERROR)
        self.coef *= 1.0 + error * episodes / _HORIZON

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"coef": self.coef, "target": self.target}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what a checkpoint kept."""
        self.coef, self.target = float(state["coef"]), float(state["target"])
