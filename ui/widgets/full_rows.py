"""Laying widgets out in rows that are full: the last row's stand as wide as it takes."""

import math
from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget


def lay_out(widgets: Sequence[QWidget], grid: QGridLayout, row: int, across: int) -> int:
    """Put widgets into a grid from a row on, so many beside each other; return the row after them.

    Where fewer are left for the last row they share its room, so that nothing of it is blank.
    """
    left = len(widgets) % across
    # So many cells of the grid make up a row that full rows and the last one both divide it evenly.
    cells = math.lcm(*range(1, across + 1))
    for cell in range(cells):
        grid.setColumnStretch(cell, 1)
    for cell in range(cells, grid.columnCount()):
        grid.setColumnStretch(cell, 0)
    for place, widget in enumerate(widgets):
        wide = cells // (left if place >= len(widgets) - left else across)
        grid.addWidget(widget, row + place // across, place % across * wide, 1, wide)
    return row + -(-len(widgets) // across)
