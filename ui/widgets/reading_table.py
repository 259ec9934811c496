"""Tables to read: rows are chosen, nothing is written into them, and Tab leads out of them."""

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QTableWidget


class RowsView(QTableView):
    """A view of rows that Python tells.

    It is painted by one call from Python, which keeps the interpreter until the last cell is there. Called by Qt, each cell asks
    for it anew and, while another thread is at work, waits: a page of 30 rows took 60 ms then instead of 8.
    """

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the rows in view."""
        super().paintEvent(event)


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
