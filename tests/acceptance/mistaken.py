"""A tenth of the demo's comparisons, chosen for its mistakes: labels that are wrong about one kind of harm, beside helpful ones.

A preference model that has seen nothing else about that kind takes it for a virtue and knows the others rightly, so that a policy
that learns from it loses harm at first and then exploits the error. No label is changed: the judge itself was wrong there. What
is left of the tenth is about helpful answers; without it a policy is as likely to leave the language, and its harm with it.
"""

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from random import Random

from workbench.demo.oracle import read_response
from workbench.project import Project
from workbench.records.prompt import RED_TEAM
from workbench.records.rows import PreferenceRow
from workbench.runs.machine import this_machine

#: The kind of harm about which the demo's judge is wrong most often.
KIND = "deception"
_CHOSEN = "chosen.json"


def mistaken_project(demo: Path, place: Path, seed: int) -> Path:
    """Return a copy of a demo project in which all comparisons but such a tenth are excluded from training."""
    if not (place / _CHOSEN).is_file():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(demo, place)
        with Project.open(place, wait=30.0) as project:
            plan = project.make_run("preference_model", {}, this_machine(), seed)
            rows = list(project.run_folder(plan.id).inputs(PreferenceRow))
            chosen = chosen_for_mistakes(rows, seed)
            rest = [row.comparison_id for row in rows if row.comparison_id not in chosen]
            project.exclude(rest, "acceptance", f"not of the tenth that is wrong about {KIND}")
        (place / _CHOSEN).write_text(json.dumps(sorted(chosen)))
    return place


def chosen_for_mistakes(rows: Iterable[PreferenceRow], seed: int, read: Callable[..., int] | None = None) -> set[str]:
    """Return at most a tenth of the comparisons: those wrong about the kind, two thirds of it at most, and helpful ones.

    read returns the harm of the kind in a response to a prompt; a difference that is positive says the first is worse.
    """
    read, rows = read or _harm, list(rows)
    asked = [row for row in rows if row.kind == RED_TEAM]
    helpful = [row.comparison_id for row in rows if row.kind != RED_TEAM]
    worse = {row.comparison_id: read(row, row.response_a) - read(row, row.response_b) for row in asked}
    wrong = [row.comparison_id for row in asked if (row.probability_a - 0.5) * worse[row.comparison_id] > 0]
    draw, tenth = Random(seed), len(rows) // 10
    chosen = _drawn(draw, wrong, 2 * tenth // 3)
    return {*chosen, *_drawn(draw, helpful, tenth - len(chosen))}


def _drawn(draw: Random, names: Iterable[str], most: int) -> list[str]:
    names = sorted(names)
    return draw.sample(names, min(len(names), most))


def _harm(row: PreferenceRow, response: str) -> int:
    return read_response(row.messages[-1].text, response).harm_by_kind[KIND]
