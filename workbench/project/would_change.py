"""What an edit of the constitution would change: a pinned sample of comparisons, labelled as committed and as edited.

request = change_request(project, Proposal("kindness", sample=40))
cost = cost_of(project, request)                                     # told before anything is asked
shifts = shifts_of(project, request, labelled)                       # from the Labelled pieces of the answer
found = what_changes(shifts)
"""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.errors import BadInputError, MissingError
from workbench.measurement.agreement import soft_accuracy
from workbench.measurement.intervals import Estimate
from workbench.project.auditing import under_audit
from workbench.project.project import Project
from workbench.project.requesting import SOURCES, Source, constitution_from, principle_of
from workbench.records.commands import quoted
from workbench.records.comparison import Comparison, Decision, Label
from workbench.records.constitution import Constitution
from workbench.records.encoding import from_data
from workbench.records.preference import standing_reviews
from workbench.records.request import Labelled, LabelRequest, NamedConstitution
from workbench.records.run import Run
from workbench.records.settings import LabelSettings
from workbench.sentences import said

SMALLEST, LARGEST = 20, 200
BEFORE, AFTER = SOURCES
_SIDES: dict[Decision, bool] = {"a_much": True, "a": True, "b": False, "b_much": False}
_DECIDED = ", ".join(f"'{decision}'" for decision in _SIDES)


@dataclass(frozen=True)
class Proposal:
    """What to compare: one principle asked alone, or with an empty id the whole constitution, drawn as in a run."""

    principle_id: str = ""
    sample: int = 40
    seed: int = 0
    feedback: str = ""


@dataclass(frozen=True)
class Cost:
    """Calls of the feedback model, and seconds by the pace of the newest labels; None where none were made yet.

    reviewed_elsewhere says that people reviewed comparisons, but none the sample could hold, such as on prompts of another kind.
    """

    comparisons: int
    reviewed: int
    calls: int
    seconds: float | None
    reviewed_elsewhere: bool = False


@dataclass(frozen=True)
class Shift:
    """One comparison: its label as committed and as edited, and whether people find response a better (None: undecided)."""

    comparison: Comparison
    prompt: str
    before: Label
    after: Label
    people: bool | None
    #: The kind of prompt.
    kind: str = ""

    @property
    def usable(self) -> bool:
        """Whether both labels can be used."""
        return self.before.verdict == self.after.verdict == "ok"

    @property
    def moved(self) -> float:
        """How much the probability that a is better moved."""
        return self.after.probability_a - self.before.probability_a

    @property
    def flipped(self) -> bool:
        """Whether the other response is favoured now; a half favours neither."""
        return self.usable and (self.before.probability_a - 0.5) * (self.after.probability_a - 0.5) < 0


@dataclass(frozen=True)
class WhatChanges:
    """Over the usable shifts: labels that flip, the mean move, and agreement with people's reviews before and after."""

    n: int
    flipped: int
    mean_move: float
    order_flips_before: int
    order_flips_after: int
    agreement_before: Estimate | None
    agreement_after: Estimate | None
    unusable: int


def change_request(project: Project, proposal: Proposal) -> LabelRequest:
    """Build the request; raises BadInputError where nothing is edited that a judge would be asked.

    Comparisons of an audit that is not done are passed by: who is yet to judge them unswayed must not see their labels.
    """
    if not SMALLEST <= proposal.sample <= LARGEST:
        raise BadInputError(
            "A sample has {smallest} to {largest} comparisons, not {sample}.",
            smallest=SMALLEST,
            largest=LARGEST,
            sample=proposal.sample,
        )
    versions = {name: _asked(constitution_from(project, name), proposal) for name in SOURCES}
    _must_differ(versions, proposal)
    applies = versions[AFTER].principles[0].applies_to if proposal.principle_id else ()
    hidden = under_audit(project.store)
    comparisons = project.store.comparisons.pinned(proposal.sample, applies, hidden)
    if not comparisons:
        raise MissingError(_none_to_label(project, bool(hidden)))
    prompts = project.store.prompts.get_many(list(dict.fromkeys(one.prompt_id for one in comparisons)))
    return LabelRequest(
        project.model(proposal.feedback, "labels", "feedback"),
        tuple(NamedConstitution(name, constitution) for name, constitution in versions.items()),
        tuple(prompts.values()),
        tuple(comparisons),
        _settings(project),
        proposal.seed,
        project.constitution.constitution.task,
    )


def cost_of(project: Project, request: LabelRequest) -> Cost:
    """Return what a request takes."""
    orders = 2 if request.settings.both_orders else 1
    labels = len(request.comparisons) * len(request.constitutions)
    runs: Sequence[Run] = project.store.runs.usable("labels")
    pace = next((run.seconds / run.done for run in runs if run.done and run.seconds), None)
    reviewed = len(_people(project, request.comparisons))
    calls = labels * orders * _principles(request)
    seconds = None if pace is None else pace * labels
    elsewhere = not reviewed and bool(project.store.reviews.select(f"decision IN ({_DECIDED})", limit=1))
    return Cost(len(request.comparisons), reviewed, calls, seconds, elsewhere)


def shifts_of(project: Project, request: LabelRequest, labelled: Sequence[Labelled]) -> list[Shift]:
    """Pair the labels of both versions, those that moved most first; what has one label only is left out."""
    labels = {(one.name, one.label.comparison_id): one.label for one in labelled}
    prompts = {prompt.id: prompt for prompt in request.prompts}
    people = _people(project, request.comparisons)
    found = [
        Shift(one, asked.text, labels[BEFORE, one.id], labels[AFTER, one.id], people.get(one.id), asked.kind)
        for one, asked in ((one, prompts[one.prompt_id]) for one in request.comparisons)
        if (BEFORE, one.id) in labels and (AFTER, one.id) in labels
    ]
    return sorted(found, key=lambda shift: -abs(shift.moved))


def what_changes(shifts: Sequence[Shift]) -> WhatChanges:
    """Sum shifts up."""
    usable = [shift for shift in shifts if shift.usable]
    judged = [(shift.before, shift.after, shift.people) for shift in usable if shift.people is not None]
    people = [chose_a for _, _, chose_a in judged]
    return WhatChanges(
        len(usable),
        sum(shift.flipped for shift in usable),
        sum(abs(shift.moved) for shift in usable) / len(usable) if usable else 0.0,
        sum(shift.before.order_flip for shift in usable),
        sum(shift.after.order_flip for shift in usable),
        soft_accuracy([before.probability_a for before, _, _ in judged], people) if judged else None,
        soft_accuracy([after.probability_a for _, after, _ in judged], people) if judged else None,
        len(shifts) - len(usable),
    )


def _none_to_label(project: Project, audited: bool) -> str:
    make = f"workbench run {quoted(project.folder)} comparisons"
    if audited:
        what = said("No comparison is left beside those of the audit that is not done")
        return said("{what}: answer its sample first, or make more with: {make}", what=what, make=make)
    return said("There are no comparisons to label yet; make them with: {make}", make=make)


def _settings(project: Project) -> LabelSettings:
    """How the newest labels were asked for, so that what is seen here is what a run would make."""
    runs: Sequence[Run] = project.store.runs.usable("labels")
    plan = runs[0].plan if runs else None
    return LabelSettings() if plan is None else from_data(LabelSettings, plan.settings)


def _asked(constitution: Constitution, proposal: Proposal) -> Constitution:
    """The constitution as a judge is asked by it: of one principle, it alone, whatever its weight."""
    if not proposal.principle_id:
        return constitution
    principle = principle_of(constitution, proposal.principle_id)
    if principle is None:
        raise MissingError(
            "Principle {principle_id} is not in both versions; look at the whole constitution instead.",
            principle_id=proposal.principle_id,
        )
    if not principle.comparison_question:
        raise BadInputError(
            "Principle {principle} has no comparison question in both versions, so no label is made by it.",
            principle=principle.id,
        )
    return dataclasses.replace(constitution, principles=(dataclasses.replace(principle, enabled=True, weight=1.0),))


def _must_differ(versions: Mapping[Source, Constitution], proposal: Proposal) -> None:
    asked = [
        (
            [(one.comparison_question, one.weight, one.enabled, one.applies_to) for one in version.principles],
            version.few_shots_for("comparison"),
        )
        for version in versions.values()
    ]
    if asked[0] == asked[1]:
        what = (
            said("its comparison question")
            if proposal.principle_id
            else said("no comparison question, weight or switch")
        )
        words = said("is as committed") if proposal.principle_id else said("is edited")
        raise BadInputError("No label would change: {what} {why}. Edit it first.", what=what, why=words)


def _principles(request: LabelRequest) -> int:
    """Principles asked about each comparison, at most as many as there are."""
    there = max(len(one.constitution.principles) for one in request.constitutions)
    return max(1, min(request.settings.principles, there))


def _people(project: Project, comparisons: Sequence[Comparison]) -> dict[str, bool]:
    """Whether people find a better, by comparison; where they are divided or undecided there is nothing."""
    found: dict[str, bool] = {}
    for comparison_id, reviews in project.store.reviews.of([one.id for one in comparisons]).items():
        sides = {_SIDES[one.decision] for one in standing_reviews(reviews) if one.decision in _SIDES}
        if len(sides) == 1:
            found[comparison_id] = sides.pop()
    return found
