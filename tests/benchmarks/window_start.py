"""How long the window takes: first paint (target 0.5 s), a usable demo project (target 1 s), and each page's first content.

python tests/benchmarks/window_start.py [TIMES] [--labels 1000000] [--project FOLDER] [--pages] [--rest SECONDS]

Each time is a new process, under a display of its own where one is set, offscreen otherwise. With --labels the demo project
holds so many more, made by large_project.py, which takes minutes; --project takes one made before, and leaves it as it is but for
what opening a project writes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.demo.recorded import unpack

BESIDE = Path(__file__).parent
TARGETS = {"painted": 0.5, "usable": 1.0}


def once(project: Path, state: str, visits: Sequence[str]) -> dict[str, Any]:
    """Start a window on a project and return what it told."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} if "DISPLAY" not in os.environ else {}
    environment = os.environ | environment | {"XDG_STATE_HOME": state, "BEGAN": str(time.time())}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed workbench has its bytecode
    command = [sys.executable, str(BESIDE / "window_side.py"), str(project), *visits]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def asked() -> argparse.Namespace:
    """Return what is asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("times", type=int, nargs="?", default=7)
    parser.add_argument("--labels", type=int, default=0, help="labels beside the demo's own")
    parser.add_argument("--project", type=Path, help="a project made before")
    parser.add_argument("--pages", action="store_true", help="go from page to page too")
    parser.add_argument(
        "--rest", type=float, default=0.0, help="seconds before that, in which pages are made and loaded ahead"
    )
    return parser.parse_args()


def made(folder: Path, labels: int) -> Path:
    """Return the demo project, with more labels where they are asked for."""
    began = time.perf_counter()
    if labels:
        command = [sys.executable, str(BESIDE / "large_project.py"), str(folder), "--labels", str(labels)]
        subprocess.run(command, check=True)
    else:
        unpack(folder).close()
        print(f"recorded demo unpacked and collected: {time.perf_counter() - began:.2f} s (target 3 s)")
    return folder


def print_pages(told: list[dict[str, Any]]) -> None:
    """Print how soon each page showed what it holds, and what the store's thread was longest at."""
    for key in told[0]["pages"]:
        row = {name: statistics.median(one["pages"][key][name] for one in told) for name in ("seconds", "cpu", "stall")}
        print(
            f"{key:14} first content after {1000 * row['seconds']:6.0f} ms, processor time {1000 * row['cpu']:6.0f} ms, "
            f"longest stall {1000 * row['stall']:6.0f} ms"
        )
    slow = {name: statistics.median(one["asked"].get(name, 0.0) for one in told) for name in told[0]["asked"]}
    for name, seconds in sorted(slow.items(), key=lambda item: -item[1])[:12]:
        print(f"    {1000 * seconds:6.0f} ms at the store for: {name}")


def main() -> int:
    """Measure, and say each figure beside its target."""
    wanted = asked()
    with tempfile.TemporaryDirectory() as folder:
        project = wanted.project or made(Path(folder) / "demo", wanted.labels)
        state = str(Path(folder) / "state")
        Path(state).mkdir()
        visits = [str(wanted.rest)] if wanted.pages else []
        # The first warms the disk's cache.
        told = [once(project, state, visits) for _ in range(wanted.times + 1)][1:]
    for name, target in TARGETS.items():
        values = [one[name] for one in told]
        print(
            f"{name}: median {statistics.median(values):.2f} s, best {min(values):.2f}, worst {max(values):.2f} of "
            f"{wanted.times} (target {target} s); processor time {statistics.median(one[f'{name}_cpu'] for one in told):.2f} s"
        )
    print(f"heavy modules before the first paint: {', '.join(told[0]['heavy']) or 'none'}")
    print(f"torch in the window's process: {'yes' if told[0]['torch'] else 'no'}")
    print_pages(told)
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return 0


if __name__ == "__main__":
    sys.exit(main())
