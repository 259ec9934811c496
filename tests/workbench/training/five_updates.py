"""A worker that writes down, in an RL run's folder, the loss and gradient of each single update: the Trainer tells averages."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.distributed.tensor import DTensor

from workbench.runs.folder import RunFolder
from workbench.stages.training import ppo, rloo
from workbench.stages.training.guarded import GuardedTrainer
from workbench.stages.training.ppo_trainer import PpoTrainer
from workbench.stages.training.rloo import RlooTrainer
from workbench.worker.__main__ import main

UPDATES = "updates-{rank}.json"


class WritingDown(GuardedTrainer):
    """A trainer that writes down every update."""

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> torch.Tensor:
        total = super().training_step(model, inputs, num_items_in_batch)
        file = Path(self.args.output_dir).parent / UPDATES.format(rank=self.ranks.rank)
        told = json.loads(file.read_text()) if file.is_file() else []
        told.append({"loss": float(total), "gradient": self._gradient()})
        file.write_text(json.dumps(told))
        return total

    def _gradient(self) -> float:
        """Return the norm of the whole batch's gradient where a step ends, 0 before."""
        if not self.accelerator.sync_gradients:
            return 0.0
        norms = [weights.grad.norm() for weights in self.model.parameters() if weights.grad is not None]
        whole = [norm.full_tensor() if isinstance(norm, DTensor) else norm for norm in norms]
        return float(torch.stack(whole).norm())


class WrittenPpo(WritingDown, PpoTrainer):
    """PPO's trainer, which writes down every update."""


class WrittenRloo(WritingDown, RlooTrainer):
    """RLOO's trainer, which writes down every update."""


@contextmanager
def written_down() -> Iterator[None]:
    """Have RL trained by the trainer that writes down."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ppo, "PpoTrainer", WrittenPpo)
        patch.setattr(rloo, "RlooTrainer", WrittenRloo)
        yield


def updates(folder: RunFolder, processes: int) -> list[tuple[float, float]]:
    """Return each update's loss, the mean of what the processes told over its micro-batches, and its gradient's norm."""
    told = [written(folder, rank) for rank in range(processes)]
    ends = [at for at, micro in enumerate(told[0]) if micro["gradient"]]
    starts = [0, *(end + 1 for end in ends[:-1])]
    return [
        (
            sum(micro["loss"] for process in told for micro in process[start : end + 1]) / processes,
            told[0][end]["gradient"],
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def written(folder: RunFolder, rank: int) -> list[dict[str, float]]:
    """Return what one process wrote down of each of its micro-batches."""
    found: list[dict[str, float]] = json.loads((folder.path / UPDATES.format(rank=rank)).read_text())
    return found


if __name__ == "__main__":
    with written_down():
        sys.exit(main())
