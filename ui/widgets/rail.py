"""The left rail: the places in the order of the method, each with the state of its step."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ui.look.icons import paint_icon
from ui.places import Mark, Place
from ui.widgets.texts import set_part

_KEY = Qt.ItemDataRole.UserRole
_MARK = Qt.ItemDataRole.UserRole + 1
#: Whether a line above it parts it from the places of the method.
_PART = Qt.ItemDataRole.UserRole + 2
#: Pixels before an icon and behind a mark, and by how many an icon is higher than the text beside it.
_BEFORE, _BEHIND, _LARGER = 18, 14, 2
#: Pixels between the places of the method and those below them, with a line in their middle.
_APART = 13


class Rail(QListWidget):
    """Choosing a place goes there; a click or the key Return takes the keyboard along."""

    chosen = Signal(str)
    entered = Signal()

    def __init__(self, places: Sequence[Place], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "rail")
        self.setAccessibleName(self.tr("Places"))
        self.setItemDelegate(_PlaceDelegate(self))
        self._places = places
        for place in places:
            item = QListWidgetItem(place.title)
            item.setData(_KEY, place.key)
            item.setData(_PART, place.key == "models")
            key = QKeySequence(place.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            item.setToolTip(f"{place.purpose} ({key})")
            self.addItem(item)
        self.show_marks({})
        self.setFixedWidth(self.sizeHintForColumn(0) + self.fontMetrics().height() + 6)  # for the mark
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


class _PlaceDelegate(QStyledItemDelegate):
    """Draws a place's icon before its title and the state of its step behind it, each in a column of its own."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the item, then its icon and its mark."""
        option = QStyleOptionViewItem(option)
        if index.data(_PART):
            self._part(painter, option)
        super().paint(painter, option, index)
        palette, height = option.palette, option.fontMetrics.height()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        quiet, loud = palette.placeholderText().color(), palette.text().color()
        rectangle: QRect = option.rect
        side = height + _LARGER
        square = QRectF(rectangle.left() + _BEFORE, rectangle.center().y() + 0.5 - side / 2, side, side)
        paint_icon(painter, index.data(_KEY), square, loud if chosen else quiet)
        column = QRect(rectangle.right() - _BEHIND - height, rectangle.top(), height, rectangle.height())
        painter.setPen(loud)
        painter.drawText(column, Qt.AlignmentFlag.AlignCenter, index.data(_MARK) or "")

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """Return the item's size, with the room above it that parts it from the method's places."""
        return super().sizeHint(option, index) + QSize(0, _APART if index.data(_PART) else 0)

    @staticmethod
    def _part(painter: QPainter, option: QStyleOptionViewItem) -> None:
        """Draw the line that parts, and leave the item what is below it."""
        whole: QRect = option.rect
        painter.setPen(option.palette.mid().color())
        middle = whole.top() + _APART // 2
        painter.drawLine(whole.left() + _BEFORE, middle, whole.right() - _BEHIND, middle)
        option.rect = whole.adjusted(0, _APART, 0, 0)
