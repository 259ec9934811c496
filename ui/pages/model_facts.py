"""What the inspector tells of a model."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.static_words import in_language
from ui.widgets.texts import moment
from workbench.records.commands import quoted

if TYPE_CHECKING:
    from workbench.project.known_models import KnownModel


def model_facts(model: "KnownModel", project: Path | None) -> list[tuple[str, str]]:
    """Return what a model is, can do and is called, and the command that uses it."""
    lines = [(_tr("Name in runs"), model.name)]
    if model.problem and not model.weightless:  # nothing else of it can be relied on
        return [*lines, (_tr("Cannot be used"), in_language(model.problem))]
    lines += [(_tr("What it is"), "\n".join(map(in_language, model.facts)))] if model.facts else []
    lines += [(_tr("Memory to ask it"), in_language(model.memory))] if model.memory else []
    lines += [(in_language(badge.text), in_language(badge.why)) for badge in model.badges if badge.why]
    if model.endpoint is not None:
        can = model.endpoint.can
        lines += [
            (_tr("Server says it is"), can.server or "–"),
            (_tr("Longest text"), str(can.context) if can.context else "–"),
            (_tr("Requests at once"), str(model.endpoint.concurrency)),
            (_tr("Tested"), moment(can.checked) or _tr("never")),
        ]
    elif model.untrainable:
        lines.append((_tr("Cannot be trained"), in_language(model.untrainable)))
    command = f"workbench models use {quoted(project)} {quoted(model.name)} --as feedback"
    if model.weightless:
        command = f"workbench run {quoted(project)} {model.weightless}"
    return [*lines, (_tr("Command"), command)]


def _tr(text: str) -> str:
    return QCoreApplication.translate("model_facts", text)
