"""Lists of choices whose words come from the project: the open list is as wide as its longest words, the box stays as it is."""

from PySide6.QtWidgets import QComboBox

_AROUND = 30


def widen_list(box: QComboBox) -> None:
    """Make the open list of a box as wide as what stands in it; to be called again when that changes."""
    widest = max((box.fontMetrics().horizontalAdvance(box.itemText(place)) for place in range(box.count())), default=0)
    box.view().setMinimumWidth(widest + _AROUND)
