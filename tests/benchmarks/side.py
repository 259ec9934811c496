"""One side of a contest as a process: reads a question per line, answers with a line; it computes only while it is asked."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

Handler = Callable[..., Any]


def serve(handlers: Mapping[str, Handler]) -> None:
    """Answer questions until the input ends; what libraries print goes to the log."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        answer = handlers[question.pop("do")](**question)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def gflops(threads: int, dtype: str) -> float:
    """Return the machine's best rate in a large matrix product, in 10^9 multiplications and additions a second."""
    import time  # noqa: PLC0415 - both sides import torch themselves, in their own time

    import torch  # noqa: PLC0415

    torch.set_num_threads(threads)
    size = 1536
    left = torch.randn(size, size).to(getattr(torch, dtype))
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        torch.nn.functional.linear(left, left)
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9
