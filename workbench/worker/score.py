"""Scoring by a preference model for those who have no torch: python -m workbench.worker.score MODEL ROWS SCORES.

ROWS holds a line of JSON for each prompt: `prompt` as turns and `responses`, a list of texts; SCORES gets a line for each
with `scores`, in the same order.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.errors import MissingError, WorkbenchError
from workbench.records.task import TASKS, Task
from workbench.records.transcript import Message
from workbench.stages.chains import worded

_AT_ONCE = 256


def main(arguments: Sequence[str] | None = None) -> int:
    """Score the rows; return 0, or 1 with a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m workbench.worker.score", description=__doc__)
    parser.add_argument("model", type=Path, help="a preference model's folder")
    parser.add_argument("rows", type=Path)
    parser.add_argument("scores", type=Path)
    parser.add_argument("--task", default="dialogue", help="how prompts are worded")
    parser.add_argument("--machine", default="{}", help="device, type and threads, as a plan has them, in JSON")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.task not in TASKS:
            raise MissingError("There is no task {task}; there are {tasks}.", task=chosen.task, tasks=", ".join(TASKS))
        _score(chosen.model, chosen.rows, chosen.scores, TASKS[chosen.task], json.loads(chosen.machine))
    except WorkbenchError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command line
        return 1
    return 0


def _score(model: Path, rows: Path, scores: Path, task: Task, machine: Mapping[str, Any]) -> None:
    from workbench.stages.training.compute import compute_of  # noqa: PLC0415 - torch only once the arguments are right
    from workbench.stages.training.scorer import load_scorer  # noqa: PLC0415
    from workbench.stages.training.weights import require_preference_model  # noqa: PLC0415

    require_preference_model(model)
    compute = compute_of(machine)
    compute.use_threads()
    scorer = load_scorer(model, compute, task.roles)
    with rows.open(encoding="utf-8") as lines, scores.open("w", encoding="utf-8") as out:
        while batch := list(islice(lines, _AT_ONCE)):
            found = iter(scorer.score([pair for line in batch for pair in _pairs(task, json.loads(line))]))
            for line in batch:
                count = len(json.loads(line)["responses"])
                out.write(json.dumps({"scores": list(islice(found, count))}) + "\n")


def _pairs(task: Task, row: Mapping[str, Any]) -> Iterator[tuple[Sequence[Message], str]]:
    turns = worded(task, [Message(turn["role"], turn["text"]) for turn in row["prompt"]])
    return ((turns, text) for text in row["responses"])


if __name__ == "__main__":
    sys.exit(main())
