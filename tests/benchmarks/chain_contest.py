"""Chains of five steps against the best that transformers offers; each side at its fastest type and layout of processes."""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.contest import Result, Side, pairs, timed
from tests.benchmarks.workloads import STEPS, chain_texts

METHODS = ("one by one", "batches of 8", "batches of 16", "batches of 64", "pipeline", "generate_batch")
CUDA_METHODS = ("batches of 64", "batches of 256", "generate_batch")
TOKENS = 48
#: Chains compared word by word, and the least share of their steps that must come before any near tie.
GATED, COMPARED = 4, 0.5


@dataclass(frozen=True)
class Way:
    """How a side works: its type, its processes with their threads, and a method by name."""

    dtype: str
    processes: int
    threads: int
    method: str = ""

    def __str__(self) -> str:
        layout = f"{self.processes} x {self.threads} threads"
        return ", ".join(part for part in (self.method, self.dtype, layout) if part)


class Runner:
    """One script on one model, in any way; processes are kept while the layout stays."""

    def __init__(self, script: str, python: str, folder: Path, device: str) -> None:
        self._script, self._python, self._folder, self._device = script, python, folder, device
        self._sides: dict[tuple[int, int], Side] = {}
        self._opened: dict[tuple[int, int], str] = {}

    def seconds_per_token(self, way: Way, texts: Sequence[dict[str, Any]]) -> float:
        """Write the chains once; return wall seconds per token written."""
        tokens = 0

        def work() -> None:
            nonlocal tokens
            tokens = sum(answer["tokens"] for answer in self.write(way, texts, 1.0))

        self.side(way)
        return timed(work) / tokens

    def write(self, way: Way, texts: Sequence[dict[str, Any]], temperature: float) -> list[Any]:
        """Write the chains."""
        side = self.side(way)
        return side.ask("chains", side.split("texts", texts), tokens=TOKENS, temperature=temperature, method=way.method)

    def side(self, way: Way) -> Side:
        """Return the processes for a way, with the model loaded."""
        layout = way.processes, way.threads
        if layout not in self._sides:
            self._sides[layout] = Side(self._script, self._python, *layout)
        if self._opened.get(layout) != way.dtype:
            self._sides[layout].open(self._folder, way.dtype, self._device)
            self._opened[layout] = way.dtype
        return self._sides[layout]

    def close(self) -> None:
        """End all processes."""
        for side in self._sides.values():
            side.close()


@dataclass(frozen=True)
class ChainContest:
    """One model: a gate in float32, a search for each side's best way, then pairs."""

    folder: Path
    vocabulary: int
    target: float
    float32_only: bool
    chains: int
    repeats: int
    cores: int
    device: str = "cpu"

    def run(self, python: str) -> Result:
        """Return the result in the best ways found."""
        texts = [asdict(text) for text in chain_texts(self.chains, self.vocabulary)]
        ours = Runner("our_side.py", sys.executable, self.folder, self.device)
        baseline = Runner("transformers_side.py", python, self.folder, self.device)
        methods, first = (METHODS, "float32") if self.device == "cpu" else (CUDA_METHODS, "bfloat16")
        try:
            compared = self._gate(ours, baseline, texts[:GATED])
            trial = texts[: max(self.cores, len(texts) // 2)]
            our_way = self._best(ours, [Way(first, self.cores, 1)], trial)
            their_way = self._best(baseline, [Way(first, self.cores, 1, method) for method in methods], trial)
            theirs, own = pairs(
                self.repeats,
                lambda: baseline.seconds_per_token(their_way, texts),
                lambda: ours.seconds_per_token(our_way, texts),
            )
        finally:
            ours.close()
            baseline.close()
        rate = f"{1 / min(own):.0f} against {1 / min(theirs):.0f} tokens/s at best"
        details = f"ours {our_way}; baseline {their_way}; {rate}; {compared} steps equal word by word"
        kind = "float32" if self.float32_only else "fastest type"
        kind += "" if self.device == "cpu" else f" on {self.device}"
        return Result(f"chains, {self.folder.name}, {kind}", theirs, own, self.target, details)

    def _best(self, runner: Runner, ways: Sequence[Way], texts: Sequence[dict[str, Any]]) -> Way:
        """Return the fastest method, then the fastest type and layout for it."""

        def seconds(way: Way) -> float:
            taken = runner.seconds_per_token(way, texts)
            print(f"  tried {way}: {1 / taken:.0f} tokens/s", file=sys.stderr, flush=True)
            return taken

        best = min(ways, key=seconds)
        if self.device != "cpu":
            return best
        dtypes = ("float32",) if self.float32_only else ("float32", "bfloat16")
        layouts = {(self.cores, 1), (1, self.cores)}
        return min((Way(dtype, *layout, best.method) for dtype in dtypes for layout in layouts), key=seconds)

    def _gate(self, ours: Runner, baseline: Runner, texts: Sequence[dict[str, Any]]) -> int:
        """Compare greedy texts in float32, chain by chain up to the first near tie; end where they differ."""
        own = ours.write(Way("float32", 1, 1), texts, 0.0)[0]["steps"]
        theirs = baseline.write(Way("float32", 1, 1, "one by one"), texts, 0.0)[0]["steps"]
        compared = 0
        for our_chain, their_chain in zip(own, theirs, strict=True):
            for (text, near), (expected, _) in zip(our_chain, their_chain, strict=True):
                if near:
                    break
                if text.split() != expected.split():
                    sys.exit("A chain's text differs from the baseline's in float32: no speed is reported.")
                compared += 1
        if compared < COMPARED * len(texts) * STEPS:
            sys.exit(f"Only {compared} steps could be compared before a near tie: no speed is reported.")
        return compared
