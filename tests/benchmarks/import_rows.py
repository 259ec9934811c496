"""How long a large file takes to come in, and how much memory: `python tests/benchmarks/import_rows.py --rows 1000000`.

The file is read twice, as by `workbench import`: once to list what is bad, once to take it over. The load is printed beside the
figures; processor seconds tell what a busy machine hides.
"""

import argparse
import json
import os
import resource
import tempfile
import time
from pathlib import Path

from workbench.interchange.bundled import load_constitution
from workbench.project import Project
from workbench.project.importing import FileImport, Wanted


def row_of(number: int, kind: str) -> dict[str, str]:
    """Return one synthetic row of some hundred characters."""
    prompt = (
        f"Tell me about the number {number} and how it relates to the colour of the sky in place {number * 7 % 1000}."
    )
    if kind == "prompts":
        return {"prompt": prompt}
    names = ("response_a", "response_b") if kind == "pairs" else ("chosen", "rejected")
    return {"prompt": prompt, names[0]: f"It is {number}.", names[1]: f"I do not know {number}."}


def measured(folder: Path, rows: int, kind: str) -> dict[str, object]:
    """Import a new file into a new project and return the figures."""
    file = folder / "rows.jsonl"
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row_of(number, kind)) + "\n" for number in range(rows))
    constitution, text = load_constitution("harmlessness")
    with Project.create(folder / "project", constitution, text) as project:
        wall, used = time.perf_counter(), time.process_time()
        coming = FileImport(Wanted(str(file)))
        for _ in coming.check():
            pass
        read = time.perf_counter() - wall
        for _ in coming.take(project):
            pass
        there = project.store.prompts.count()
    return {
        "kind": kind, "rows": rows, "prompts": there,
        "seconds": round(time.perf_counter() - wall, 1), "of_them_reading": round(read, 1),
        "processor_seconds": round(time.process_time() - used, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "load": os.getloadavg()[0],
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kind", choices=("prompts", "pairs", "preferences"), default="prompts")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(folder), asked.rows, asked.kind)))


if __name__ == "__main__":
    main()
