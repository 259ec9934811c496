"""Train the demo model from nothing: `python -m workbench.demo.train --out DIR`, stoppable and resumable."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from workbench.demo.train.folder import Settings
from workbench.demo.train.training import run


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for tokenizer and checkpoints")
    parser.add_argument("--minutes", type=float, default=90.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shape", type=json.loads, default=[192, 6, 512], help="hidden, layers, inner")
    parser.add_argument("--resume-from", type=Path, help="a finished model folder to go on from")
    parser.add_argument("--export-to", type=Path, help="where the model folder goes; default: OUT/model")
    parser.add_argument("--no-compile", dest="compiled", action="store_false")
    given = vars(parser.parse_args())
    given["export_to"] = given["export_to"] or given["out"] / "model"
    given["shape"] = tuple(given["shape"])
    run(Settings(**given))


if __name__ == "__main__":
    main()
