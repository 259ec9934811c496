"""Where a text of a chain comes from, for the inspector."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.static_words import in_language
from ui.widgets.inspector import Facts
from ui.widgets.texts import moment

if TYPE_CHECKING:
    from workbench.project.chain_reading import ChainRead, StepRead
    from workbench.records.run import Plan

_SETTINGS = ("temperature", "max_tokens", "rounds", "critique", "few_shots", "principles")


def step_facts(read: "ChainRead", one: "StepRead", covered: bool = False) -> Facts:
    """Return who made a text, by which principle, model, settings and seed, and what exactly was sent.

    Where texts are covered, they are here too.
    """
    step, plan = one.step, read.run.plan
    kind = {"initial": _tr("Initial response"), "critique": _tr("Critique"), "revision": _tr("Revision")}[step.kind]
    heading = kind if not step.round else f"{kind} {step.round}"
    lines = [
        (_tr("Written by"), step.model),
        (_tr("Worded by"), f"{one.edit.person}, {moment(one.edit.created)}" if one.edit else ""),
        (_tr("What the model wrote"), _shown(step.text if one.edit else "", covered)),
        (_tr("Principle"), _principle(one)),
        (_tr("Constitution version"), plan.constitution_hash[:12] if plan else ""),
        (_tr("Filters found"), ", ".join(step.verdicts)),
        (_tr("Stale because"), "\n".join(read.stale)),
        (_tr("Left out because"), in_language(read.left_out)),
        _before(read, covered),
        (_tr("Excluded"), f"{one.exclusion.person} {one.exclusion.reason}".strip() if one.exclusion else ""),
        (_tr("Tokens"), _tr("{count}, ended by {finish}").format(count=step.tokens, finish=step.finish)),
        (_tr("Seed of this text"), str(step.seed)),
        (_tr("Run"), _run(read)),
        (_tr("Settings"), _settings(plan)),
        (_tr("Taken over from"), step.origin),
        (_tr("Step"), step.id),
        (_tr("Prompt exactly as sent"), _shown(step.sent, covered)),
    ]
    return Facts(heading, lines)


def waiting_facts(read: "ChainRead") -> Facts:
    """Return what is known of a chain that has no text yet."""
    lines = [
        (_tr("Left out because"), in_language(read.left_out)),
        (_tr("Run"), _run(read)),
        (_tr("Prompt"), read.prompt.id),
        (_tr("Settings"), _settings(read.run.plan)),
    ]
    return Facts(_tr("Left out") if read.left_out else _tr("Still to be written"), lines)


def _before(read: "ChainRead", covered: bool) -> tuple[str, str]:
    """The response the chain ended with that this one took the place of: what the new wording changed is held against it."""
    run, text = read.before or ("", "")
    return _tr("How it ended before, in {run}").format(run=run), _shown(text, covered)


def _shown(text: str, covered: bool) -> str:
    return _tr("(covered)") if covered and text else text


def _principle(one: "StepRead") -> str:
    principle = one.principle
    if principle is None:
        return one.step.principle_id or ""
    asked = principle.critique_request if one.step.kind == "critique" else principle.revision_request
    return f"{principle.title or principle.id} ({principle.id})\n{asked}"


def _run(read: "ChainRead") -> str:
    plan = read.run.plan
    if plan is None:
        return read.run.id
    return f"{read.run.id}, {moment(plan.created)}, " + _tr("seed {seed}").format(seed=plan.seed)


def _settings(plan: "Plan | None") -> str:
    shown = {name: plan.settings[name] for name in _SETTINGS if name in plan.settings} if plan else {}
    return "\n".join(f"{name} = {value}" for name, value in shown.items() if value != "")


def _tr(text: str) -> str:
    return QCoreApplication.translate("chains", text)
