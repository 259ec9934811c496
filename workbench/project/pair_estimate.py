"""What sampling comparisons or labelling them will cost, told before it is started: calls, and minutes from earlier runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.project.asking import Asked
from workbench.project.example_room import fitted
from workbench.project.model_choice import ModelChoice
from workbench.project.model_memory import memory_words
from workbench.project.project import Project
from workbench.project.selection import Request, select_inputs
from workbench.records.model import ModelRef
from workbench.records.run import Run
from workbench.records.settings import ComparisonSettings, LabelSettings
from workbench.runs.machine import known_machine
from workbench.sentences import joined, said


@dataclass(frozen=True)
class PairEstimate:
    """What is selected, in words; calls of the model; seconds (None: unknown) and what they are reckoned from; the models."""

    selection: str
    inputs: int
    calls: int
    seconds: float | None
    basis: str
    models: Mapping[str, str] = field(default_factory=dict)


def estimate_pairs(project: Project, stage: str, texts: Mapping[str, str], seed: int = 0) -> PairEstimate:
    """Reckon what a run of comparisons or labels will cost; raises what making it would raise."""
    asked = Asked.of(stage, texts, seed)
    request = Request(stage, asked.settings, asked.seed, project.constitution.hash, asked.source_runs)
    selected = select_inputs(project.store, request)
    models = ModelChoice(project.store, asked.models).models(stage, asked.settings)
    _, left_out = fitted(texts, asked.settings, models, project.constitution.constitution)
    each = calls_each(asked.settings)
    pace, run = _pace(project.store.runs.usable(stage), models)
    basis: str = (
        said("as {run} took: {pace:.1f} calls a second", run=run, pace=pace)
        if pace
        else said("how long it takes is known after a first run")
    )
    basis = joined("; ", filter(None, (basis, memory_words(models.values(), known_machine()))))
    calls = selected.total * each
    return PairEstimate(
        joined("; ", filter(None, (selected.words, left_out))),
        selected.total,
        calls,
        calls / pace if pace else None,
        basis,
        {role: ref.label or ref.location for role, ref in models.items()},
    )


def calls_each(settings: Any) -> int:
    """Return how often a model is called for one input: a response each, or a question in each order and its rationale."""
    if isinstance(settings, ComparisonSettings):
        return settings.responses
    assert isinstance(settings, LabelSettings)
    return settings.principles * (2 if settings.both_orders else 1) * (2 if settings.rationale else 1)


def _pace(runs: Sequence[Run], models: Mapping[str, ModelRef]) -> tuple[float, str]:
    """Return the calls a second of the newest run with the same models, and its id."""
    for run in runs:
        plan = run.plan
        if plan is None or run.seconds <= 0 or not run.done:
            continue
        if all(_same(plan.models.get(role), ref) for role, ref in models.items()):
            kind = ComparisonSettings if run.stage == "comparisons" else LabelSettings
            known = {name: value for name, value in plan.settings.items() if name in kind.__dataclass_fields__}
            return run.done * calls_each(kind(**known)) / run.seconds, run.id
    return 0.0, ""


def _same(one: ModelRef | None, other: ModelRef) -> bool:
    return one is not None and (one.kind, one.location) == (other.kind, other.location)
