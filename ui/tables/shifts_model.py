"""What an edit would change, comparison by comparison, as a table."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt

from ui.tables.listed_model import ListedModel

if TYPE_CHECKING:
    from workbench.project.would_change import Shift


class ShiftsModel(ListedModel):
    """The comparisons that moved most stand first."""

    def __init__(self, parent: QObject | None = None) -> None:
        titles = (
            (_tr("Prompt"), _tr("What was asked")),
            (_tr("Committed"), _tr("Probability that response a is better, as committed")),
            (_tr("Edited"), _tr("Probability that response a is better, as edited")),
            (_tr("Moved"), _tr("By how much it moved")),
            (_tr("Flips"), _tr("Whether the other response is favoured now")),
            (_tr("People"), _tr("Which response people found better")),
        )
        super().__init__(titles, parent)

    def cell(self, row: "Shift", column: int, role: int) -> str | None:
        """Return what a cell of a comparison shows."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (
            " ".join(row.prompt.split()),
            f"{row.before.probability_a:.2f}",
            f"{row.after.probability_a:.2f}",
            f"{row.moved:+.2f}".replace("-", "−") if row.usable else _tr("unusable"),
            _tr("⇄ flips") if row.flipped else "",
            {None: "–", True: "a", False: "b"}[row.people],
        )[column]


def _tr(text: str) -> str:
    return QCoreApplication.translate("shifts", text)
