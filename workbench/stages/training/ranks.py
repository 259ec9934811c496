"""Several processes that train one model together: who leads, what they agree on, how they put together what each has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from accelerate import PartialState
from torch import distributed

from workbench.errors import BadInputError

S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True)
class Ranks:
    """Which of how many processes this is; the first leads: it alone writes."""

    rank: int = 0
    size: int = 1

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Ranks":
        """Read what a launcher (accelerate, torchrun, Slurm through either) has set."""
        return cls(int(environment.get("RANK", "0")), int(environment.get("WORLD_SIZE", "1")))

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes."""
        return self.rank == 0

    def share(self, count: int, what: str) -> int:
        """Return this process's share of a count; BadInputError where it cannot be shared evenly."""
        if count % self.size:
            raise BadInputError(
                "{what} ({count}) must be a multiple of the number of processes ({size}).",
                what=what,
                count=count,
                size=self.size,
            )
        return count // self.size

    def filled(self, rows: Sequence[T], micro_batch_size: int, blank: Callable[[T], T]) -> list[T]:
        """Return rows with the last micro-batch full, so that each process has a share of it: a launcher would repeat rows.

        blank makes of the last row one that is read and counts nought.
        """
        wanting = -len(rows) % micro_batch_size if self.size > 1 else 0
        return [*rows, *(blank(rows[-1]) for _ in range(wanting))]

    def agreed(self, mine: bool) -> bool:
        """Whether any process says so: all stop where one was asked to."""
        return any(self.gathered(mine))

    def gathered(self, mine: T) -> list[T]:
        """Return what every process has, in the order of ranks."""
        if self.size == 1:
            return [mine]
        found: list[Any] = [None] * self.size
        distributed.all_gather_object(found, mine)
        return found

    def divided(self, rows: Sequence[S], work: Callable[[Sequence[S]], Sequence[T]]) -> list[T]:
        """Return what work makes of each row; the processes work every so-manieth."""
        shares = self.gathered(list(work(rows[self.rank :: self.size])))
        return [shares[at % self.size][at // self.size] for at in range(len(rows))]

    def meet(self, device: str) -> None:
        """Let the processes know each other, where a launcher has started several."""
        if self.size > 1:
            PartialState(cpu=device == "cpu")

    def add_up(self, tensors: Iterable[torch.Tensor]) -> None:
        """Replace each tensor, in place, by its sum over the processes."""
        if self.size > 1:
            for tensor in tensors:
                distributed.all_reduce(tensor)

    def wait(self) -> None:
        """Wait until every process is here."""
        if self.size > 1:
            distributed.barrier()


#: One process: the usual case.
ALONE = Ranks()
