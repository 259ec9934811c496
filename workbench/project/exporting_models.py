"""Writing a run's model for others: a folder that stands alone, tested by loading it again, with a card."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError, WorkbenchError
from workbench.interchange.outgoing.cards import model_card
from workbench.project.model_choice import ModelChoice
from workbench.project.project import Project
from workbench.project.provenance import hub_base, provenance_of_model


def export_model(project: Project, run_id: str, output: Path) -> dict[str, Any]:
    """Write the folder beside its place and rename it there; return what the test by loading it again compared.

    Raises MissingError where the run made no model, BadInputError where the place is taken or it answers otherwise.
    """
    run = project.run(run_id)
    ref = ModelChoice(project.store, {}).named(run.id)
    if ref.folder is None:
        raise MissingError("Run {run} made no model.", run=run.id)
    if output.exists():
        raise BadInputError("{output} is there already; name another folder.", output=output)
    beside = output.resolve().with_name(f".{output.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        told = _written(Path(ref.folder), beside)
        policy = run.plan.model("policy") if run.plan else None
        base = policy.label or policy.location if policy else ""
        card = model_card(
            f"{project.folder.name} {run.id}",
            base,
            run.stage,
            provenance_of_model(project, run),
            _figures(project, run.id),
            hub_base(project, run),
        )
        (beside / "README.md").write_text(card, encoding="utf-8")
        beside.rename(output)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return {**told, "folder": str(output)}


def _written(source: Path, target: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "workbench.worker.export_model", str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "the process ended without a word").splitlines()[-1]
        raise WorkbenchError(last)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _figures(project: Project, run_id: str) -> list[str]:
    """Return the last of each of the run's numbers that say how good it became."""
    wanted = ("eval_loss", "eval_accuracy", "train_loss", "objective/kl", "objective/scores")
    last = [metric for name in wanted for metric in project.store.metrics.of_run(run_id, name)[-1:]]
    return [f"{metric.name} {metric.value:.4g} at step {metric.step}" for metric in last]
