"""Two sides, timed in turns: what the machine does beside falls on both."""

import json
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / ".bench"


class Side:
    """Processes that share a side's work, each with its own threads."""

    def __init__(self, script: str, python: str, processes: int, threads: int) -> None:
        self.threads = threads
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": str(threads),
            "OMP_WAIT_POLICY": "PASSIVE",
            "HF_HUB_OFFLINE": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "TOKENIZERS_PARALLELISM": "false",
        }
        command = [python, str(Path(__file__).with_name(script))]
        with (BENCH / f"{script}.log").open("ab") as log:
            self._processes = [
                subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
                )
                for _ in range(processes)
            ]

    def ask(self, do: str, shares: Sequence[dict[str, Any]] = (), **question: Any) -> list[Any]:
        """Ask every process, each with its own share of the work, and wait for all."""
        for number, process in enumerate(self._processes):
            own = shares[number] if shares else {}
            assert process.stdin is not None
            process.stdin.write(json.dumps({"do": do, **question, **own}) + "\n")
            process.stdin.flush()
        return [self._answer(process) for process in self._processes]

    def open(self, folder: Path, dtype: str, device: str = "cpu") -> None:
        """Load a model in every process."""
        self.ask("open", folder=str(folder), dtype=dtype, threads=self.threads, device=device)

    def split(self, name: str, work: Sequence[Any]) -> list[dict[str, Any]]:
        """Return every process's share of some work."""
        count = len(self._processes)
        return [{name: list(work[number::count])} for number in range(count)]

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=60)

    def _answer(self, process: "subprocess.Popen[str]") -> Any:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            sys.exit(f"A side of the benchmark died; its words are in {BENCH}.")
        return json.loads(line)


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds some work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Result:
    """Baseline's and our seconds of each pair, each for the same amount of work (seconds per unit where amounts differ).

    There are none where both sides did not compute the same, as details then say.
    """

    what: str
    baseline: tuple[float, ...]
    ours: tuple[float, ...]
    target: float
    details: str

    @property
    def ratios(self) -> list[float]:
        """How many times faster we were, pair by pair."""
        return [theirs / own for theirs, own in zip(self.baseline, self.ours, strict=True)]

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % bootstrap interval of the median ratio, resampled by pair."""
        draw = random.Random(0)
        medians = sorted(statistics.median(draw.choices(self.ratios, k=len(self.ratios))) for _ in range(2000))
        return medians[50], medians[-51]

    @property
    def met(self) -> bool:
        """Whether the median reaches the target."""
        return bool(self.ratios) and statistics.median(self.ratios) >= self.target

    def line(self) -> str:
        """Return the result in words."""
        if not self.ratios:
            return f"{self.what}: no speed is reported (target {self.target:.3g}x NOT met); {self.details}"
        mark = "met" if self.met else "NOT met"
        pairs_ = f"worst {min(self.ratios):.3g}x of {len(self.ratios)} pairs"
        return f"{self.ratio}; {pairs_}; target {self.target:.3g}x {mark}; {self.details}"

    @property
    def ratio(self) -> str:
        """The median ratio with its interval."""
        low, high = self.interval
        return f"{self.what}: {statistics.median(self.ratios):.3g}x (95 % interval {low:.3g} to {high:.3g})"


def pairs(
    count: int, baseline: Callable[[], float], ours: Callable[[], float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Run both sides in turns, the first one changing; return what each measured."""
    theirs: list[float] = []
    own: list[float] = []
    for number in range(count):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            (theirs if side == 0 else own).append((baseline if side == 0 else ours)())
    return tuple(theirs), tuple(own)
