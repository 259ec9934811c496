"""Table views: one for rows that are read as they come into view, where nothing measures all rows, one for a few rows at hand."""

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui.widgets.reading_table import RowsView, for_reading


def paged_table(model: QAbstractItemModel, name: str, stretch: int) -> QTableView:
    """Return a view of a long table; the column named takes the room that is left."""
    table = _table(model, name)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.horizontalHeader().setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    return table


def listed_table(model: QAbstractItemModel, name: str, titles: QHeaderView | None = None) -> QTableView:
    """Return a view of a few rows; the first column takes the room that the others leave."""
    table = _table(model, name, titles)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    return table


def select_apart(table: QTableView) -> None:
    """Keep the selection from the titles: to paint one Qt would ask of every row of the table whether it is selected."""
    columns = table.horizontalHeader()
    columns.setSelectionModel(QItemSelectionModel(table.model(), columns))


def _table(model: QAbstractItemModel, name: str, titles: QHeaderView | None = None) -> QTableView:
    table = RowsView()
    if titles is not None:
        table.setHorizontalHeader(titles)
    table.setModel(model)
    for_reading(table, name)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setWordWrap(False)
    rows = table.verticalHeader()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(table.fontMetrics().height() + 10)
    columns = table.horizontalHeader()
    select_apart(table)
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table
