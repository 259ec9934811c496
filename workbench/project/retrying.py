"""Trying again what did not fit: in smaller pieces, whose effective batch is the same, or without examples in front."""

from dataclasses import dataclass
from typing import Any

from workbench.errors import BadInputError
from workbench.project.project import Project
from workbench.project.repeating import asked_of
from workbench.records.run import Plan
from workbench.runs.folder import LAUNCHER, RunFolder
from workbench.sentences import said

#: What a stage that writes begins with where the machine decided how much it writes at once.
_FEW_SLOTS = 4


@dataclass(frozen=True)
class Retry:
    """What is to be set otherwise, and a sentence that says so."""

    changes: dict[str, str]
    sentence: str


#: Where a prompt with the constitution's examples is too long for the model.
_WITHOUT_EXAMPLES = Retry({"few_shots": "false"}, said("without the constitution's examples in front"))


def retry_of(plan: Plan) -> Retry:
    """Return how a run may fit into less memory and learn the same; raises BadInputError where nothing is left to shrink."""
    settings = plan.settings
    if "micro_batch_size" in settings:
        micro = _micro(settings)
        if micro > 1:
            less = max(size for size in range(1, micro // 2 + 1) if micro % size == 0)
            kept = settings["batch_size"] // settings.get("mini_batches", 1)
            words = said(
                "{less} at once instead of {micro}, {times} times for each step: the effective batch stays {batch}",
                less=less,
                micro=micro,
                times=kept // less,
                batch=kept,
            )
            return Retry({"micro_batch_size": str(less)}, words)
        if settings.get("gradient_checkpointing") is False:
            words = said("activations are computed twice instead of kept, which is slower and learns the same")
            return Retry({"gradient_checkpointing": "true"}, words)
    elif "slots" in settings and settings["slots"] != 1:
        less = settings["slots"] // 2 or _FEW_SLOTS
        return Retry(
            {"slots": str(less)}, said("{less} texts are written at once, which are the same texts", less=less)
        )
    raise BadInputError(
        "Nothing of {plan} can be made smaller without changing what it learns; take a smaller model, a "
        "shorter max_length, or lora_rank=16 where the stage has it, in a new run.",
        plan=plan.id,
    )


def make_retry(project: Project, run_id: str) -> tuple[RunFolder, Retry]:
    """Make a run like another one that needs less of what it ran out of; starting it is the queue's business."""
    folder = project.run_folder(run_id)
    plan = folder.plan
    retry = _WITHOUT_EXAMPLES if project.run(run_id).out_of_room else retry_of(plan)
    texts = asked_of(plan, folder.path / LAUNCHER) | retry.changes
    return project.make_run(plan.stage, texts, plan.machine, plan.seed), retry


def _micro(settings: dict[str, Any]) -> int:
    """Return how many rows are in memory at once: no more than an optimiser step has."""
    return int(min(settings["micro_batch_size"], settings["batch_size"] // settings.get("mini_batches", 1)))
