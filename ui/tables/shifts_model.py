"""What an edit would change, comparison by comparison, as a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from workbench.project.would_change import Shift

Index = QModelIndex | QPersistentModelIndex


class ShiftsModel(QAbstractTableModel):
    """The comparisons that moved most stand first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[Shift] = ()
        self._titles = (
            (self.tr("Prompt"), self.tr("What was asked")),
            (self.tr("Committed"), self.tr("Probability that response a is better, as committed")),
            (self.tr("Edited"), self.tr("Probability that response a is better, as edited")),
            (self.tr("Moved"), self.tr("By how much it moved")),
            (self.tr("Flips"), self.tr("Whether the other response is favoured now")),
            (self.tr("People"), self.tr("Which response people found better")),
        )

    def show_rows(self, rows: "Sequence[Shift]") -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many comparisons there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many columns there are."""
        return len(self._titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        """Return a column's title, and what it means as a tool tip."""
        if orientation == Qt.Orientation.Horizontal and role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return self._titles[section][0 if role == Qt.ItemDataRole.DisplayRole else 1]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell."""
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        shift = self.rows[index.row()]
        people = {None: "–", True: "a", False: "b"}[shift.people]
        return (
            " ".join(shift.prompt.split()),
            f"{shift.before.probability_a:.2f}",
            f"{shift.after.probability_a:.2f}",
            f"{shift.moved:+.2f}" if shift.usable else self.tr("unusable"),
            "⇄" if shift.flipped else "",
            people,
        )[index.column()]
