"""Checkpoints that are whole or absent: written beside, flushed, described by a manifest, then renamed into place."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from transformers import Trainer

from workbench.stages.training.sharing import SharedSteps

MANIFEST = "MANIFEST.json"
#: A policy kept because it was the best so far; nothing is resumed from it.
BEST = "best-"
_PREFIX = "checkpoint-"


def publish(partial: Path, final: Path, step: int) -> None:
    """Describe the files of partial in a manifest, flush them to disk and rename the folder to final."""
    files = sorted(path for path in partial.rglob("*") if path.is_file())
    described = {
        path.relative_to(partial).as_posix(): {"bytes": path.stat().st_size, "sha256": _hash(path)} for path in files
    }
    (partial / MANIFEST).write_text(json.dumps({"step": step, "files": described}, indent=1), encoding="utf-8")
    for path in [*files, partial / MANIFEST]:
        _flush(path)
    for folder in [*(path for path in partial.rglob("*") if path.is_dir()), partial]:
        _flush(folder)
    shutil.rmtree(final, ignore_errors=True)
    partial.rename(final)
    _flush(final.parent)


def verified(folder: Path) -> bool:
    """Whether every file the manifest names is there with its size and hash."""
    try:
        files = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return False
    return all(_is_as_described(folder / name, facts) for name, facts in files.items())


def latest(root: Path) -> Path | None:
    """Return the newest checkpoint under root that verifies, or None; a damaged one is passed over."""
    return next((folder for folder in reversed(_published(root)) if verified(folder)), None)


def clear(root: Path) -> None:
    """Remove all checkpoints, a best policy kept beside them, and what an interrupted write left behind."""
    for folder in [*_published(root), *root.glob(f"{BEST}*"), *root.glob("*.partial")]:
        shutil.rmtree(folder, ignore_errors=True)


class VerifiedCheckpoints(SharedSteps):
    """Makes a Trainer write its checkpoints whole or not at all, and keep the newest few (save_total_limit).

    Of several processes the first makes the folder and publishes it; each puts its own random state into it.
    """

    _partial: Path | None = None

    def _get_output_dir(self, trial: Any) -> str:
        return str(self._partial or self.args.output_dir)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        step = self.state.global_step
        root = Path(self.args.output_dir)
        self._partial = root / f"{_PREFIX}{step}.partial"
        if self.ranks.leads:
            shutil.rmtree(self._partial, ignore_errors=True)
            self._partial.mkdir(parents=True)
        self.ranks.wait()
        try:
            # Trainer's own, passing TRL's by: those write a model card beside the checkpoints.
            Trainer._save_checkpoint(self, model, trial)
            self.ranks.wait()
            if self.ranks.leads:
                publish(self._partial / f"{_PREFIX}{step}", root / f"{_PREFIX}{step}", step)
                for old in _published(root)[: -(self.args.save_total_limit or 1)]:
                    shutil.rmtree(old, ignore_errors=True)
        finally:
            if self.ranks.leads:
                shutil.rmtree(self._partial, ignore_errors=True)
            self._partial = None
        self.ranks.wait()

    def _send_telemetry(self) -> None:
        """Send nothing: TRL would report the trainer's name and the machine."""


def _published(root: Path) -> list[Path]:
    found = [path for path in root.glob(f"{_PREFIX}*") if path.name.removeprefix(_PREFIX).isdigit()]
    return sorted(found, key=lambda path: int(path.name.removeprefix(_PREFIX)))


def _is_as_described(path: Path, facts: dict[str, Any]) -> bool:
    return path.is_file() and path.stat().st_size == facts["bytes"] and _hash(path) == facts["sha256"]


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
