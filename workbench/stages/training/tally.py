"""Numbers told beside the loss: of the whole batch, however it lies in micro-batches and processes."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from workbench.stages.training.ranks import Ranks

#: By how a number is put together: within a micro-batch, and over all that were kept.
_WITHIN: dict[str, Callable[[Tensor], Tensor]] = {"mean": torch.sum, "least": torch.amin, "most": torch.amax}
_OVER: dict[str, Callable[[Iterable[float]], float]] = {"mean": sum, "least": min, "most": max}


@dataclass
class _Kept:
    """What micro-batches said of one number; left on the device, since reading one waits for all its work."""

    said: list[Tensor] = field(default_factory=list)
    count: int = 0


class Tally:
    """Keeps what is seen of each number until it is asked for."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], _Kept] = defaultdict(_Kept)

    def add(self, name: str, values: Tensor, how: str = "mean") -> None:
        """Take values, if any, whose mean, least or most over the batch is to be told."""
        if values.numel():
            kept = self._kept[name, how]
            kept.said.append(_WITHIN[how](values.detach().double()))
            kept.count += values.numel()

    def taken(self, ranks: Ranks) -> dict[str, float]:
        """Return each number over what all processes have kept, and begin anew; every process must ask."""
        mine = {key: (torch.stack(kept.said).tolist(), kept.count) for key, kept in self._kept.items()}
        self._kept.clear()
        told = ranks.gathered(mine)
        found = {}
        for key in dict.fromkeys(key for each in told for key in each):
            name, how = key
            parts = [each[key] for each in told if key in each]
            joined = _OVER[how](value for said, _ in parts for value in said)
            found[name] = joined / sum(count for _, count in parts) if how == "mean" else joined
        return found
