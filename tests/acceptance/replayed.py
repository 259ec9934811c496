"""A bundle replayed on a machine that is laid out otherwise: same draws, and in float32 the same texts up to a near-tie.

The first machine writes by two threads of one process, the other by two processes, whose batches are others. A token at which
the two best scores lie within 1e-4 may fall either way (near_ties); everything before it must be the same, and a label of the
same two texts must give the same probability but for rounding.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from workbench.demo.recipe import PROMPTS
from workbench.runs.machine import this_machine

#: Prompts that are asked: enough for two processes.
_PROMPTS = 60
#: How far float32 may be apart in a probability.
_APART = 1e-3
_ALONE = {"dtype": "float32", "threads": 2, "processes": 1, "attention": "sdpa"}
_BESIDE = {"dtype": "float32", "threads": 1, "processes": 2, "attention": "compiled"}
_STAGES = (("chains", "--set", "rounds=2"), ("comparisons", "--set", "responses=2"), ("labels",))


def replay_targets(place: Path) -> list[dict[str, Any]]:
    """Make a project as one machine would, replay its bundle as another, and return whether both say the same."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    one, other = _Machine(place, "one", _ALONE), _Machine(place, "other", _BESIDE)
    with PROMPTS.open(encoding="utf-8") as lines:
        rows = [{**json.loads(line), "split": "train"} for line, _ in zip(lines, range(_PROMPTS), strict=False)]
    (place / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    one.do("new", "project", "--constitution", "demo")
    one.do("import", "project", "prompts.jsonl")
    for stage, *settings in _STAGES:
        one.do("run", "project", stage, *settings, "--seed", "5")
    one.do("bundle", "project", "-o", "bundle.zip")
    other.do("unbundle", "bundle.zip", "replayed")
    other.do("replay", "replayed")
    strayed = _strayed(one.rows("project", "steps"), other.rows("replayed", "steps"))
    off = _off(one.rows("project", "labels"), other.rows("replayed", "labels"))
    return [
        _target("replayed chains that part before a near-tie", strayed),
        _target("replayed labels of the same texts that differ", off),
    ]


class _Machine:
    """Commands on a machine that was measured so and so."""

    def __init__(self, place: Path, name: str, layout: dict[str, Any]) -> None:
        self._place, state = place, place.resolve() / f"state-{name}"
        (state / "constitution-workbench").mkdir(parents=True)
        measured = json.dumps({**this_machine(), **layout})
        (state / "constitution-workbench" / "machine.json").write_text(measured)
        self._environment = {**os.environ, "XDG_STATE_HOME": str(state)}

    def do(self, *command: str) -> str:
        """Do a command and return what it printed."""
        run = [sys.executable, "-m", "workbench", *command]
        return subprocess.run(
            run, cwd=self._place, env=self._environment, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    def rows(self, project: str, table: str) -> list[dict[str, Any]]:
        """Return all rows of a table."""
        found: list[dict[str, Any]] = json.loads(self.do("show", project, table, "--limit", "0", "--json"))
        return found


def _strayed(first: list[dict[str, Any]], again: list[dict[str, Any]]) -> int:
    """Count the chains whose texts part where neither machine saw a near-tie, or whose draws are others."""
    written = {step["id"]: step for step in again}
    assert len(written) == len(first) == len(again)
    chains = defaultdict(list)
    for step in first:
        chains[step["chain_id"]].append(step)
    strayed = 0
    for steps in chains.values():
        for step in sorted(steps, key=lambda one: int(one["index"])):
            same = written[step["id"]]
            strayed += (step["seed"], step["principle_id"]) != (same["seed"], same["principle_id"])
            if step["text"] != same["text"]:
                strayed += not (step["near_ties"] or same["near_ties"])
                break
    return strayed


def _off(first: list[dict[str, Any]], again: list[dict[str, Any]]) -> int:
    written = {label["id"]: label for label in again}
    both = [(label, written[label["id"]]) for label in first if label["id"] in written]
    assert len(both) >= len(first) // 2  # a pair of which a text fell the other way at a near-tie has another id
    return sum(abs(one["probability_a"] - two["probability_a"]) > _APART for one, two in both)


def _target(name: str, value: int) -> dict[str, Any]:
    return {"name": name, "target": "0", "value": float(value), "met": value == 0}
