"""A table to read: rows are chosen, nothing is written into it, and Tab leads out of it."""

from PySide6.QtWidgets import QAbstractItemView, QTableWidget


def reading_table(name: str, columns: int = 0) -> QTableWidget:
    """Return an empty table with so many columns; name says to those who do not see it what it shows."""
    table = QTableWidget(0, columns)
    table.setAccessibleName(name)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)
    return table
