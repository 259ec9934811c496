"""How much disk runs use, and for what."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

from workbench.project.project import Project

MB = 1e6
_PARTS = ("output", "checkpoints", "snapshots")


def disk_use(run_folder: Path) -> dict[str, float]:
    """Return a run folder's megabytes: of the model it made, of checkpoints, of snapshots, of the rest, and in all."""
    found = {part: _size(run_folder / part) / MB for part in _PARTS}
    total = _size(run_folder) / MB
    return {
        "model_mb": round(found["output"], 3),
        "checkpoints_mb": round(found["checkpoints"], 3),
        "snapshots_mb": round(found["snapshots"], 3),
        "rest_mb": round(total - sum(found.values()), 3),
        "total_mb": round(total, 3),
    }


def project_use(folder: Path, runs: list[tuple[str, Path]]) -> dict[str, Any]:
    """Return the disk use of a project: each run's, and in all, runs kept elsewhere included."""
    used = [disk_use(path) for _, path in runs]
    inside = sum(one["total_mb"] for one, (_, path) in zip(used, runs, strict=True) if path.is_relative_to(folder))
    rest = _size(folder) / MB - inside
    total = sum(one["total_mb"] for one in used) + rest
    rows = [{"run": run_id, **one} for one, (run_id, _) in zip(used, runs, strict=True)]
    return {"runs": rows, "rest_of_project_mb": round(rest, 3), "total_mb": round(total, 3)}


def project_disk(project: Project) -> dict[str, Any]:
    """Return the disk use of a project and what is free there."""
    found = project_use(project.folder, [(run.id, Path(run.folder)) for run in project.runs()])
    return {**found, "free_mb": round(shutil.disk_usage(project.folder).free / MB)}


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder; one that goes away meanwhile counts nothing."""
    size = 0
    for root, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                size += (Path(root) / name).lstat().st_size
    return size
