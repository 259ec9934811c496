"""What is likely to go wrong with a constitution, found before a model is asked: findings with a place and a sentence."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from workbench.interchange.lint_few_shots import few_shot_findings
from workbench.interchange.lint_wordings import alike, wording_findings
from workbench.records.constitution import Constitution, Principle, Use
from workbench.records.prompt import HELPFUL, RED_TEAM
from workbench.records.task import TASKS
from workbench.sentences import said

Severity = Literal["error", "warning", "note"]
_ORDER: tuple[Severity, ...] = ("error", "warning", "note")
WORDINGS = ("critique_request", "revision_request", "comparison_question")


@dataclass(frozen=True)
class Finding:
    """One thing to mend: how bad, where (a principle's id or 'few-shot 2', empty for the whole; its field), and why."""

    severity: Severity
    where: str
    field: str
    sentence: str

    def __str__(self) -> str:
        """Return it as one line."""
        place = ".".join(part for part in (self.where, self.field) if part)
        return f"{self.severity}: {place + ': ' if place else ''}{self.sentence}"


def lint(constitution: Constitution) -> list[Finding]:
    """Return all findings, errors first, in the order of the file.

    An error makes a stage fail or a trace ambiguous, a warning makes training worse, a note is a matter of judgement.
    """
    checks: tuple[Callable[[Constitution], Iterator[Finding]], ...] = (
        _whole, _identity, _wordings, _near_duplicates, _uses, _few_shots,
    )  # fmt: skip
    found = [finding for check in checks for finding in check(constitution)]
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))


def _whole(constitution: Constitution) -> Iterator[Finding]:
    if constitution.task not in TASKS:
        near = get_close_matches(constitution.task, TASKS, n=1)
        hint = (
            said("did you mean {near}?", near=near[0]) if near else said("tasks are {tasks}.", tasks=", ".join(TASKS))
        )
        yield Finding("error", "", "task", said("There is no task {task}; {hint}", task=constitution.task, hint=hint))
    if not constitution.principles:
        yield Finding("error", "", "principles", said("There is no principle."))
    elif not any(principle.enabled and principle.weight > 0 for principle in constitution.principles):
        yield Finding(
            "error", "", "principles", said("Every principle is switched off or has weight 0, so none can be drawn.")
        )


def _identity(constitution: Constitution) -> Iterator[Finding]:
    counts = Counter(principle.id for principle in constitution.principles)
    for name, count in counts.items():
        if count > 1:
            yield Finding(
                "error",
                name,
                "id",
                said("{count} principles have this id, so a row's trace would be ambiguous.", count=count),
            )
    for principle in constitution.principles:
        for kind in principle.applies_to:
            if kind not in (RED_TEAM, HELPFUL):
                near = get_close_matches(kind, (RED_TEAM, HELPFUL), n=1, cutoff=0.5)
                hint = (
                    said("did you mean {near}?", near=near[0])
                    if near
                    else said("kinds are {red_team} and {helpful}.", red_team=RED_TEAM, helpful=HELPFUL)
                )
                yield Finding(
                    "warning",
                    principle.id,
                    "applies_to",
                    said("There is no kind of prompt {kind}; {hint}", kind=kind, hint=hint),
                )


def _wordings(constitution: Constitution) -> Iterator[Finding]:
    for principle in constitution.principles:
        yield from _empty(principle)
        for field in WORDINGS:
            text = getattr(principle, field)
            for severity, sentence in wording_findings(field, text) if text else ():
                yield Finding(severity, principle.id, field, sentence)


def _empty(principle: Principle) -> Iterator[Finding]:
    if not any(getattr(principle, field).strip() for field in WORDINGS):
        yield Finding("error", principle.id, "", said("It has no wording, so no stage can use it."))
    elif principle.critique_request and not principle.revision_request:
        yield Finding(
            "error",
            principle.id,
            "revision_request",
            said("A critique request without a revision request is never used."),
        )
    elif principle.revision_request and not principle.critique_request:
        sentence = said("Without a critique request it serves only chains that revise directly.")
        yield Finding("warning", principle.id, "critique_request", sentence)


def _near_duplicates(constitution: Constitution) -> Iterator[Finding]:
    principles = [principle for principle in constitution.principles if principle.enabled]
    for field in WORDINGS:
        for index, principle in enumerate(principles):
            for other in principles[:index]:
                if alike(getattr(principle, field), getattr(other, field)):
                    sentence = said(
                        "It says nearly the same as that of {other}, which doubles that principle's weight.",
                        other=other.id,
                    )
                    yield Finding("warning", principle.id, field, sentence)


def _uses(constitution: Constitution) -> Iterator[Finding]:
    needs: tuple[tuple[Use, str, str], ...] = (
        ("revision", RED_TEAM, said("chains have nothing to revise by")),
        ("comparison", RED_TEAM, said("comparisons of red-team prompts cannot be labelled")),
        ("comparison", HELPFUL, said("comparisons of helpful prompts cannot be labelled")),
    )
    for use, kind, consequence in needs if constitution.principles else ():
        if not constitution.principles_for(use, kind):
            field = said("revision request") if use == "revision" else said("comparison question")
            sentence = said(
                "No enabled principle has a {field} for {kind} prompts, so {consequence}.",
                field=field,
                kind=kind,
                consequence=consequence,
            )
            yield Finding("warning", "", "principles", sentence)


def _few_shots(constitution: Constitution) -> Iterator[Finding]:
    for severity, where, field, sentence in few_shot_findings(constitution.few_shots):
        yield Finding(severity, where, field, sentence)
