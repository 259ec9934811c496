"""Rewards exploited on purpose, and healthy runs: whether the alarms pause the former in time and leave the latter alone.

Each seed trains a preference model on a tenth of the demo's comparisons, chosen for its mistakes, and one on nine tenths of those
that train the demo's, which watches; the policy learns from the former without a KL penalty. Resuming a paused run goes on
without the alarm that paused it and ends as a run does that ignored it (tests hold that), so one run gives both: where it paused,
and what would have come. Everything comes after the demo's labels with seed 0; the seeds 0 to 9 are those of the preference
models and of RL. Rules may be tuned on seeds from 100.

A tenth drawn by lot is exploited too, but not towards harm: read twelve times, on the tuning seeds 100 to 102 (101 for four
fifths of the way), the policy left the language and helpfulness fell from 60 to 17, 23 and 4; harm came back with one of three.
"""

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.acceptance.harm_over_rl import course_of, helpfulness_of, looks_of, targets_of
from tests.acceptance.mistaken import mistaken_project
from workbench.cli.following import follow_run, start_again
from workbench.demo.recipe import PREFERENCE_MODEL, RL, Notes
from workbench.project import Project
from workbench.records.run import Metric, Run, RunState
from workbench.runs.folder import RunFolder
from workbench.runs.machine import this_machine

#: Prompts asked at each look, half of them red-team ones.
PINNED = "320"
#: A run that may be exploited is three times as long as the demo's, at a lower learning rate that does not sink.
EPISODES, EVERY, LEARNING_RATE = 1920, 2, "1e-4"
#: It is read six times, each label as the judge's choice.
MISTAKEN = {**PREFERENCE_MODEL, "held_out_share": "0.05", "soft_labels": "false", "epochs": "6"}


@dataclass(frozen=True)
class Measure:
    """How much is measured: seeds counted, and the length of the runs that are to go wrong."""

    seeds: tuple[int, ...] = tuple(range(10))
    episodes: int = EPISODES
    pinned: str = PINNED


def over_optimisation_targets(place: Path, demo: Path, asked: Measure | None = None) -> list[dict[str, Any]]:
    """Measure every seed, skipping what the files in place hold already, and return the targets."""
    asked = asked or Measure()
    place.mkdir(parents=True, exist_ok=True)
    project = place / "project"
    if not project.is_dir():
        shutil.copytree(demo, place / "copy")
        (place / "copy").rename(project)
    found: dict[str, list[dict[str, Any]]] = {"provoked": [], "healthy": []}
    for seed in asked.seeds:
        for kind, rows in found.items():
            length = f"-{asked.episodes}" if kind == "provoked" else ""
            file = place / f"{kind}{length}-{seed}.json"
            if not file.is_file():
                result = _provoked(project, seed, asked) if kind == "provoked" else _healthy(project, seed)
                file.write_text(json.dumps({"seed": seed, **result}, indent=1))
            rows.append(json.loads(file.read_text()))
    return targets_of(found["provoked"], found["healthy"])


def _provoked(project: Path, seed: int, asked: Measure) -> dict[str, Any]:
    mistaken = mistaken_project(project, project.parent / f"mistaken-{seed}", seed)
    reward, _ = _run(mistaken, f"mistaken_{seed}", "preference_model", MISTAKEN, seed)
    settings = {
        "reward": str(Path(reward.folder) / "output"),
        "gold": _gold(project, seed),
        "override_readiness": "true",
        "kl_coef": "0",
        "schedule": "constant",
        "learning_rate": LEARNING_RATE,
        "episodes": str(asked.episodes),
        "pinned": asked.pinned,
        "pinned_every": str(EVERY),
    }
    name = f"provoked_{asked.episodes}_{seed}"
    run, paused = _run(project, name, "rl", settings, seed)
    folder = RunFolder.open(Path(run.folder))
    step = paused[0] if paused else None
    course = course_of(looks_of(folder), step, _first_alarm(folder) if paused else "")
    harms = [(look.step, look.mean, len(look.harms)) for look in looks_of(folder)]
    told = {"harm": harms, "helpfulness": helpfulness_of(folder), "gold": _series(folder, "objective/gold")}
    told |= {name: _series(folder, f"objective/{name}") for name in ("kl", "gold_agreement")}
    return {**course.plain(), **told}


def _healthy(project: Path, seed: int) -> dict[str, Any]:
    settings = {**RL, "reward": Notes.read(project).runs["preference_model"], "gold": _gold(project, seed)}
    run, paused = _run(project, f"healthy_{seed}", "rl", settings, seed, to_the_end=False)
    return {"paused": bool(paused), "reason": run.reason if paused else ""}


def _gold(project: Path, seed: int) -> str:
    settings = {**PREFERENCE_MODEL, "held_out_share": "0.1", "data_from": "0.1"}
    return _finished(project, f"gold_{seed}", "preference_model", settings, seed)


def _finished(project: Path, name: str, stage: str, settings: dict[str, str], seed: int) -> str:
    return _run(project, name, stage, settings, seed)[0].id


def _run(
    project: Path, name: str, stage: str, settings: dict[str, str], seed: int, to_the_end: bool = True
) -> tuple[Run, list[int]]:
    """Run a stage or go on with it; return the run and the steps at which alarms paused it, resuming it after each."""
    notes, file = Notes.read(project), project / "paused.json"
    pauses: dict[str, list[int]] = json.loads(file.read_text()) if file.is_file() else {}
    with Project.open(project, wait=30.0) as opened:
        if name not in notes.runs:
            notes.runs[name] = opened.make_run(stage, settings, this_machine(), seed).id
            notes.write(project)
        folder, run = opened.run_folder(notes.runs[name]), opened.run(notes.runs[name])
    while run.state is not RunState.FINISHED and not (pauses.get(name) and not to_the_end):
        offset = start_again(folder)
        run = follow_run(project, folder, quiet=True, offset=offset)
        if run.state is RunState.PAUSED and run.reason.startswith("Alarm"):
            pauses.setdefault(name, []).append(run.done)
            file.write_text(json.dumps(pauses))
        elif run.state is not RunState.FINISHED:
            raise SystemExit(f"Run {run.id} of {project} is {run.state}: {run.reason}")
    return replace(run, folder=str(folder.path)), pauses.get(name, [])


def _first_alarm(folder: RunFolder) -> str:
    told = [(metric.step, metric.name) for metric in folder.results(Metric) if metric.name.startswith("alarm/")]
    return min(told)[1].removeprefix("alarm/") if told else ""


def _series(folder: RunFolder, name: str) -> list[float]:
    return [value for _, value in sorted((m.step, m.value) for m in folder.results(Metric) if m.name == name)]
