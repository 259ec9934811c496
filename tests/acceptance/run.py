"""Measure what the demo must reach, except speed, and print target beside value: `make acceptance`.

Long and resumable: everything lies in .acceptance/, and what is measured there is not measured again. Exits with 1 where a
target is missed. `--only PART` measures one part; `--runs` and `--episodes` make a short look at over-optimisation, told apart
from the whole measurement.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.acceptance.killed import kill_targets
from tests.acceptance.over_optimisation import EPISODES, Measure, over_optimisation_targets
from tests.acceptance.readiness import refusal_targets, was_ready
from tests.acceptance.replayed import replay_targets
from tests.acceptance.wordings import wording_targets

PLACE = Path(".acceptance")
#: Judged by make demo on a quiet machine, not here.
SPEED = ("seconds",)
#: What is asked of the policies must hold for each of these.
SEEDS = (0, 1, 2)

Rows = list[dict[str, Any]]


def main() -> int:
    """Measure, print, and say whether all is met."""
    PLACE.mkdir(exist_ok=True)
    options = arguments()
    rows: Rows = []
    for part in options.only or PARTS:
        rows += _printed(PARTS[part](options))
    missed = sum(not row["met"] for row in rows)
    print(f"{len(rows) - missed} of {len(rows)} targets met.")
    return 1 if missed else 0


def arguments() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=tuple(PARTS), action="append", help="measure this part alone")
    parser.add_argument("--runs", type=int, default=10, help="runs of over-optimisation, of each kind")
    parser.add_argument("--first", type=int, default=0, help="first seed of those runs; 100 and above are for tuning")
    parser.add_argument("--episodes", type=int, default=EPISODES, help="responses in each run that is to go wrong")
    return parser.parse_args()


def demo_targets(_: argparse.Namespace) -> Rows:
    """Run the demo with each seed, or go on with it, and return its targets, and whether RL needed no override."""
    rows: Rows = []
    for seed in SEEDS:
        folder = demo_folder(seed)
        command = [sys.executable, "-m", "workbench", "demo", str(folder), "--seeds", str(seed), "--json"]
        report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
        ready = was_ready(folder)
        mine = [row for row in report["targets"] if row["name"] not in SPEED]
        mine.append({"name": "preference model ready without override", "target": "yes", "value": ready, "met": ready})
        rows += [{**row, "name": f"seed {seed}: {row['name']}"} for row in mine]
    return rows


def wordings(_: argparse.Namespace) -> Rows:
    """Return whether editing a wording means something."""
    return wording_targets(PLACE)


def readiness(_: argparse.Namespace) -> Rows:
    """Return whether preference models that measure nothing are refused."""
    return refusal_targets(PLACE / "readiness", demo_folder(0))


def over_optimisation(options: argparse.Namespace) -> Rows:
    """Return whether alarms pause runs whose reward is exploited, and leave healthy ones alone."""
    asked = Measure(tuple(range(options.first, options.first + options.runs)), options.episodes)
    return over_optimisation_targets(PLACE / "over_optimisation", demo_folder(0), asked)


def replayed(_: argparse.Namespace) -> Rows:
    """Return whether a bundle says on another machine what it said on the first."""
    return replay_targets(PLACE / "replayed")


def killed(_: argparse.Namespace) -> Rows:
    """Return whether trainings that are killed and resumed end with the same parameters."""
    return kill_targets()


PARTS: dict[str, Callable[[argparse.Namespace], Rows]] = {
    "demo": demo_targets,
    "wordings": wordings,
    "readiness": readiness,
    "killed": killed,
    "replayed": replayed,
    "over_optimisation": over_optimisation,
}


def demo_folder(seed: int) -> Path:
    """Return where the demo of a seed lies."""
    return PLACE / ("demo" if seed == 0 else f"demo-{seed}")


def _printed(rows: Rows) -> Rows:
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        value = "not measured" if row["value"] is None else f"{float(row['value']):.4g}"
        mark = "met   " if row["met"] else "MISSED"
        print(f"{mark}  {row['name']:<{width}}  {row['target']:>14}  {value:>12}", flush=True)
    return rows


if __name__ == "__main__":
    sys.exit(main())
