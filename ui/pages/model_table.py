"""The table of models: what each is and can do, in words."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QHeaderView, QTableWidget

from ui.static_words import in_language
from ui.widgets.reading_table import SeveralLines, reading_table
from ui.widgets.texts import letters

if TYPE_CHECKING:
    from workbench.project.known_models import KnownModel


def model_table() -> QTableWidget:
    """Return the table, empty; cells fill a row of it."""
    table = reading_table(_tr("Models by source"), 4)
    table.setHorizontalHeaderLabels([_tr("Model"), _tr("From"), _tr("What it is and can do"), _tr("Used as")])
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.setItemDelegate(SeveralLines(table))
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
    header.sectionResized.connect(lambda *_: table.resizeRowsToContents())  # lines break elsewhere then
    for column, width in ((0, 33), (1, 14), (3, 17)):
        table.setColumnWidth(column, letters(table, width))
    return table


def cells(model: "KnownModel") -> tuple[str, str, str, str]:
    """Return what stands in a model's row."""
    sources = {
        "demo": _tr("workbench"),
        "run": _tr("run"),
        "hub": _tr("hub cache"),
        "folder": _tr("folder"),
        "endpoint": _tr("endpoint"),
    }
    able = [f"✗ {_problem(model)}"] if model.problem else []
    if not able:  # lines break between facts, not within one
        facts = map(in_language, (*model.facts, *(badge.text for badge in model.badges)))
        able = [fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in facts]
    roles = role_words()
    title = in_language(model.title)
    if model.endpoint is not None:  # its sheets and runs call it by its name
        title = f"{model.endpoint.name}: {title}"
    return title, sources[model.source], "  ".join(able), ", ".join(roles[role] for role in model.roles)


def role_words() -> dict[str, str]:
    """Return the roles a model can be chosen for, as people call them."""
    return {
        "response": _tr("Response model"),
        "critic": _tr("Critic"),
        "feedback": _tr("Feedback model"),
        "policy": _tr("Start of SFT"),
    }


def _problem(model: "KnownModel") -> str:
    """Return what speaks against a model; in its own row it goes by its title, not by where the cache keeps it."""
    words = in_language(model.problem)
    return words.replace(model.folder, model.title) if model.folder and model.source == "hub" else words


def _tr(text: str) -> str:
    return QCoreApplication.translate("model_table", text)
