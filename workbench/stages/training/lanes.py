"""Two pieces of work side by side: for small models two threads of one beat one operation on two threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

from workbench.stages.training.compute import Compute

A = TypeVar("A")
B = TypeVar("B")


class Lanes:
    """Runs two independent functions at once where the processor has threads for both, else one after the other.

    What they compute is the same either way: each keeps to its own models and tensors, and within a lane an operation has the
    same number of threads. alone has them one after the other in any case.
    """

    def __init__(self, compute: Compute, alone: bool = False) -> None:
        threads = compute.threads or torch.get_num_threads()
        beside = threads >= 2 and compute.device == "cpu" and not alone
        self._pool = ThreadPoolExecutor(1) if beside else None
        if self._pool is not None:
            torch.set_num_threads(threads // 2)

    def both(self, first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
        """Return what both functions return; an error of either is raised once both have ended."""
        if self._pool is None:
            return first(), second()
        beside = self._pool.submit(second)
        try:
            mine = first()
        finally:
            beside.exception()
        return mine, beside.result()
