"""Tab goes as the eye does: through rows and columns as they are laid out, whatever was made first."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QGridLayout,
    QLayout,
    QMainWindow,
    QWidget,
)


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


def _parts(root: QWidget) -> list[QWidget]:
    """Return the visible widgets right within one: in the order of its layout, then what is in none, by place."""
    there = [one for one in root.children() if isinstance(one, QWidget) and one.isVisible() and not one.isWindow()]
    layout = None if isinstance(root, QMainWindow) else root.layout()  # that layout does not tell its docks by place
    laid_out = [one for one in _in_layout(layout) if one in there] if layout is not None else []
    others = sorted((one for one in there if one not in laid_out), key=lambda one: (one.y(), one.x()))
    return laid_out + others


def _in_layout(layout: QLayout) -> Iterator[QWidget]:
    places = list(range(layout.count()))
    if isinstance(layout, QGridLayout):  # which lists its cells as they were filled
        places.sort(key=lambda place: tuple(layout.getItemPosition(place)))  # type: ignore[arg-type]
    for item in map(layout.itemAt, places):
        within, widget = (item.layout(), item.widget()) if item is not None else (None, None)
        if within is not None:
            yield from _in_layout(within)
        elif widget is not None:
            yield widget
