"""What the inspector tells on the page Evaluate: where an evaluation's figures come from, one figure, and what a gate asked."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from ui.pages.run_lines import run_lines
from ui.pages.test_set import test_set_words
from ui.session import Session
from ui.static_words import in_language
from ui.widgets.inspector import Facts

if TYPE_CHECKING:
    from workbench.project.evaluations import Findings
    from workbench.project.judge_gates import Gate
    from workbench.records.run import Run


def run_named(session: Session, run_id: str) -> "Run | None":
    """Return a run as the session knows it."""
    return next((one.run for one in session.runs if one.run.id == run_id), None)


def evaluation_facts(session: Session, found: "Findings") -> Facts:
    """Tell which models answered what, by which weights, and how they were asked."""
    return Facts(_tr("Evaluation {run}").format(run=found.run), _evaluation_lines(session, found))


def figure_facts(session: Session, found: "Findings", title: str, kind: str, key: str) -> Facts:
    """Tell a figure of each model with its interval and of how many answers it is, and where it comes from."""
    lines = []
    for name, kinds in found.measured["policies"].items():
        value = kinds.get(kind, {}).get(key)
        if value is not None:
            count = kinds[kind]["answers"]
            lines.append((name, _tr("{value}, of {count} answers").format(value=_shown(value), count=count)))
    heading = _tr("{figure} on {kind} prompts").format(figure=title, kind=kind)
    return Facts(heading, [*lines, *_evaluation_lines(session, found)])


def gate_facts(session: Session, gate: "Gate") -> Facts:
    """Tell what a judge reached on an evaluation set, and how it was asked."""
    judge = _tr("{judge}, step by step").format(judge=gate.judge) if gate.rationale else gate.judge
    lines = [(_tr("Judge"), judge), (_tr("Set"), gate.sets), (_tr("Verdict"), in_language(gate.verdict.sentence))]
    return Facts(_tr("What a judge reached"), [*lines, *run_lines(run_named(session, gate.run), _tr("Asked by"))])


def _evaluation_lines(session: Session, found: "Findings") -> Sequence[tuple[str, str]]:
    says = _tr("{name}: {origin}, {count} answers, weights {weights}")
    models = [
        says.format(
            name=one.name,
            origin=one.from_run or "–",
            count=one.answers,
            weights=one.weights[:12] or _tr("not recorded"),
        )
        for one in found.models
    ]
    return [
        (_tr("Models"), "\n".join(models)),
        (_tr("Test set"), test_set_words(found)),
        *run_lines(run_named(session, found.run), _tr("Asked and judged by")),
    ]


def _shown(value: Any) -> str:
    if not isinstance(value, Mapping):
        return f"{value:.3g}"
    return _tr("{value:.3g}, 95% interval {low:.3g} to {high:.3g}").format(
        value=value["value"], low=value["low"], high=value["high"]
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("figure_facts", text)
