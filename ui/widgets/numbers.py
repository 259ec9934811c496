"""Boxes for numbers, with the room around the number that a line of text has."""

from typing import TypeVar

from PySide6.QtWidgets import QAbstractSpinBox

Box = TypeVar("Box", bound=QAbstractSpinBox)

#: Pixels left of the number: the style sheet's padding widens the box, but does not move what stands in it.
ROOM = 5


def roomy(box: Box) -> Box:
    """Move the number in a box off its left border, and return the box."""
    box.lineEdit().setTextMargins(ROOM, 0, 0, 0)
    return box
