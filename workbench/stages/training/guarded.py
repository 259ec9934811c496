"""A Trainer whose checkpoints hold sound weights only, and what was learnt beside them."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

from torch import Tensor

from workbench.stages.training import checkpoints
from workbench.stages.training.alarms import BrokenError, require_finite
from workbench.stages.training.shards import is_sharded, load_learnt, own_part, save_learnt


class Kept(Protocol):
    """Something that goes on, after a resume, from where a checkpoint found it."""

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as plain data."""
        ...

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from what a checkpoint kept."""
        ...


class GuardedTrainer(checkpoints.VerifiedCheckpoints):
    """Keeps its learners and, by file name, what else is to be kept; raises BrokenError rather than keep broken weights."""

    kept: Mapping[str, Kept] = {}
    #: The models that learn: names of checkpoint folders, and of what holds them.
    learners: ClassVar[tuple[str, ...]] = ("policy",)

    def learner(self, name: str) -> Any:
        """Return a model that learns."""
        return getattr(self.model, name)

    def answers_beside(self, pinned: Any) -> bool:
        """Say whether this trainer answers pinned prompts that are due beside its next batch; from then on it does."""
        return False

    def require_sound(self) -> None:
        """Raise BrokenError where a weight is not finite; of shards, every process must ask."""
        broken = not all(bool(own_part(weights).isfinite().all()) for weights in self.model.parameters())
        if self.ranks.agreed(broken) if is_sharded(self.model) else broken:
            raise BrokenError("a weight")

    def require_finite_loss(self, loss: Tensor) -> None:
        """Raise BrokenError on every process where the loss of one is no number: else the others would wait for it."""
        told = self.ranks.gathered(float(loss))
        require_finite({"the loss": next((one for one in told if not math.isfinite(one)), told[0])})

    def save_weights(self, folder: Path) -> None:
        """Write what the learners have learnt, and what is kept beside them."""
        self.require_sound()
        for name in self.learners:
            save_learnt(self.learner(name), folder / name, self.ranks.leads)
        if self.ranks.leads:
            for name, kept in self.kept.items():
                (folder / name).write_text(json.dumps(kept.state()), encoding="utf-8")

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        folder = Path(resume_from_checkpoint)
        for name in self.learners:
            load_learnt(self.learner(name), folder / name)
        for name, kept in self.kept.items():
            # A checkpoint of an earlier version may lack one.
            if (folder / name).is_file():
                kept.restore(json.loads((folder / name).read_text(encoding="utf-8")))
