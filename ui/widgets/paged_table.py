"""Table views: one for rows that are read as they come into view, where nothing measures all rows, one for a few rows at hand."""

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView


def paged_table(model: QAbstractItemModel, name: str, stretch: int) -> QTableView:
    """Return a view of a long table; the column named takes the room that is left."""
    table = _table(model, name)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.horizontalHeader().setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    return table


def listed_table(model: QAbstractItemModel, name: str) -> QTableView:
    """Return a view of a few rows; the first column takes the room that the others leave."""
    table = _table(model, name)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return table


def select_apart(table: QTableView) -> None:
    """Keep the selection from the titles: to paint one Qt would ask of every row of the table whether it is selected."""
    columns = table.horizontalHeader()
    columns.setSelectionModel(QItemSelectionModel(table.model(), columns))


def _table(model: QAbstractItemModel, name: str) -> QTableView:
    table = QTableView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    rows = table.verticalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(table.fontMetrics().height() + 10)
    columns = table.horizontalHeader()
    columns.setHighlightSections(False)
    select_apart(table)
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table
