"""Evaluation sets of a project, and what judges reached on them: the gate before labelling."""

from dataclasses import dataclass

from workbench.measurement.judge_gate import GateVerdict
from workbench.project.measuring import verdicts_on_set
from workbench.project.project import Project


@dataclass(frozen=True)
class Gate:
    """What a judge reached in a run: on which sets, asked how, and with which verdict."""

    run: str
    sets: str
    judge: str
    rationale: bool
    verdict: GateVerdict


def evaluation_sets(project: Project) -> dict[str, int]:
    """Return the sets the project holds, with how many items each has."""
    return project.store.evaluation_items.sets()


def gates(project: Project) -> list[Gate]:
    """Return what every judge reached in every run that asked an evaluation set, newest run first."""
    found = []
    for run in project.store.runs.usable("evaluation_set"):
        settings = run.plan.settings if run.plan else {}
        sets = str(settings.get("set_name") or "") or ", ".join(evaluation_sets(project))
        for judge, verdict in verdicts_on_set(project.store, run).items():
            rationale = bool(settings.get("rationale")) and judge == "feedback"
            found.append(Gate(run.id, sets, judge, rationale, verdict))
    return found
