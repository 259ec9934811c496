"""The verdict on preference models, as their runs left it beside the weights: shown, and asked before RL takes one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import NotReadyError
from workbench.project.preference_models import preference_model_folders, read_json
from workbench.records.model import ModelRef
from workbench.store.database import Store

READINESS = "readiness.json"
_UNKNOWN = (
    "nothing has measured it (it was not trained by this version's preference_model stage, which leaves its verdict "
    "beside the weights)"
)


def readiness_words(models: Mapping[str, ModelRef], overridden: bool) -> str:
    """Return the verdict on the models that reward, in words for the plan; raises NotReadyError unless ready or overridden."""
    rewards = [ref for role, ref in models.items() if role.startswith("reward") and ref.folder is not None]
    return "; ".join(_words(ref, overridden) for ref in rewards)


def _words(ref: ModelRef, overridden: bool) -> str:
    name = ref.label or ref.location
    reasons = _reasons(Path(ref.folder or ""))
    if not reasons:
        return f"{name} is ready"
    said = "; and ".join(reasons)
    if not overridden:
        raise NotReadyError(
            f"{name} is not ready, because {said}. Train the preference model on more or better comparisons, or go on "
            "anyway by the setting override_readiness (--set override_readiness=true), which the plan records."
        )
    return f"{name} is not ready, which was overridden: {said}"


def readiness_rows(store: Store) -> list[dict[str, Any]]:
    """Return the checks of each preference model, newest model first."""
    rows: list[dict[str, Any]] = []
    for run_id, folder in preference_model_folders(store):
        found = read_json(folder / READINESS)
        rows += [{"run_id": run_id, "check": check.pop("name"), **check} for check in (found or {}).get("checks", ())]
    return rows


def _reasons(folder: Path) -> list[str]:
    found = read_json(folder / READINESS)
    if found is None:
        return [_UNKNOWN]
    return [str(check["sentence"]) for check in found["checks"] if not check["passed"]]
