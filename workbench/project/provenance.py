"""Where a project's data and models come from, and how far they were checked, in lines for a card."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench import __version__
from workbench.errors import MissingError
from workbench.interchange.outgoing.cards import Provenance
from workbench.measurement.intervals import Estimate
from workbench.project.auditing import audit_report, sample_named
from workbench.records.run import Run

if TYPE_CHECKING:
    from workbench.project.project import Project

_STAGES = {
    "sft": ("chains",),
    "preferences": ("comparisons", "labels"),
    "hh-rlhf": ("comparisons", "labels"),
    "annotated-pairs": ("comparisons", "labels"),
    "prompts": (),
}


def provenance_of(project: "Project", as_: str) -> Provenance:
    """Return where an export comes from: the runs of the stages that made its rows, and what came in from files."""
    runs = [run for run in reversed(project.store.runs.newest_first()) if run.stage in _STAGES.get(as_, (as_,))]
    version = project.constitution
    return Provenance(
        version.constitution.title or version.constitution.name,
        version.hash,
        len(version.constitution.principles),
        tuple(_run_line(run) for run in runs),
        tuple(project.store.prompts.sources()),
        tuple(_checks(project)),
        __version__,
    )


def _run_line(run: Run) -> str:
    plan = run.plan
    if plan is None:
        return run.id
    models = ", ".join(f"{role} {ref.label or ref.location}" for role, ref in plan.models.items())
    return f"{run.id}: seed {plan.seed}, {plan.selection or 'no selection'}" + (f"; models: {models}" if models else "")


def _checks(project: "Project") -> Iterator[str]:
    imported = project.store.reviews.count("reviewer = 'import'")
    reviews = project.store.reviews.count() - imported
    labels = project.store.labels.count()
    yield f"{reviews} reviews by people, {imported} choices that came in with a file, {labels} labels by feedback models."
    if gate := project.gate_sentence():
        yield gate
    try:
        report = audit_report(project.store, sample_named(project.store))
    except MissingError:
        yield "Labels were not audited: no sample was drawn."
        return
    figures, said = report.figures, f"Audit of {report.progress.sample.size} pairs drawn at random"
    if figures is None:
        yield f"{said}: not done, {max(report.progress.done.values(), default=0)} answered so far."
        return
    said = f"{said}: {figures.answers} blind answers"
    yield f"{said}, agreement {_estimate(figures.agreement)}, agreement of people with each other {_estimate(figures.human)}."


def _estimate(value: Estimate | None) -> str:
    return "not known" if value is None else f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})"
