"""Beginning a project: its constitution, and the models it uses wherever a run names none."""

from pathlib import Path

from workbench.interchange.bundled import load_constitution
from workbench.project.known_models import want
from workbench.project.model_choice import unbound
from workbench.project.project import Project

#: What a helper does, in the paper's word for the model that is made harmless.
_HELPS = ("response", "critic", "policy")


def begin(folder: Path, constitution: str, helper: str = "", judge: str = "") -> Project:
    """Make a project; helper answers, revises and is trained, judge labels, and an empty name is the usual model.

    What is named and is not there is told before anything is made.
    """
    loaded, text = load_constitution(constitution)
    elsewhere = bool(helper) and unbound(helper).endpoint is not None
    if judge:
        unbound(judge)
    project = Project.create(folder, loaded, text)
    helps = [role for role in _HELPS if not (elsewhere and role == "policy")]
    for role, name in [*((role, helper) for role in helps), ("feedback", judge)]:
        if name:
            want(project.store, role, name)
    return project
