"""Preference models that must not become a reward: one trained on shuffled labels, one that only measures length."""

import dataclasses
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.demo.recipe import Notes
from workbench.records.encoding import from_data
from workbench.records.rows import PreferenceRow
from workbench.records.settings import PreferenceModelSettings
from workbench.runs.folder import RunFolder
from workbench.runs.machine import this_machine
from workbench.stages.training.compute import compute_of
from workbench.stages.training.course import Place
from workbench.stages.training.preference_model import train_preference_model
from workbench.stages.training.watching import Quiet


def refusal_targets(place: Path, demo: Path) -> list[dict[str, Any]]:
    """Train both models on the demo's comparisons, unless they are there, and return whether each is refused."""
    notes = Notes.read(demo)
    folder = RunFolder.open(demo / "runs" / notes.runs["preference_model"])
    rows = list(folder.inputs(PreferenceRow))
    found = []
    for name, spoilt in (("shuffled labels", _shuffled(rows)), ("length alone", _by_length(rows))):
        output = place / name.replace(" ", "-") / "output"
        if not (output / "readiness.json").is_file():
            settings = from_data(PreferenceModelSettings, folder.plan.settings)
            where = Place(output, output.with_name("checkpoints"), 0, compute_of(this_machine()))
            start = Path(folder.plan.models["policy"].folder or "")
            train_preference_model(start, spoilt, settings, where, Quiet())
        ready = json.loads((output / "readiness.json").read_text())["ready"]
        found.append(
            {
                "name": f"preference model of {name} is refused",
                "target": "yes",
                "value": float(not ready),
                "met": not ready,
            }
        )
    return found


def was_ready(demo: Path) -> bool:
    """Say whether a demo's RL took its preference model without an override."""
    plan = RunFolder.open(demo / "runs" / Notes.read(demo).runs["rl"]).plan
    return "is ready" in plan.selection and not plan.settings["override_readiness"]


def _shuffled(rows: Sequence[PreferenceRow]) -> list[PreferenceRow]:
    """Give the training rows each other's labels; what measures the model stays true."""
    learnt = [row.probability_a for row in rows if not row.held_out]
    random.Random(0).shuffle(learnt)
    drawn = iter(learnt)
    return [row if row.held_out else dataclasses.replace(row, probability_a=next(drawn)) for row in rows]


def _by_length(rows: Sequence[PreferenceRow]) -> list[PreferenceRow]:
    """Have the training rows prefer the longer response; rows of equal length teach nothing."""

    def longer(row: PreferenceRow) -> float:
        a, b = len(row.response_a.split()), len(row.response_b.split())
        return 0.5 if a == b else 0.95 if a > b else 0.05

    return [row if row.held_out else dataclasses.replace(row, probability_a=longer(row)) for row in rows]
