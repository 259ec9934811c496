"""Where a project's data and models come from, and how far they were checked, in lines for a card."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from workbench import __version__
from workbench.errors import MissingError
from workbench.interchange.outgoing.cards import Provenance
from workbench.measurement.intervals import Estimate
from workbench.project.auditing import audit_report, sample_named
from workbench.records.constitution import ConstitutionVersion
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


#: The stages that make the rows a training learns from.
_LEARNT_FROM = {"sft": "sft", "preference_model": "preferences", "dpo": "preferences"}


def provenance_of(project: "Project", as_: str) -> Provenance:
    """Return where an export comes from: the runs of the stages that made its rows, and what came in from files."""
    runs = _runs_of(project, as_)
    if "labels" in _STAGES[as_]:
        return _provenance(project, project.constitution, runs, _checks(project), bool(project.store.labels.count()))
    return _provenance(project, project.constitution, runs, _read_by_people(project, runs) if runs else ())


def provenance_of_model(project: "Project", run: Run) -> Provenance:
    """Return where a run's model comes from: the runs before it, it last, and the constitution it was made by."""
    hash_ = run.plan.constitution_hash if run.plan else ""
    version = project.store.constitutions.get(hash_) if hash_ else None
    return _provenance(project, version or project.constitution, _leading_to(project, run), _checks(project))


def hub_base(project: "Project", run: Run) -> str:
    """Return the hub id that a run's policy descends from; empty where it comes from elsewhere."""
    known = {one.id: one for one in project.store.runs.newest_first()}
    before: Run | None = run
    while before is not None and before.plan is not None:
        policy = before.plan.model("policy")
        if policy is None or policy.kind == "hub":
            return policy.location if policy else ""
        known.pop(before.id, None)
        before = known.get(_run_in(policy.location)) if policy.kind == "run" else None
    return ""


def _leading_to(project: "Project", run: Run) -> list[Run]:
    """Return a run after those whose models and rows it was given, oldest first."""
    runs = list(reversed(project.store.runs.newest_first()))
    known, found, waiting = {one.id: one for one in runs}, {run.id}, [run]
    while waiting:
        plan = waiting.pop().plan
        if plan is None:
            continue
        named = {_run_in(ref.location) for ref in plan.models.values() if ref.kind == "run"} | set(plan.sources)
        if not plan.sources and plan.stage in _LEARNT_FROM:
            named |= {one.id for one in _runs_of(project, _LEARNT_FROM[plan.stage]) if not one.discarded}
        waiting += [known[name] for name in named & known.keys() - found]
        found |= named
    return [one for one in runs if one.id in found]


def _run_in(location: str) -> str:
    """Return the run that a place within the project's runs belongs to: a policy on the way of RL is RUN@RESPONSES."""
    return location.partition("@")[0]


def _runs_of(project: "Project", as_: str) -> list[Run]:
    return [run for run in reversed(project.store.runs.newest_first()) if run.stage in _STAGES.get(as_, (as_,))]


def _provenance(
    project: "Project", version: ConstitutionVersion, runs: list[Run], checks: Iterable[str], labelled: bool = False
) -> Provenance:
    return Provenance(
        version.constitution.title or version.constitution.name,
        version.hash,
        len(version.constitution.principles),
        tuple(_run_line(run) for run in runs),
        tuple(project.store.prompts.sources()),
        tuple(checks),
        __version__,
        labelled,
    )


def _run_line(run: Run) -> str:
    plan = run.plan
    if plan is None:
        return run.id
    models = ", ".join(f"{role} {ref.label or ref.location}" for role, ref in plan.models.items())
    return f"{run.id}: seed {plan.seed}, {plan.selection or 'no selection'}" + (f"; models: {models}" if models else "")


def _read_by_people(project: "Project", runs: list[Run]) -> Iterator[str]:
    """Say what people did with the texts of some runs, which is all that is known of their being read."""
    ids, exclusions = [run.id for run in runs], project.store.exclusions
    edited = len(project.store.edits.of_runs(ids))
    excluded = exclusions.among("chains", ids) + exclusions.among("steps", ids)
    yield f"People worded {edited} texts anew and left {excluded} out; nobody need have read the others."


def _checks(project: "Project") -> Iterator[str]:
    imported = project.store.reviews.count("reviewer = 'import'")
    reviews = project.store.reviews.count() - imported
    labels = project.store.labels.count()
    yield f"{reviews} reviews by people, {imported} choices that came in with a file, {labels} labels by feedback models."
    if not labels:
        return
    if gate := project.gate_sentence():
        yield gate
    try:
        report = audit_report(project.store, sample_named(project.store))
    except MissingError:
        yield "Labels were not audited: no sample was drawn."
        return
    figures, said = report.figures, f"Audit of {report.progress.sample.size} pairs drawn at random"
    if figures is None and (aside := report.progress.aside) is not None:
        yield f"{said}: set aside unfinished ({aside.reason}); no estimate comes from it."
        return
    if figures is None:
        yield f"{said}: not done, {max(report.progress.done.values(), default=0)} answered so far."
        return
    said = f"{said}: {figures.answers} blind answers"
    yield f"{said}, agreement {_estimate(figures.agreement)}, agreement of people with each other {_estimate(figures.human)}."


def _estimate(value: Estimate | None) -> str:
    return "not known" if value is None else f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})"
