"""How long a large file takes to come in, and how much memory: `python tests/benchmarks/import_rows.py --rows 1000000`.

It is taken over as by `workbench import`. Beside it stands what SQLite alone takes for the same rows, and how long the project
then takes to open. The load is printed with the figures; processor seconds tell what a busy machine hides. They and
memory count the process that reads the file as well.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

from tests.benchmarks.import_floor import bare
from workbench.interchange.bundled import load_constitution
from workbench.project import Project
from workbench.project.importing import FileImport, Wanted

#: The process that writes, and the one that reads.
_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
KINDS = ("prompts", "pairs", "preferences", "completions")


def row_of(number: int, kind: str) -> dict[str, str]:
    """Return one synthetic row of some hundred characters."""
    prompt = (
        f"Tell me about the number {number} and how it relates to the colour of the sky in place {number * 7 % 1000}."
    )
    if kind == "prompts":
        return {"prompt": prompt}
    if kind == "completions":
        return {"prompt": prompt, "completion": f"It is {number}."}
    names = ("response_a", "response_b") if kind == "pairs" else ("chosen", "rejected")
    return {"prompt": prompt, names[0]: f"It is {number}.", names[1]: f"I do not know {number}."}


def measured(folder: Path, rows: int, kind: str, split: str = "train") -> dict[str, object]:
    """Import a new file into a new project and return the figures."""
    file = folder / "rows.jsonl"
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row_of(number, kind)) + "\n" for number in range(rows))
    constitution, text = load_constitution("harmlessness")
    place = folder / "project"
    Project.create(place, constitution, text).close()
    wall, used = time.perf_counter(), _processor()
    with Project.open(place) as project:
        taken = FileImport(Wanted(str(file), split=split)).take_whole(project, skip_bad=False)
    seconds, processor = time.perf_counter() - wall, _processor() - used
    peaks = [resource.getrusage(who).ru_maxrss // 1024 for who in _WHO]
    opening = time.perf_counter()
    Project.open(place, backed_up=False).close()
    opening = time.perf_counter() - opening
    floor = bare(place / "project.db", folder / "bare.db")
    return {
        "kind": kind, "rows": rows, "new": taken.new, "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1), "peak_mb": sum(peaks), "peaks_mb": peaks, "opening_seconds": round(opening, 1),
        "sqlite_alone_seconds": floor["seconds"], "sqlite_alone_processor_seconds": floor["processor_seconds"],
        "ratio": round(processor / floor["processor_seconds"], 2), "load": os.getloadavg()[0],
    }  # fmt: skip


def _processor() -> float:
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, _WHO))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kind", choices=KINDS, default="preferences")
    parser.add_argument("--split", default="train", help="or shares of splits, of prompts")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), asked.rows, asked.kind, asked.split)))


if __name__ == "__main__":
    main()
