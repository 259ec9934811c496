"""Giving disk back: weights, checkpoints and snapshots of runs, put aside first so that it can be undone.

Only what can be made again goes: results, numbers, texts and decisions stay, and what tells of a model beside its weights.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from workbench.errors import BadInputError, BusyError
from workbench.project.disk import MB
from workbench.project.project import Project
from workbench.records.run import Run
from workbench.sentences import said

Part = Literal["model", "checkpoints", "snapshots"]
PARTS: tuple[Part, ...] = ("model", "checkpoints", "snapshots")

_ASIDE = ".removed"
_FILES: dict[Part, str] = {
    "model": "output/*.safetensors",
    "checkpoints": "checkpoints/**/*",
    "snapshots": "snapshots/**/*.safetensors",
}


def objection(project: Project, run_id: str, part: Part) -> str:
    """Return why a part of a run must not be removed now, or nothing."""
    run = project.run(run_id)
    if not _files(Path(run.folder), part):
        return said("{run_id} keeps no {part}.", run_id=run_id, part=part)
    if not run.state.over:
        return said(
            "{run_id} is {state}: it may still go on from what it keeps. Stop it first.",
            run_id=run_id,
            state=run.state,
        )
    if part == "checkpoints":
        return ""
    folder = (Path(run.folder) / ("output" if part == "model" else "snapshots")).resolve()
    users = [other.id for other in project.runs() if not other.state.over and folder in _models_of(project, other)]
    if users:
        return said("{users} works with it and is not over yet.", users=", ".join(users))
    adapters = [made for made, base in _adapters(project) if base == folder]
    return (
        said("The adapter that {adapters} made is of no use without it.", adapters=", ".join(adapters))
        if adapters
        else ""
    )


def remove(project: Project, run_id: str, part: Part) -> float:
    """Put a part of a run aside and return its MB; raises BusyError where something needs it."""
    if part not in PARTS:
        raise BadInputError("A run has no {part} to remove; it has {parts}.", part=part, parts=", ".join(PARTS))
    if reason := objection(project, run_id, part):
        raise BusyError(reason)
    run = Path(project.run(run_id).folder)
    files = _files(run, part)
    size = sum(file.stat().st_size for file in files) / MB
    _move(files, run, run / _ASIDE / part)
    return size


def restore(project: Project, run_id: str, part: Part) -> None:
    """Put back what was put aside; raises BadInputError where it is gone."""
    if part not in PARTS:
        raise BadInputError("A run has no {part} to put back; it has {parts}.", part=part, parts=", ".join(PARTS))
    run = Path(project.run(run_id).folder)
    aside = run / _ASIDE / part
    files = [file for file in aside.rglob("*") if file.is_file()]
    if not files:
        raise BadInputError("The {part} of {run_id} cannot be put back: it is gone for good.", part=part, run_id=run_id)
    _move(files, aside, run)
    shutil.rmtree(aside, ignore_errors=True)


def empty(project: Project) -> float:
    """Remove for good what was put aside, and return its MB."""
    size = 0
    for run in project.store.runs.newest_first():
        aside = Path(run.folder) / _ASIDE
        if aside.is_dir():
            size += sum(file.stat().st_size for file in aside.rglob("*") if file.is_file())
            shutil.rmtree(aside, ignore_errors=True)
    return size / MB


def _files(run: Path, part: Part) -> list[Path]:
    return sorted(file for file in run.glob(_FILES[part]) if file.is_file())


def _move(files: list[Path], start: Path, end: Path) -> None:
    for file in files:
        there = end / file.relative_to(start)
        there.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, there)


def _models_of(project: Project, run: Run) -> set[Path]:
    """Return the model folders a run works with, and what they lie in."""
    if run.plan is None or not (Path(run.folder) / "plan.json").is_file():
        return set()
    refs = project.run_folder(run.id).plan.models.values()
    folders = [Path(ref.folder).resolve() for ref in refs if ref.folder]
    return {*folders, *(folder.parent for folder in folders)}


def _adapters(project: Project) -> Iterator[tuple[str, Path]]:
    """Yield (run, folder of its base) for each adapter that a run made and that has its weights."""
    for made in project.store.models.all():
        run = project.store.runs.find(made.run_id)
        folder = Path(run.folder) / made.path if run is not None else Path(made.path)
        try:
            named = json.loads((folder / "adapter_config.json").read_bytes()).get("base_model_name_or_path") or ""
        except (OSError, ValueError, AttributeError):
            continue
        if named and any(folder.glob("*.safetensors")):
            yield made.run_id, (folder / named).resolve()
