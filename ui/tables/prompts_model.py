"""Prompts as a Qt table."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt

from ui.tables.paged_model import PagedModel

if TYPE_CHECKING:
    from workbench.store.prompt_rows import PromptRow


class PromptsModel(PagedModel):
    """One prompt a row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__((), parent, {4})
        self._titles = (
            self.tr("Prompt"),
            self.tr("Kind"),
            self.tr("Split"),
            self.tr("Tags"),
            self.tr("Chains"),
            self.tr("Source"),
        )

    def cell(self, row: "PromptRow", column: int, role: int) -> Any:
        """Return what a cell of a prompt shows."""
        earlier = self.tr("({turns} turns) ").format(turns=row.turns) if row.turns > 1 else ""
        text = row.text if role == Qt.ItemDataRole.ToolTipRole else " ".join(row.text.split())
        texts = (earlier + text, row.kind, row.split, ", ".join(row.tags), str(row.chains or ""), row.source)
        return texts[column]
