"""Asking for scores of a preference model from where there is no torch: a process of its own works and ends."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.records.encoding import to_data
from workbench.records.transcript import Message
from workbench.runs.launcher import environment

SCORER: tuple[str, ...] = (sys.executable, "-m", "workbench.worker.score")


def score_texts(
    model: Path, rows: Sequence[tuple[Sequence[Message], Sequence[str]]], task: str, machine: Mapping[str, Any]
) -> list[list[float]]:
    """Return the scores of each row's responses to its conversation; raises BadInputError with what the process said."""
    with tempfile.TemporaryDirectory(prefix="workbench-score-") as place:
        asked, answered = Path(place) / "rows.jsonl", Path(place) / "scores.jsonl"
        with asked.open("w", encoding="utf-8") as out:
            out.writelines(
                json.dumps({"prompt": to_data(list(turns)), "responses": list(texts)}) + "\n" for turns, texts in rows
            )
        options = ["--task", task, "--machine", json.dumps(dict(machine))]
        command = [*SCORER, str(model), str(asked), str(answered), *options]
        done = subprocess.run(
            command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            raise BadInputError(said[-1] if said else f"Scoring with {model} failed without a word.")
        with answered.open(encoding="utf-8") as lines:
            return [json.loads(line)["scores"] for line in lines]
