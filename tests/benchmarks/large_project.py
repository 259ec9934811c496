"""The demo project with very many labels beside its own: `python tests/benchmarks/large_project.py FOLDER --labels 1000000`.

What the window makes of it is measured by window_start.py --project FOLDER --pages.
"""

import argparse
import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

from workbench.demo.recorded import unpack
from workbench.project import Project
from workbench.records.comparison import Comparison, Label, OrderedAnswer
from workbench.records.prompt import Prompt, prompt_of
from workbench.records.run import Plan, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.status import Status

BATCH = 20_000
PAIRS_TO_A_PROMPT = 5
RUN = "labels-99"


def fill(project: Project, count: int) -> None:
    """Add so many labelled comparisons to a project, a batch a transaction."""
    draws = random.Random(0)
    principles = [one.id for one in project.constitution.constitution.principles]
    run = _finished_run(project, count)
    with project.store.write():
        project.store.runs.record(run.plan, run.path)
    with project.store.very_many():
        for start in range(0, count, BATCH):
            numbers = range(start, min(count, start + BATCH))
            prompts = {number // PAIRS_TO_A_PROMPT: _prompt(number // PAIRS_TO_A_PROMPT) for number in numbers}
            pairs = [_pair(number, prompts[number // PAIRS_TO_A_PROMPT].id) for number in numbers]
            with project.store.write():
                project.store.prompts.add(prompts.values())
                project.store.comparisons.add(pairs, run_id=None)
                project.store.labels.add(_labels(pairs, principles, draws), run_id=RUN)


def _finished_run(project: Project, count: int) -> RunFolder:
    """Return the folder of a run that has told all it has to tell."""
    version = project.constitution
    plan = Plan(RUN, "labels", constitution_hash=version.hash, total=count, created="2026-01-01T00:00:00+00:00")
    folder = RunFolder.create(project.folder / "runs" / RUN, plan, version.constitution, [], version.yaml)
    folder.write_status(Status(RunState.FINISHED, done=count, total=count))
    return folder


def _prompt(number: int) -> Prompt:
    return prompt_of(f"Question number {number} about the words of place {number % 997}", "red-team", "train", "made")


def _pair(number: int, prompt_id: str) -> Comparison:
    first, second = (f"{word} answer {number} of some words " * 2 for word in ("One", "Another"))
    return Comparison(f"made{number:09}", prompt_id, first, second)


def _labels(pairs: list[Comparison], principles: list[str], draws: random.Random) -> Iterator[Label]:
    answers = (OrderedAnswer("ab", -0.5, -0.9), OrderedAnswer("ba", -0.4, -1.1))
    for one in pairs:
        flips = draws.random() < 0.1
        yield Label(f"l{one.id}", one.id, (draws.choice(principles),), draws.random(), answers, flips)


def main() -> None:
    """Make the project and say how long it took and how large its database is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labels", type=int, default=1_000_000)
    asked = parser.parse_args()
    began, used = time.perf_counter(), time.process_time()
    with unpack(asked.folder) as project:
        fill(project, asked.labels)
    size = (asked.folder / "project.db").stat().st_size / 1e6
    print(
        f"{asked.labels:,} labels in {time.perf_counter() - began:.0f} s (processor time "
        f"{time.process_time() - used:.0f} s, load {os.getloadavg()[0]:.1f}); database {size:,.0f} MB"
    )


if __name__ == "__main__":
    main()
