"""What a training will need before it is started: memory and time by formula, corrected by what similar runs measured."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from workbench.errors import BadInputError
from workbench.project.asking import Asked
from workbench.project.model_choice import ModelChoice
from workbench.project.project import Project
from workbench.project.readiness import not_ready
from workbench.project.selection import Request, select_inputs
from workbench.records.encoding import to_data
from workbench.records.model import ModelRef
from workbench.records.run import Run, RunState
from workbench.records.spread import ONE, Spread
from workbench.records.task import TASKS
from workbench.runs.folder import RunFolder
from workbench.runs.launchers import read_launcher, spread_in, spread_of
from workbench.sentences import said
from workbench.sizing.duration import gain_of, operations, speed_of
from workbench.sizing.memory import training_memory
from workbench.sizing.shape import Shape, shape_of
from workbench.sizing.texts import Lengths, lengths_of

#: Runs that are looked at to correct an estimate.
_MOST_RUNS = 5
#: A run is similar when its model is at most this many times as large or small.
_ALIKE = 2.0
#: Above this share of what is free it is tight.
_TIGHT = 0.8


@dataclass(frozen=True)
class TrainingEstimate:
    """Memory in MB, by part and in all, and what is free of it; seconds (None: cannot be told yet), steps, and from what."""

    rows: int
    steps: int
    memory_mb: float
    free_mb: float
    parts: Mapping[str, float] = field(default_factory=dict)
    seconds: float | None = None
    #: Runs the figures were corrected by, and the most memory the newest of them measured.
    similar: tuple[str, ...] = ()
    measured_mb: float = 0.0
    selection: str = ""
    #: Over how many processes it is spread, and what the figures take to be so, where a launcher is asked for.
    spread: str = ""
    #: The model in each role, in words.
    models: Mapping[str, str] = field(default_factory=dict)
    #: Why the models that reward are not ready to; nothing where they are, or where nothing rewards.
    not_ready: str = ""

    @property
    def fits(self) -> str:
        """Whether it fits: fits, tight, or will not fit."""
        if self.memory_mb > self.free_mb:
            return said("will not fit")
        return "tight" if self.memory_mb > _TIGHT * self.free_mb else "fits"


def estimate(
    project: Project, stage: str, texts: Mapping[str, str], machine: Mapping[str, Any], seed: int = 0
) -> TrainingEstimate:
    """Estimate a training from what a person would ask for; raises what make_run would raise where something is missing."""
    asked = Asked.of(stage, texts, seed)
    spread = spread_in(read_launcher(asked.launcher, stage)) if asked.launcher else ONE
    settings = to_data(asked.settings)
    request = Request(stage, asked.settings, asked.seed, project.constitution.hash, asked.source_runs)
    selected = select_inputs(project.store, request)
    models = ModelChoice(project.store, asked.models).models(stage, asked.settings)
    learnt = [row for row in selected.inputs if not getattr(row, "held_out", False)]
    policy = Path(models["policy"].folder or "")
    most = settings.get("max_tokens") or TASKS[project.constitution.constitution.task].max_response_tokens
    lengths = lengths_of(learnt, policy, most)
    shapes = _shapes(models)
    memory = training_memory(stage, settings, shapes, lengths, machine, spread)
    work, steps = operations(stage, settings, shapes, lengths)
    speed = speed_of(machine, machine.get("seconds", {}))
    similar = _similar(project, stage, shapes["policy"], machine)
    found = [_compared(run, stage, shapes, lengths, machine, speed) for run in similar]
    more = median([one for one, _ in found]) if found else 1.0
    paces = [pace for _, pace in found if pace]
    pace = median(paces) if paces else speed
    more *= _beside_each_other(spread, machine)
    return TrainingEstimate(
        rows=lengths.rows,
        steps=steps,
        memory_mb=memory.total * more,
        free_mb=free_memory_mb(machine),
        parts={name: amount * more for name, amount in memory.parts.items()},
        seconds=work / (pace * gain_of(spread, machine)) if pace else None,
        similar=tuple(run.id for run in similar),
        measured_mb=similar[0].peak_memory_mb if similar else 0.0,
        selection=selected.words,
        spread=_spread_words(spread, machine) if asked.launcher else "",
        models={role: ref.label or ref.location for role, ref in models.items()},
        not_ready=not_ready(models) if stage == "rl" else "",
    )


def free_memory_mb(machine: Mapping[str, Any]) -> float:
    """Return the megabytes that are free on the device a training would use."""
    if machine.get("device", "cpu") == "cpu" or not (program := shutil.which("nvidia-smi")):
        return psutil.virtual_memory().available / 1e6
    query = [program, "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    told = subprocess.run(query, capture_output=True, text=True, check=False, timeout=10).stdout.split()
    return float(told[0]) * (1 << 20) / 1e6 if told else 0.0


def _spread_then(run: Run) -> Spread:
    try:
        return spread_of(RunFolder(Path(run.folder))) or ONE
    except BadInputError:  # edited by hand since
        return ONE


def _beside_each_other(spread: Spread, machine: Mapping[str, Any]) -> int:
    """Return how many processes have the same memory: on processors all of a machine, while each GPU has its own."""
    return spread.on_each if spread.cpu or machine.get("device", "cpu") == "cpu" else 1


def _spread_words(spread: Spread, machine: Mapping[str, Any]) -> str:
    shared = _beside_each_other(spread, machine) > 1
    where = (
        said("of all processes on one machine, which share its cores")
        if shared
        else said("of one process, which has a device of its own")
    )
    alike = said("; the other machines are taken to be like this one") if spread.machines > 1 else ""
    return said(
        "{spread}: memory {where}; time without what processes tell each other{alike}",
        spread=spread,
        where=where,
        alike=alike,
    )


def _shapes(models: Mapping[str, ModelRef]) -> dict[str, Shape]:
    return {role: shape_of(Path(ref.folder)) for role, ref in models.items() if ref.folder}


def _similar(project: Project, stage: str, policy: Shape, machine: Mapping[str, Any]) -> list[Run]:
    """Return finished runs of a stage on this device whose policy was about as large, newest first."""
    found = []
    for run in project.store.runs.newest_first():
        if run.stage != stage or run.state is not RunState.FINISHED or not run.peak_memory_mb or run.plan is None:
            continue
        ref = project.run_folder(run.id).plan.model("policy")
        if run.plan.machine.get("device", "cpu") != machine.get("device", "cpu") or ref is None or not ref.folder:
            continue
        if (Path(ref.folder) / "config.json").is_file():
            larger = shape_of(Path(ref.folder)).parameters / policy.parameters
            found += [run] if 1 / _ALIKE <= larger <= _ALIKE else []
        if len(found) == _MOST_RUNS:
            break
    return found


def _compared(
    run: Run, stage: str, shapes: Mapping[str, Shape], lengths: Lengths, machine: Mapping[str, Any], speed: float | None
) -> tuple[float, float]:
    """Return how many times its estimate a run needed of memory, and the operations a second it did."""
    plan = run.plan
    assert plan is not None
    rows = Lengths(plan.total if stage != "rl" else lengths.rows, lengths.mean, lengths.longest, lengths.response)
    spread = _spread_then(run)
    memory = training_memory(stage, plan.settings, shapes, rows, plan.machine, spread)
    work, _ = operations(stage, plan.settings, shapes, rows)
    # Peaks are told in MiB.
    return run.peak_memory_mb * 1.048576 / memory.total, work / run.seconds / gain_of(
        spread, plan.machine
    ) if run.seconds > 0 else speed or 0.0
