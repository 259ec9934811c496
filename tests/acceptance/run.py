"""Measure what the demo must reach, except speed, and print target beside value: `make acceptance`.

Long and resumable: everything lies in .acceptance/, and what is measured there is not measured again. Exits with 1 where a
target is missed.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.acceptance.wordings import wording_targets

PLACE = Path(".acceptance")
#: Judged by make demo on a quiet machine, not here.
SPEED = ("seconds",)


def main() -> int:
    """Measure, print, and say whether all is met."""
    PLACE.mkdir(exist_ok=True)
    rows = [row for row in demo_targets() if row["name"] not in SPEED] + wording_targets(PLACE)
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        value = "not measured" if row["value"] is None else f"{row['value']:.4g}"
        print(f"{'met   ' if row['met'] else 'MISSED'}  {row['name']:<{width}}  {row['target']:>14}  {value:>12}")
    missed = sum(not row["met"] for row in rows)
    print(f"{len(rows) - missed} of {len(rows)} targets met.")
    return 1 if missed else 0


def demo_targets() -> list[dict[str, Any]]:
    """Run the demo with seed 0, or go on with it, and return its targets."""
    command = [sys.executable, "-m", "workbench", "demo", str(PLACE / "demo"), "--json"]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    targets: list[dict[str, Any]] = report["targets"]
    return targets


if __name__ == "__main__":
    sys.exit(main())
