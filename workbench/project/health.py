"""How a run of reinforcement learning fares, from the numbers in the store."""

from workbench.errors import BadInputError
from workbench.measurement.rl_health import METRICS, WINDOW, Sign, signs
from workbench.project.project import Project


def signs_of(project: Project, run_id: str) -> list[Sign]:
    """Return the signs of a run; raises BadInputError where it is no reinforcement learning."""
    run = project.run(run_id)
    if run.stage != "rl" or run.plan is None:
        raise BadInputError(
            "{run_id} is a run of {stage}; only runs of rl have these signs.", run_id=run_id, stage=run.stage
        )
    curves = {name: project.store.metrics.ends(run_id, name, WINDOW) for name in METRICS}
    return signs(curves, run.plan.settings)
