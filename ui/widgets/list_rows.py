"""Rows of several lines in a list: the first is what one looks for, what is told of it below stands back."""

from math import ceil

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QTextCharFormat, QTextLayout, QTextOption
from PySide6.QtWidgets import QApplication, QListWidget, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.widgets.texts import units

#: Ends a line within one layout of text, and in what an item's style is given to draw.
_LINE_END = "\u2028"
#: Part what a row is about from what is told of it on the same line.
BLANKS = "   "
#: Pixels between the end of a line and the end of its row.
_AT_END = 6
#: Pixels above and below the words of a row that wraps them, as the style sheet has it.
_AROUND = 8


def told_below(rows: QListWidget) -> None:
    """Have a list write all lines of a row but the first in the colour of what stands back."""
    rows.setItemDelegate(_FirstThingsFirst(_LINE_END, rows))


def told_behind(rows: QListWidget) -> None:
    """Have a list write so all that comes behind the first words of a row, where three blanks part them."""
    rows.setItemDelegate(_FirstThingsFirst(BLANKS, rows))


class _FirstThingsFirst(QStyledItemDelegate):
    """Draws a row as its style does, but for the words, which a style has in one colour."""

    def __init__(self, ends_first: str, rows: QListWidget) -> None:
        super().__init__(rows)
        self._ends_first = ends_first

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row, then its lines."""
        row = QStyleOptionViewItem(option)
        self.initStyleOption(row, index)
        text, room = row.text, _room_for_words(row)
        row.text = ""
        _style(row).drawControl(QStyle.ControlElement.CE_ItemViewItem, row, painter, row.widget)
        painter.save()
        painter.setClipRect(room)
        there = bool(row.state & QStyle.StateFlag.State_Enabled)
        painter.setPen((row.palette.text() if there else row.palette.placeholderText()).color())
        layout = _laid_out(text, self._ends_first, row, room.width())
        top = room.top() + max(0.0, (room.height() - layout.boundingRect().height()) / 2)
        layout.draw(painter, QPointF(room.left(), top))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        """Return Qt's own, or as high as the lines are where the list wraps them."""
        size, rows = super().sizeHint(option, index), self.parent()
        if isinstance(rows, QListWidget) and rows.wordWrap():
            row = QStyleOptionViewItem(option)
            self.initStyleOption(row, index)
            row.rect = QRect(0, 0, rows.viewport().width() - 2 * rows.spacing(), size.height())
            lines = _laid_out(row.text, self._ends_first, row, _room_for_words(row).width())
            size.setHeight(max(size.height(), ceil(lines.boundingRect().height()) + _AROUND))
        return size


def _style(row: QStyleOptionViewItem) -> QStyle:
    return row.widget.style() if row.widget else QApplication.style()


def _wraps(row: QStyleOptionViewItem) -> bool:
    return bool(row.features & QStyleOptionViewItem.ViewItemFeature.WrapText)


def _room_for_words(row: QStyleOptionViewItem) -> QRect:
    """Return where a row's words have room: to its end, where Qt's own room ends with the words and is rounded down."""
    style = _style(row)
    room = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, row, row.widget)
    beside = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, row, row.widget) + 1
    room.setRight(row.rect.right() - _AT_END)
    return room.adjusted(beside, 0, -beside, 0)


def _laid_out(text: str, ends_first: str, row: QStyleOptionViewItem, width: int) -> QTextLayout:
    """Return a row's lines in the width there is: each on one line that ends in points, or on several where the list wraps."""
    wraps = _wraps(row)
    lines = text.split(_LINE_END)
    if not wraps:
        lines = [row.fontMetrics.elidedText(line, row.textElideMode, width) for line in lines]
    layout = QTextLayout(_LINE_END.join(lines), row.font)
    layout.setTextOption(_option(wraps))
    below = QTextCharFormat()
    below.setForeground(row.palette.placeholderText())
    span = QTextLayout.FormatRange()
    first, all_of_it = units(layout.text().partition(ends_first)[0]), units(layout.text())
    span.start, span.length, span.format = first, all_of_it - first, below
    layout.setFormats([span])
    layout.beginLayout()
    height = 0.0
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, height))
        height += line.height()
    layout.endLayout()
    return layout


def _option(wraps: bool) -> QTextOption:
    option = QTextOption(Qt.AlignmentFlag.AlignLeft)
    mode = QTextOption.WrapMode
    option.setWrapMode(mode.WrapAtWordBoundaryOrAnywhere if wraps else mode.ManualWrap)
    return option
