"""Tab goes as the eye does: through rows and columns as they are laid out, whatever was made first."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDialog, QMainWindow, QScrollArea, QWidget

Placed = tuple[QWidget, QRect]
Edge = Callable[[QRect], int]
#: Pixels that are seen above and below what has the keyboard.
_AROUND = 4


class WindowInOrder(QMainWindow):
    """A window whose parts Tab walks in the order in which they stand, also those made or moved since."""

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: N802
        """Go on to what is read next, or before."""
        if go_on(self, next):
            return True
        put_in_order(self)
        return super().focusNextPrevChild(next)


class SheetInOrder(QDialog):
    """A sheet whose parts Tab walks in the order in which they stand, also those made or moved since."""

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: N802
        """Go on to what is read next, or before."""
        if go_on(self, next):
            return True
        put_in_order(self)
        return super().focusNextPrevChild(next)


def go_on(root: QWidget, forward: bool) -> bool:
    """Give the keyboard to what is read after what has it in a root, or before, around its end; say whether that was possible.

    Qt's own way goes wrong at panes of tabs: at the end of a window it goes to the bar of one, and not to the beginning.
    """
    has = root.focusWidget()
    if has is None or not has.isVisible():  # what had it goes away just now
        return False
    seen = list(_visible(root))
    place = _place_of(has, seen)
    others = seen[place + 1 :] + seen[:place] if forward else seen[:place][::-1] + seen[place + 1 :][::-1]
    to = next((one for one in others if _takes_tab(one) and one.isEnabled()), None)
    if to is not None:
        to.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        bring_into_view(to)
    return to is not None


def bring_into_view(widget: QWidget) -> None:
    """Scroll what lies around a widget so that the whole of it is seen: Qt brings up no more than its cursor."""
    around = widget.parentWidget()
    while around is not None:
        content = around.widget() if isinstance(around, QScrollArea) else None
        if isinstance(around, QScrollArea) and content is not None:
            middle = widget.mapTo(content, widget.rect().center())
            half = min(widget.height(), around.viewport().height()) // 2
            around.ensureVisible(middle.x(), middle.y(), 0, half + _AROUND)
        around = around.parentWidget()


def _place_of(widget: QWidget | None, seen: Sequence[QWidget]) -> int:
    """Return where a widget stands, or what it is a part of, as the line of a number's box is."""
    place = next((at for at, one in enumerate(seen) if one is widget), None)
    if place is None:
        return _place_of(widget.parentWidget(), seen) if widget is not None else 0
    return place


def put_in_order(root: QWidget) -> None:
    """Let Qt come to what is visible in a root in the order in which it is read."""
    for one, after in pairwise(reading_order(root)):
        QWidget.setTabOrder(one, after)


def reading_order(root: QWidget) -> Iterator[QWidget]:
    """Yield what Tab may come to in a widget, itself first, as it is laid out; what is hidden is left out."""
    yield from filter(_takes_tab, _visible(root))


def _takes_tab(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None


def _visible(root: QWidget) -> Iterator[QWidget]:
    """Yield a widget and what is visible in it, as it is laid out."""
    yield root
    if not isinstance(root, QComboBox | QAbstractSpinBox):  # whose parts take keys for the whole
        for part in _parts(root):
            yield from _visible(part)


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
