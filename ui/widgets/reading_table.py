"""Tables to read: rows are chosen, nothing is written into them, and Tab leads out of them."""

from PySide6.QtWidgets import QAbstractItemView, QTableView, QTableWidget


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
