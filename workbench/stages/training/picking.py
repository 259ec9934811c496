"""Which step's policy a run hands on: the last, or the one that did best on the pinned prompts."""

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.records.settings import RlSettings
from workbench.stages.training import checkpoints
from workbench.stages.training.checkpoints import publish, verified
from workbench.stages.training.shards import save_learnt

PICKS: tuple[str, ...] = ("last", "best")


class Picking:
    """Keeps the weights of the policy with the highest score so far, whole or not at all, beside the checkpoints."""

    def __init__(self, settings: RlSettings, folder: Path, writes: bool = True) -> None:
        if settings.pick not in PICKS:
            raise BadInputError(
                "pick must be one of {picks}, not '{pick}'.", picks=", ".join(PICKS), pick=settings.pick
            )
        if settings.pick == "best" and settings.pinned < 1:
            raise BadInputError("pick=best chooses by the pinned prompts; set pinned to some 32 or more of them.")
        self.wanted = settings.pick == "best"
        self.folder = folder
        self.writes = writes
        self.step = -1
        self.score = -math.inf

    def consider(self, policy: Any, step: int, score: float) -> None:
        """Keep a policy that is better than any before it."""
        if not self.wanted or not score > self.score:
            return
        self._keep(policy, step)
        self.step, self.score = step, score

    def _keep(self, policy: Any, step: int) -> None:
        partial = self.folder / f"{checkpoints.BEST}{step}.partial"
        if self.writes:
            shutil.rmtree(partial, ignore_errors=True)
        save_learnt(policy, partial, self.writes)
        if not self.writes:
            return
        publish(partial, self._place(step), step)
        # Only now the one before: a kill in between leaves both.
        for old in self.folder.glob(f"{checkpoints.BEST}*"):
            if old != self._place(step):
                shutil.rmtree(old, ignore_errors=True)

    def best(self, last: int) -> Path | None:
        """Return the folder of the policy to hand on, or None where it is the last step's, which is still in memory."""
        if not self.wanted or self.step in (-1, last):
            return None
        place = self._place(self.step)
        return place if verified(place) else None

    def lost(self, last: int) -> bool:
        """Return whether a policy was picked before the last step and its folder is damaged or gone."""
        return self.wanted and self.step not in (-1, last) and self.best(last) is None

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps."""
        return {"step": self.step, "score": self.score if self.step >= 0 else None}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what a checkpoint kept."""
        self.step = int(state["step"])
        self.score = -math.inf if state["score"] is None else float(state["score"])

    def _place(self, step: int) -> Path:
        return self.folder / f"{checkpoints.BEST}{step}"
