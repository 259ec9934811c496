"""What this machine does best: device, type, threads and attention kernel, measured once and kept in the user's state directory.

The choice goes into a run's plan as plain data and is kept when the run is resumed.
"""

import json
import multiprocessing
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

import platformdirs
import psutil
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from workbench.models.attention import COMPILED
from workbench.models.engine import Engine
from workbench.models.linears import can_pack, can_reduce, pack
from workbench.models.slots import Piece, SlotMemory

#: A choice that gives up something (exactness, a core, the usual kernel) must be faster by this factor.
REDUCED, MORE_THREADS, MORE_PROCESSES, OTHER_KERNEL = 1.2, 1.2, 1.3, 1.1
#: Which choices there are to measure; a new one makes what was measured before out of date.
CHOICES = 2
#: More processes than this are not tried: each has its own copy of torch in memory.
MOST_PROCESSES = 8
SLOTS = 32
#: The kernel with which training attends in each type: sdpa is slow in bfloat16 on a CPU.
_TRAINED = {"float32": "sdpa", "bfloat16": "eager"}
_SHAPE: dict[str, Any] = {
    "vocab_size": 4096,
    "hidden_size": 256,
    "intermediate_size": 704,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "tie_word_embeddings": True,
}
Choice = dict[str, Any]


def machine_file() -> Path:
    """Return where the measurement is kept: readable JSON."""
    return Path(platformdirs.user_state_dir("constitution-workbench", appauthor=False)) / "machine.json"


def measure_machine(file: Path | None = None, again: bool = False) -> Choice:
    """Return what this machine does best, measuring (some seconds) unless it was done before.

    Keys: device, dtype, threads, attention; processes, in which small models write; training_dtype, training_threads; `machine`
    and `seconds` say what was measured and what each choice took.
    """
    file = file or machine_file()
    identity = _identity()
    if not again and (kept := _read(file)) and kept.get("machine") == identity:
        return kept
    choice = {**_measure(), "machine": identity}
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    beside.write_text(json.dumps(choice, indent=2) + "\n", encoding="utf-8")
    beside.replace(file)
    return choice


def _identity() -> dict[str, Any]:
    return {
        "choices": CHOICES,
        "processor": f"{platform.node()} {platform.processor() or platform.machine()}",
        "cores": psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        "torch": torch.__version__,
        "cuda": torch.cuda.get_device_name(0) if torch.cuda.is_available() else "",
    }


def _read(file: Path) -> Choice | None:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept if isinstance(kept, dict) else None


def _measure() -> Choice:
    if torch.cuda.is_available():
        dtype = "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
        return {"device": "cuda", "dtype": dtype, "threads": 1, "attention": "sdpa", "seconds": {}}
    before = torch.get_num_threads()
    try:
        return _measure_cpu(
            max(1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
        )
    finally:
        torch.set_num_threads(before)


def _measure_cpu(cores: int) -> Choice:
    seconds: dict[str, float] = {}

    def timed(threads: int, dtype: str, attention: str) -> float:
        torch.set_num_threads(threads)
        name = f"{dtype}, {threads} threads, {attention}"
        seconds[name] = round(_work(dtype, attention), 5)
        return seconds[name]

    threads, dtype, attention = 1, "float32", "sdpa"
    best = timed(threads, dtype, attention)
    if cores > 1 and best > MORE_THREADS * (more := timed(cores, dtype, attention)):
        threads, best = cores, more
    if can_reduce() and best > REDUCED * (reduced := timed(threads, "bfloat16", attention)):
        dtype, best = "bfloat16", reduced
    others = {kernel: timed(threads, dtype, kernel) for kernel in ("matmul", COMPILED)}
    quickest = min(others, key=lambda kernel: others[kernel])
    if best > OTHER_KERNEL * others[quickest]:
        attention, best = quickest, others[quickest]
    processes = _processes(min(MOST_PROCESSES, cores), best, dtype, attention, seconds)
    choice = {"device": "cpu", "dtype": dtype, "threads": threads, "attention": attention, "processes": processes}
    return {**choice, **_measure_training(cores, seconds), "seconds": seconds}


def _processes(most: int, alone: float, dtype: str, attention: str, seconds: dict[str, float]) -> int:
    """Return how many processes of one thread small models are run in: one per core, if together they do enough more."""
    if most < 2:
        return 1
    context = multiprocessing.get_context("spawn")
    results, together = context.SimpleQueue(), context.Barrier(most)
    crowd = [context.Process(target=_beside, args=(together, results, dtype, attention)) for _ in range(most)]
    for process in crowd:
        process.start()
    for process in crowd:
        process.join()
    if any(process.exitcode for process in crowd):
        return 1
    name = f"{dtype}, {most} processes, {attention}"
    seconds[name] = round(max(results.get() for _ in crowd), 5)
    return most if most * alone > MORE_PROCESSES * seconds[name] else 1


def _beside(together: Any, results: Any, dtype: str, attention: str) -> None:
    torch.set_num_threads(1)
    together.wait(timeout=60)
    results.put(_work(dtype, attention))


def _measure_training(cores: int, seconds: dict[str, float]) -> Choice:
    """Choose threads and type for training, which is bound by large matrix products where generation is not."""

    def timed(threads: int, dtype: str) -> float:
        torch.set_num_threads(threads)
        name = f"training, {dtype}, {threads} threads"
        seconds[name] = round(_learning(dtype), 5)
        return seconds[name]

    threads, best = 1, timed(1, "float32")
    if cores > 1 and best > MORE_THREADS * (more := timed(cores, "float32")):
        threads, best = cores, more
    reduced = can_reduce() and best > REDUCED * timed(threads, "bfloat16")
    return {"training_dtype": "bfloat16" if reduced else "float32", "training_threads": threads}


def _learning(dtype: str) -> float:
    """Return the seconds of a small model's forward and backward pass: the best of three."""
    with torch.random.fork_rng(devices=[]):
        model = LlamaForCausalLM(LlamaConfig(**_SHAPE, attn_implementation=_TRAINED[dtype]))
    tokens = torch.arange(16 * 64).reshape(16, 64)

    def once() -> float:
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bfloat16"):
            loss = model(tokens, use_cache=False).logits.logsumexp(-1).mean()
        loss.backward()
        return time.perf_counter() - start

    return min(once() for _ in range(3))


def _work(dtype: str, attention: str) -> float:
    """Return the seconds a small model takes for a prompt and some tokens of each slot: the best of three."""
    config = LlamaConfig(**_SHAPE)
    with torch.random.fork_rng(devices=[]):
        model = LlamaForCausalLM(config).eval().requires_grad_(False)
    if can_pack(model):
        pack(model, torch.bfloat16 if dtype == "bfloat16" else torch.float32)
    engine = Engine(model, attention, reduced=dtype == "bfloat16")
    engine.serves()
    memory = engine.memory(SLOTS)
    engine.run(memory, [Piece(slot, 0, range(1, 129)) for slot in range(SLOTS)])
    steps = [[Piece(0, 0, range(1, 257))]]
    steps += [[Piece(slot, 128 + at, [7]) for slot in range(SLOTS)] for at in range(8)]
    return min(_seconds(engine, memory, steps) for _ in range(3))


def _seconds(engine: Engine, memory: SlotMemory, steps: list[list[Piece]]) -> float:
    start = time.perf_counter()
    for pieces in steps:
        engine.run(memory, pieces)
    return time.perf_counter() - start


if __name__ == "__main__":
    measure_machine(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
