"""Tab goes as the eye does: through rows and columns as they are laid out, whatever was made first."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDialog, QMainWindow, QWidget

Placed = tuple[QWidget, QRect]
Edge = Callable[[QRect], int]


class WindowInOrder(QMainWindow):
    """A window whose parts Tab walks in the order in which they stand, also those made or moved since."""

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: N802
        """Put what is there now in order, and go on."""
        put_in_order(self)
        return super().focusNextPrevChild(next)


class SheetInOrder(QDialog):
    """A sheet whose parts Tab walks in the order in which they stand, also those made or moved since."""

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: N802
        """Put what is there now in order, and go on."""
        put_in_order(self)
        return super().focusNextPrevChild(next)


def put_in_order(root: QWidget) -> None:
    """Let Tab come to what is visible in a root in the order in which it is read."""
    for one, after in pairwise(reading_order(root)):
        QWidget.setTabOrder(one, after)


def reading_order(root: QWidget) -> Iterator[QWidget]:
    """Yield what Tab may come to in a widget, itself first, as it is laid out; what is hidden is left out."""
    if root.focusPolicy() & Qt.FocusPolicy.TabFocus and root.focusProxy() is None:
        yield root
    if not isinstance(root, QComboBox | QAbstractSpinBox):  # whose parts take keys for the whole
        for part in _parts(root):
            yield from reading_order(part)


def _parts(root: QWidget) -> Iterator[QWidget]:
    """Yield the visible widgets right within one as they are read.

    They are told apart by where they are. To ask a layout for its items would leave objects in Python for things that Qt deletes
    without a word, and the next thing at such an address would be taken for one of them.
    """
    there = root.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    yield from _read([(one, one.geometry()) for one in there if one.isVisible() and not one.isWindow()])


def _read(placed: list[Placed]) -> Iterator[QWidget]:
    """Yield widgets row by row, within a row column by column, and so on; what lies over each other by where it begins."""
    rows = _cut(placed, QRect.top, QRect.bottom)
    groups = rows if len(rows) > 1 else _cut(placed, QRect.left, QRect.right)
    if len(groups) > 1:
        for group in groups:
            yield from _read(group)
    else:
        yield from (one for one, _ in sorted(placed, key=lambda one: _beginning(one[1], placed)))


def _beginning(place: QRect, placed: list[Placed]) -> tuple[int, int]:
    one_row = max(there.top() for _, there in placed) <= min(there.bottom() for _, there in placed)
    return (0 if one_row else place.top()), place.left()


def _cut(placed: list[Placed], start: Edge, end: Edge) -> list[list[Placed]]:
    """Return widgets in groups between which there is a straight line that meets none of them."""
    groups: list[list[Placed]] = []
    reached = 0
    for one in sorted(placed, key=lambda one: start(one[1])):
        if groups and start(one[1]) <= reached:
            groups[-1].append(one)
            reached = max(reached, end(one[1]))
        else:
            groups.append([one])
            reached = end(one[1])
    return groups
