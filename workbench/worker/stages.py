"""Which function works which stage; imported when a run needs it, so that a worker loads no more than its stage."""

import importlib
from collections.abc import Callable, Mapping

from workbench.errors import BadInputError
from workbench.worker.work import Work

#: Stage name -> "module:function"; the function takes the Work and returns when it is done or was asked to stop.
STAGES: dict[str, str] = {
    "chains": "workbench.worker.generation:work_chains",
    "comparisons": "workbench.worker.generation:work_comparisons",
    "labels": "workbench.worker.generation:work_labels",
    "evaluation": "workbench.worker.evaluation:work_evaluation",
    "evaluation_set": "workbench.worker.evaluation_set:work_evaluation_set",
    "sft": "workbench.worker.training:work_sft",
    "preference_model": "workbench.worker.training:work_preference_model",
    "rl": "workbench.worker.training:work_rl",
    "dpo": "workbench.worker.training:work_dpo",
}


def stage_function(stage: str, stages: Mapping[str, str]) -> Callable[[Work], None]:
    """Import and return the function that works a stage."""
    if stage not in stages:
        raise BadInputError(
            "This worker knows no stage {stage}; it knows {stages}.", stage=stage, stages=", ".join(stages)
        )
    module, _, name = stages[stage].partition(":")
    function: Callable[[Work], None] = getattr(importlib.import_module(module), name)
    return function
