"""The coverage of the principles as a table: counts sort as numbers, what is not there as less than everything."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

if TYPE_CHECKING:
    from workbench.project.coverage import PrincipleCoverage

Index = QModelIndex | QPersistentModelIndex
#: What a proxy sorts by.
SORT = Qt.ItemDataRole.UserRole


class CoverageModel(QAbstractTableModel):
    """One row a principle."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[PrincipleCoverage] = ()
        self._columns: tuple[tuple[str, str, Callable[[PrincipleCoverage], float | str | None]], ...] = (
            (self.tr("Principle"), self.tr("As it is called in lists"), lambda one: one.title),
            (self.tr("Drawn"), self.tr("Revisions it was drawn for"), lambda one: one.counted.drawn),
            (
                self.tr("Changed"),
                self.tr("Share of words its newest revisions changed"),
                lambda one: one.changed,
            ),
            (
                self.tr("Unchanged"),
                self.tr("Share of its revisions that are what they began from"),
                lambda one: one.unchanged,
            ),
            (self.tr("Labels"), self.tr("Comparisons labelled by it"), lambda one: one.counted.labels),
            (
                self.tr("Order flips"),
                self.tr("Share of its labels that turned with the order of the responses"),
                lambda one: one.order_flips,
            ),
            (
                self.tr("People agree"),
                self.tr("Share of blind reviews of its pairs that chose as its labels did, with a 95 % interval"),
                lambda one: one.agreement.value if one.agreement else None,
            ),
        )

    def show_rows(self, rows: "Sequence[PrincipleCoverage]") -> None:
        """Show these."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many principles there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many columns there are."""
        return len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: N802
        """Return a column's title, and what it means as a tool tip."""
        if orientation == Qt.Orientation.Horizontal and role in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
        ):
            return self._columns[section][0 if role == Qt.ItemDataRole.DisplayRole else 1]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell as text, or as what it sorts by."""
        one = self.rows[index.row()]
        value = self._columns[index.column()][2](one)
        if role == SORT:
            return -1.0 if value is None else value
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.column() == self.columnCount() - 1 and one.agreement:
            low, high = one.agreement.low, one.agreement.high
            return self.tr("{value:.0%} ({low:.0%}–{high:.0%}, {n})").format(
                value=value, low=low, high=high, n=one.counted.reviews
            )
        if index.column() == 0 and not one.in_constitution:
            return self.tr("{title} (not in it any more)").format(title=value)
        return "–" if value is None else f"{value:.0%}" if isinstance(value, float) else value
