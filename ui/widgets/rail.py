"""The left rail: the places in the order of the method, each with the state of its step."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.places import Mark, Place
from ui.widgets.texts import set_part

_KEY = Qt.ItemDataRole.UserRole
_MARK = Qt.ItemDataRole.UserRole + 1


class Rail(QListWidget):
    """Choosing a place goes there; a click or the key Return takes the keyboard along."""

    chosen = Signal(str)
    entered = Signal()

    def __init__(self, places: Sequence[Place], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "rail")
        self.setAccessibleName(self.tr("Places"))
        self.setItemDelegate(_MarkDelegate(self))
        self._places = places
        for place in places:
            item = QListWidgetItem(f"      {place.title}")  # room for the mark
            item.setData(_KEY, place.key)
            item.setToolTip(f"{place.purpose} ({place.shortcut})")
            self.addItem(item)
        self.show_marks({})
        self.setFixedWidth(self.sizeHintForColumn(0) + 30)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.currentRowChanged.connect(self._tell)
        self.itemClicked.connect(lambda _: self.entered.emit())
        self.itemActivated.connect(lambda _: self.entered.emit())

    def show_marks(self, marks: Mapping[str, Mark]) -> None:
        """Show each step's state by a sign, and in words to those who listen."""
        for row, place in enumerate(self._places):
            mark = marks.get(place.key, Mark.NONE)
            item = self.item(row)
            item.setData(_MARK, mark.value)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{place.title} {mark.word}".strip())

    def show_place(self, key: str) -> None:
        """Mark a place as the one shown."""
        for row, place in enumerate(self._places):
            if place.key == key:
                self.setCurrentRow(row)

    def _tell(self, row: int) -> None:
        if row >= 0:
            self.chosen.emit(self._places[row].key)


class _MarkDelegate(QStyledItemDelegate):
    """Draws each mark in the middle of a column of its own, so that titles stand below each other."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the item, then its mark."""
        super().paint(painter, option, index)
        rectangle: QRect = option.rect
        column = QRect(rectangle.left() + 10, rectangle.top(), option.fontMetrics.height(), rectangle.height())
        painter.setPen(option.palette.text().color())
        painter.drawText(column, Qt.AlignmentFlag.AlignCenter, index.data(_MARK) or "")
