"""Speed against other tools, measured here and now: `make bench`, or `python tests/benchmarks/run.py --help`.

Each ratio comes from one run with both sides in turns, under the same threads and OpenMP settings, after a gate that both sides
compute the same. A quiet machine gives trustworthy figures; the load is printed beside them.
"""

import argparse
import functools
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict

import torch

from tests.benchmarks.chain_contest import ChainContest
from tests.benchmarks.contest import BENCH, Result, Side
from tests.benchmarks.environment import baseline_python, ppo_python, versions
from tests.benchmarks.scoring_contest import ScoringContest
from tests.benchmarks.shapes import SHAPES, USUAL
from tests.benchmarks.training_contest import KINDS, TrainingContests


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("scoring", "chains", "training"), help="run one kind alone")
    parser.add_argument("--model", choices=tuple(SHAPES), action="append", help="run these models alone")
    parser.add_argument("--pairs", type=int, default=5, help="timed pairs per figure")
    parser.add_argument("--threads", type=int, default=1, help="threads of each side of a scoring contest")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1, help="cores a chain contest may use")
    parser.add_argument(
        "--device", choices=("cpu", "cuda"), default="cpu", help="where chains are written and trainings run"
    )
    parser.add_argument("--size", type=float, default=1.0, help="share of the usual amount of work, for a short look")
    parser.add_argument("--rows", default="", help="of the trainings run these alone, for example sft,ppo")
    return parser.parse_args()


@functools.cache
def made_for_them() -> str:
    """Return the interpreter of an environment made for the other tools, with this one's torch."""
    python = baseline_python()
    ours, theirs = versions(sys.executable), versions(python)
    if ours["torch"] != theirs["torch"]:
        sys.exit(f"The baseline has torch {theirs['torch']}, we have {ours['torch']}: remove {BENCH} and run again.")
    print(f"baseline: {theirs}")
    return python


def baseline(options: argparse.Namespace) -> str:
    """Return the interpreter of chains and trainings: on a CUDA device, which may have no network, this one has all they need."""
    return sys.executable if options.device == "cuda" else made_for_them()


def scoring(options: argparse.Namespace) -> Iterator[Result]:
    """Yield the scoring results."""
    python = made_for_them()
    targets = {"llama-7m": (3.0, 7.0), "grouped-32k": (3.0, 7.0)}
    ours = Side("our_side.py", sys.executable, 1, options.threads)
    theirs = Side("lm_eval_side.py", python, 1, options.threads)
    for name in options.model or USUAL:
        shape = SHAPES[name]
        folder = shape.build(BENCH / "models" / name)
        usual = 1 if name == "llama-100m" else 8
        for options_first in (False, True):
            comparisons = max(1, round(usual * options.size))
            target = targets.get(name, (1.0, 1.0))[options_first]
            yield ScoringContest(folder, shape.vocabulary, options_first, target, comparisons, options.pairs).run(
                ours, theirs
            )
    ours.close()
    theirs.close()


def chains(options: argparse.Namespace) -> Iterator[Result]:
    """Yield the chain results: each side at its fastest, then in float32 alone; on a CUDA device one process, and many chains."""
    cuda = options.device == "cuda"
    cores, python = 1 if cuda else options.cores, baseline(options)
    for name in options.model or (("llama-1b",) if cuda else USUAL):
        shape = SHAPES[name]
        folder = shape.build(BENCH / "models" / name)
        usual = 256 if cuda else 16 if name == "llama-100m" else 64
        count = max(2 * cores, round(usual * options.size))
        for float32_only in (False,) if cuda else (False, True):
            target = 4.0 if name == "llama-7m" and not float32_only and not cuda else 1.0
            sizes = folder, shape.vocabulary, target, float32_only, count, options.pairs, cores
            yield ChainContest(*sizes, options.device).run(python)


def training(options: argparse.Namespace) -> Iterator[Result]:
    """Yield the training results: SFT, preference model, PPO, and what stands around a step."""
    kinds = frozenset(options.rows.split(",")) if options.rows else frozenset(KINDS)
    if kinds - set(KINDS):
        sys.exit(f"--rows takes some of {', '.join(KINDS)}, not {options.rows}.")
    pythons = baseline(options), ppo_python() if "ppo" in kinds else ""
    yield from TrainingContests(options.pairs, options.size, options.cores, *pythons, options.device, kinds).run()


def main() -> int:
    """Run the contests, print and keep the results; return 1 where a target is missed."""
    options = arguments()
    if options.device == "cuda" and not torch.cuda.is_available():
        print("No CUDA device here: not measured.")
        return 0
    BENCH.mkdir(exist_ok=True)
    print(f"versions: {versions(sys.executable)}")
    peak = Side("our_side.py", sys.executable, 1, options.threads)
    for dtype in ("float32", "bfloat16"):
        rate = peak.ask("gflops", threads=options.threads, dtype=dtype)[0]
        print(
            f"peak of {options.threads} threads in {dtype}: {rate:.0f} GFLOP/s; load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    peak.close()
    results = []
    for kind, contests in (("scoring", scoring), ("chains", chains), ("training", training)):
        if options.only in (None, kind):
            for result in contests(options):
                results.append(result)
                print(f"{result.line()}; load {os.getloadavg()[0]:.1f}", flush=True)
    (BENCH / "results.json").write_text(
        json.dumps([asdict(result) for result in results], indent=2) + "\n", encoding="utf-8"
    )
    return int(not all(result.met for result in results))


if __name__ == "__main__":
    sys.exit(main())
