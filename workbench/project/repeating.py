"""Making a run again: what was asked of it, as a person would ask, and the command that asks it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.project.model_choice import ModelChoice
from workbench.records.commands import joined
from workbench.records.encoding import to_data
from workbench.records.run import Plan, Run
from workbench.records.settings import parse_settings
from workbench.runs.folder import LAUNCHER
from workbench.runs.launchers import read_launcher

if TYPE_CHECKING:
    from workbench.project.project import Project


def asked_of(plan: Plan, kept: Path | None = None) -> dict[str, str]:
    """Return the settings that are not as usual, the models by role, the runs a plan took its inputs from, and its launcher.

    kept is the copy of the launcher's configuration that the run was made with: it is named where what the plan names is
    gone, or is another by now.
    """
    usual = to_data(parse_settings(plan.stage, {}))
    texts = {name: text_of(value) for name, value in plan.settings.items() if usual.get(name) != value}
    texts |= {role: ref.location for role, ref in plan.models.items()}
    if plan.sources:
        texts["chains"] = ",".join(plan.sources)
    if plan.launcher:
        texts["launcher"] = _launcher_of(plan, kept)
    return texts


def asked_again(project: "Project", stage: str, run_id: str = "") -> dict[str, str]:
    """Return what was asked of a run (else of the newest that made a stage's model), with its seed.

    Models whose weights have gone are left out: the newest there are take their place.
    """
    run = project.store.runs.find(run_id) if run_id else next(iter(project.store.runs.usable(stage)), None)
    if run is None or run.plan is None:
        return {}
    texts = {**asked_of(run.plan, Path(run.folder) / LAUNCHER), "seed": str(run.plan.seed)}
    choice = ModelChoice(project.store, {})
    for role, ref in run.plan.models.items():
        try:
            choice.named(ref.location)
        except WorkbenchError:
            del texts[role]
    return texts


def _launcher_of(plan: Plan, kept: Path | None) -> str:
    if kept is None or not kept.is_file():
        return plan.launcher
    try:
        same = read_launcher(plan.launcher, plan.stage) == kept.read_text(encoding="utf-8")
    except WorkbenchError:
        same = False
    return plan.launcher if same else str(kept)


def command_of(folder: Path, run: Run) -> str:
    """Return the command that makes the same run again from a terminal."""
    words = ["workbench", "run", str(folder), run.stage]
    plan = run.plan
    if plan is not None:
        for name, text in asked_of(plan, Path(run.folder) / LAUNCHER).items():
            words += ["--set", f"{name}={text}"]
        words += ["--seed", str(plan.seed)] if plan.seed else []
    return joined(words)


def command_for(folder: Path, stage: str, texts: dict[str, str]) -> str:
    """Return the command that makes a run of a stage with these settings."""
    rest = dict(texts)
    seed = rest.pop("seed", "")
    words = ["workbench", "run", str(folder), stage]
    for name, text in rest.items():
        words += ["--set", f"{name}={text}"]
    return joined([*words, *(["--seed", seed] if seed not in ("", "0") else [])])


def text_of(value: Any) -> str:
    """Return a setting's value as a person writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
