"""Tables to read: rows are chosen, nothing is written into them, and Tab leads out of them."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QTableWidget

#: Pixels above and below the lines of a cell that has several.
_AIR = 12
#: Pixels that the style leaves beside them, of which Qt's reckoning knows nothing.
_PADDING = 10


class RowsView(QTableView):
    """A view of rows that Python tells.

    It is painted by one call from Python, which keeps the interpreter until the last cell is there. Called by Qt, each cell asks
    for it anew and, while another thread is at work, waits: a page of 30 rows took 60 ms then instead of 8.
    """

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the rows in view."""
        super().paintEvent(event)


class SeveralLines(QStyledItemDelegate):
    """Leaves air around the lines of a cell: Qt makes a row as high as they are, and they touch those of the next."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """Return Qt's own, in the room that padding leaves, and the air."""
        narrower = QStyleOptionViewItem(option)
        narrower.rect = option.rect.adjusted(0, 0, -_PADDING, 0)
        return super().sizeHint(narrower, index) + QSize(0, _AIR)


def reading_table(name: str, columns: int = 0) -> QTableWidget:
    """Return an empty table with so many columns; name says to those who do not see it what it shows."""
    table = QTableWidget(0, columns)
    for_reading(table, name)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    return table


def for_reading(table: QTableView, name: str) -> None:
    """Make a table one to read."""
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
