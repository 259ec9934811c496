"""The table of pairs at size: `python tests/benchmarks/pair_table.py --pairs 100000`.

Prints how long each order, filter, page and count takes over a store with so many labelled comparisons, and an override of many.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from workbench.project import Project
from workbench.project.reviewing import override, undo_override
from workbench.records.comparison import Comparison, Label, OrderedAnswer
from workbench.records.constitution import Constitution, Principle
from workbench.records.prompt import prompt_of
from workbench.records.run import Plan
from workbench.store.comparison_states import SORTS, STATES, Wanted

REPEATS = 5


def filled(folder: Path, count: int) -> Project:
    """Return a project with so many labelled comparisons, five to a prompt."""
    made = Project.create(folder, Constitution("size", principles=(Principle("p0", comparison_question="Which?"),)))
    draws = random.Random(0)
    prompts = [
        prompt_of(f"Question number {number} about words", "red-team", "train", "made")
        for number in range(count // 5 + 1)
    ]
    made.import_prompts(prompts)
    with made.store.write():
        made.store.runs.record(Plan("labels-1", "labels"), folder / "runs" / "labels-1")
    for start in range(0, count, 5000):
        pairs = [
            Comparison(f"c{number:07}", prompts[number // 5].id, f"one answer {number} " * 8, f"another {number} " * 8)
            for number in range(start, min(count, start + 5000))
        ]
        labels = [
            Label(f"l{one.id}", one.id, (f"p{draws.randrange(9)}",), draws.random(),
                  (OrderedAnswer("ab", -0.5, -0.9), OrderedAnswer("ba", -0.4, -1.1)), draws.random() < 0.1)
            for one in pairs
        ]  # fmt: skip
        with made.store.write():
            made.store.comparisons.add(pairs, run_id=None)
            made.store.labels.add(labels, run_id="labels-1")
    return made


def timed(do: Callable[[], Any]) -> tuple[float, Any]:
    """Return the median of some calls in milliseconds, and what the last one returned."""
    taken, found = [], None
    for _ in range(REPEATS):
        start = time.perf_counter()
        found = do()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000, help="labelled comparisons in the store")
    count = parser.parse_args().pairs
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        made = filled(Path(place) / "project", count)
        print(f"{count:,} labelled pairs stored in {time.perf_counter() - start:.1f} s; medians of {REPEATS}")
        states = made.store.comparison_states
        for sort in SORTS:
            taken, keys = timed(partial(states.keys, Wanted(sort=sort, descending=True)))
            page, _ = timed(partial(states.rows, keys[len(keys) // 2 :][:100]))
            print(f"order {sort:12} {taken:8.1f} ms   a page of 100 in its middle {page:6.2f} ms")
        for state in STATES:
            taken, keys = timed(partial(states.keys, Wanted(state, sort="doubt")))
            print(f"state {state:12} {taken:8.1f} ms   {len(keys):,} pairs")
        for name, wanted in (("principle", Wanted(principle="p3")), ("words", Wanted(words="number 123"))):
            taken, keys = timed(partial(states.keys, replace(wanted, sort="probability")))
            print(f"{name:18} {taken:8.1f} ms   {len(keys):,} pairs")
        chosen = states.ids(Wanted(sort="doubt", limit=1000))
        start = time.perf_counter()
        done = override(made, chosen, "ann", "a", "measured")
        between = time.perf_counter()
        undo_override(made, done)
        print(
            f"override of 1,000 {1000 * (between - start):8.1f} ms   undo {1000 * (time.perf_counter() - between):.1f} ms"
        )
        made.close()


if __name__ == "__main__":
    main()
