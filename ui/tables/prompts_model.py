"""Prompts as a Qt table."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Qt

from ui.static_words import in_language
from ui.tables.paged_model import PagedModel

if TYPE_CHECKING:
    from workbench.store.prompt_rows import PromptRow


class PromptsModel(PagedModel):
    """One prompt a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        titles = (_tr("Prompt"), _tr("Kind"), _tr("Split"), _tr("Tags"), _tr("Chains"), _tr("Source"))
        super().__init__(titles, parent, {4})

    def cell(self, row: "PromptRow", column: int, role: int) -> Any:
        """Return what a cell of a prompt shows."""
        earlier = _tr("({turns} turns) ").format(turns=row.turns) if row.turns > 1 else ""
        text = row.text if role == Qt.ItemDataRole.ToolTipRole else " ".join(row.text.split())
        texts = (
            earlier + text,
            in_language(row.kind),
            in_language(row.split),
            ", ".join(row.tags),
            str(row.chains or ""),
            row.source,
        )
        return texts[column]


def _tr(text: str) -> str:
    return QCoreApplication.translate("prompts", text)
