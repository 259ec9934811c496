"""Making a run again: what was asked of it, as a person would ask, and the command that asks it."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.project.model_choice import ModelChoice
from workbench.records.encoding import to_data
from workbench.records.run import Plan, Run
from workbench.records.settings import parse_settings

if TYPE_CHECKING:
    from workbench.project.project import Project


def asked_of(plan: Plan) -> dict[str, str]:
    """Return the settings that are not as usual, the models by role, and the runs a plan took its inputs from, as texts."""
    usual = to_data(parse_settings(plan.stage, {}))
    texts = {name: text_of(value) for name, value in plan.settings.items() if usual.get(name) != value}
    texts |= {role: ref.location for role, ref in plan.models.items()}
    if plan.sources:
        texts["chains"] = ",".join(plan.sources)
    return texts


def asked_again(project: "Project", stage: str, run_id: str = "") -> dict[str, str]:
    """Return what was asked of a run (else of the newest that made a stage's model), with its seed.

    Models whose weights have gone are left out: the newest there are take their place.
    """
    run = project.store.runs.find(run_id) if run_id else next(iter(project.store.runs.usable(stage)), None)
    if run is None or run.plan is None:
        return {}
    texts = {**asked_of(run.plan), "seed": str(run.plan.seed)}
    choice = ModelChoice(project.store, {})
    for role, ref in run.plan.models.items():
        try:
            choice.named(ref.location)
        except WorkbenchError:
            del texts[role]
    return texts


def command_of(folder: Path, run: Run) -> str:
    """Return the command that makes the same run again from a terminal."""
    words = ["workbench", "run", str(folder), run.stage]
    plan = run.plan
    if plan is not None:
        for name, text in asked_of(plan).items():
            words += ["--set", f"{name}={text}"]
        words += ["--seed", str(plan.seed)] if plan.seed else []
    return shlex.join(words)


def command_for(folder: Path, stage: str, texts: dict[str, str]) -> str:
    """Return the command that makes a run of a stage with these settings."""
    rest = dict(texts)
    seed = rest.pop("seed", "")
    words = ["workbench", "run", str(folder), stage]
    for name, text in rest.items():
        words += ["--set", f"{name}={text}"]
    return shlex.join([*words, *(["--seed", seed] if seed not in ("", "0") else [])])


def text_of(value: Any) -> str:
    """Return a setting's value as a person writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
