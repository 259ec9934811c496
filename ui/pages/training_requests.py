"""What the page of trainings asks of the project; each runs where the project is open, never in the window's thread."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.static_words import in_language
from ui.widgets.texts import moment
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from ui.run_watch import RunNow
    from workbench.measurement.rl_health import Sign
    from workbench.project import Project
    from workbench.project.curves import CurveUpdate, Reached
    from workbench.project.samples import PinnedPair, PinnedPrompt
    from workbench.project.training_outcomes import TrainingOutcome
    from workbench.records.run import Run
    from workbench.runs.journal import Line


def asked_again(project: "Project", stage: str, run_id: str) -> dict[str, str]:
    """Return what is to be asked to train a stage's model anew."""
    from workbench.project.repeating import asked_again as asked  # noqa: PLC0415

    return asked(project, stage, run_id)


def outcomes(project: "Project", runs: "Sequence[Run]") -> "dict[str, TrainingOutcome]":
    """Return what trainings came to, by run."""
    from workbench.project.training_outcomes import training_outcomes  # noqa: PLC0415

    return training_outcomes(project.store, runs)


def place_of(project: "Project", sample_id: str) -> tuple[str, str, int] | None:
    """Return the run, the prompt and the step of a sample."""
    sample = project.store.samples.get(sample_id)
    return (project.store.samples.runs_of([sample_id])[sample_id], sample.prompt_id, sample.step) if sample else None


def curves(project: "Project", run_id: str, reached: "Reached | None", timed: bool) -> "CurveUpdate":
    """Return a run's numbers since a place."""
    from workbench.project.curves import curves_since  # noqa: PLC0415

    return curves_since(project, run_id, reached, timed)


def signs(project: "Project", run_id: str) -> "list[Sign]":
    """Return how healthy a run of reinforcement learning is, sign by sign."""
    from workbench.project.health import signs_of  # noqa: PLC0415

    return signs_of(project, run_id)


def checks(project: "Project", run_id: str) -> list[dict[str, Any]]:
    """Return the checks of the preference model a run made."""
    return [row for row in project.rows("readiness") if row["run_id"] == run_id]


def samples(project: "Project", run_id: str) -> "tuple[PinnedPrompt, ...]":
    """Return what a run wrote to its pinned prompts."""
    from workbench.project.samples import pinned_prompts  # noqa: PLC0415

    return pinned_prompts(project, run_id)


def pairs(project: "Project", run_id: str) -> "tuple[PinnedPair, ...]":
    """Return how a run scored its pinned pairs."""
    from workbench.project.samples import pinned_pairs  # noqa: PLC0415

    return pinned_pairs(project, run_id)


def log(project: "Project", run_id: str) -> "list[Line]":
    """Return what a run said."""
    from workbench.runs.journal import said_by  # noqa: PLC0415

    return said_by(project.run_folder(run_id))


def write_numbers(project: "Project", file: Path, runs: list[str], names: tuple[str, ...]) -> None:
    """Write every value of some numbers of some runs as CSV."""
    from workbench.project.curves import write_csv  # noqa: PLC0415

    write_csv(project, file, runs, names)


def config(one: "RunNow") -> str:
    """Return what a run was made with, a line each; its plan is in the window already."""
    return "\n\n".join(config_parts(one))


def _spread(folder: str) -> str:
    """Return over how many processes a run is spread, in words, by the configuration in its folder."""
    from workbench.runs.folder import RunFolder  # noqa: PLC0415
    from workbench.runs.launchers import spread_of  # noqa: PLC0415

    try:
        return in_language(str(spread_of(RunFolder(Path(folder))) or "–"))
    except (WorkbenchError, OSError) as error:
        return in_language(error.sentence if isinstance(error, WorkbenchError) else str(error))


def config_parts(one: "RunNow") -> tuple[str, str, str]:
    """Return what a run was made from, its settings and what it was done with, a line each."""
    plan = one.run.plan
    if plan is None:
        return "", "", ""
    models = [f"{role} = {ref.label or ref.location}" for role, ref in plan.models.items()]
    settings = [f"{name} = {value}" for name, value in plan.settings.items()]
    machine = [f"{name} = {value}" for name, value in plan.machine.items() if not isinstance(value, dict)]
    if plan.launcher:
        machine += [f"launcher = {plan.launcher}", f"processes = {_spread(one.run.folder)}"]
    more = [f"seed = {plan.seed}", f"constitution = {plan.constitution_hash[:12]}", f"made = {moment(plan.created)}"]
    return "\n".join([in_language(plan.selection), "", *models, *more]), "\n".join(settings), "\n".join(machine)
