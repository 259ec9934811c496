"""The verdict on preference models, as their runs left it beside the weights: shown, and asked before RL takes one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import NotReadyError
from workbench.project.preference_models import preference_model_folders, read_json
from workbench.records.model import ModelRef
from workbench.records.run import Plan
from workbench.records.settings import RlSettings
from workbench.sentences import joined, said
from workbench.store.database import Store

READINESS = "readiness.json"
_OVERRIDDEN = "is not ready, which was overridden"
_UNKNOWN = said(
    "nothing has measured it (it was not trained by this version's preference_model stage, which leaves "
    "its verdict beside the weights)"
)


def readiness_words(models: Mapping[str, ModelRef], settings: RlSettings) -> str:
    """Return the verdict on the models that reward, in words for the plan; raises NotReadyError unless ready or overridden."""
    return joined("; ", (_words(ref, settings) for ref in _rewards(models)))


def not_ready(models: Mapping[str, ModelRef]) -> str:
    """Say which of the models that reward are not ready, and why; nothing where all are."""
    found = [(ref, _reasons(ref)) for ref in _rewards(models)]
    return joined(
        " ",
        (
            said("{name} is not ready to be a reward: {why}.", name=_name(ref), why=joined(said("; and "), why))
            for ref, why in found
            if why
        ),
    )


def override_words(plan: Plan) -> str:
    """Say that a training goes by a preference model that was found not ready, and why somebody let it."""
    if plan.stage != "rl" or _OVERRIDDEN not in plan.selection:
        return ""
    reason = str(plan.settings.get("override_reason") or "").rstrip(".") or said("nobody said why")
    return said("Its reward was not ready, and was taken all the same: {reason}.", reason=reason)


def _words(ref: ModelRef, settings: RlSettings) -> str:
    reasons = _reasons(ref)
    if not reasons:
        return said("{name} is ready", name=_name(ref))
    words = joined(said("; and "), reasons)
    if not settings.override_readiness:
        raise NotReadyError(
            "{name} is not ready, because {why}. Train the preference model on more or better comparisons, or go "
            "on anyway by the setting override_readiness (--set override_readiness=true, and say why by "
            "override_reason), which the plan records.",
            name=_name(ref),
            why=words,
        )
    return f"{_name(ref)} {_OVERRIDDEN}{f' ({settings.override_reason})' if settings.override_reason else ''}: {words}"


def readiness_rows(store: Store) -> list[dict[str, Any]]:
    """Return the checks of each preference model, newest model first."""
    rows: list[dict[str, Any]] = []
    for run_id, folder in preference_model_folders(store):
        found = read_json(folder / READINESS)
        rows += [{"run_id": run_id, "check": check.pop("name"), **check} for check in (found or {}).get("checks", ())]
    return rows


def _rewards(models: Mapping[str, ModelRef]) -> list[ModelRef]:
    return [ref for role, ref in models.items() if role.startswith("reward") and ref.folder is not None]


def _name(ref: ModelRef) -> str:
    return ref.location if ref.kind == "run" else ref.label or ref.location


def _reasons(ref: ModelRef) -> list[str]:
    found = read_json(Path(ref.folder or "") / READINESS)
    if found is None:
        return [_UNKNOWN]
    return [str(check["sentence"]) for check in found["checks"] if not check["passed"]]
