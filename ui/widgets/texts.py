"""Labels and text views that show what they are given as plain text: what a model wrote is never read as markup."""

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QPushButton, QScrollArea, QSizePolicy, QWidget

from ui.widgets.wheel import pass_wheel_on

Part = Literal["", "title", "heading", "muted", "good", "warning", "bad"]


#: Where a line may end though nothing is seen there.
_BREAK = "\u200b"
#: A word of more letters has such places: a path, a hash, an address.
_LONG = re.compile(r"\S{24,}")
_PIECE = re.compile(r"[^/\\_.:=-]{0,16}[/\\_.:=-]?")


def breakable(text: str) -> str:
    """Return a text in which a line may end within a long word, behind its signs where it has some."""
    return _LONG.sub(lambda word: _BREAK.join(filter(None, _PIECE.findall(word[0]))), text)


class WrappedLabel(QLabel):
    """Takes as many lines as its text needs; a path has no spaces, and would have its end cut off."""

    def setText(self, text: str) -> None:  # noqa: N802
        """Show a text."""
        super().setText(breakable(text))

    def text(self) -> str:
        """Return the text as it was given."""
        return super().text().replace(_BREAK, "")


class OneLine(QLabel):
    """Ends in three points where its line has no room for all of it."""

    def __init__(self, part: Part = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        set_part(self, part)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802
        """Paint as much of the line as there is room for."""
        room = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room.width())
        self.style().drawItemText(
            QPainter(self),
            room,
            int(self.alignment().value),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )


def label(text: str = "", part: Part = "", wrap: bool = False, parent: QWidget | None = None) -> QLabel:
    """Return a label of plain text."""
    made = WrappedLabel(parent) if wrap else QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setWordWrap(wrap)
    set_part(made, part)
    return made


def beside(text: str, field: QWidget) -> QLabel:
    """Return a label as high as its field, so that both read as one line, and no higher where more stands below."""
    made = label(text)
    made.setFixedHeight(max(field.sizeHint().height(), field.minimumHeight()))
    return made


def counted(number: int, one: str, many: str) -> str:
    """Return a count in words: one where there is one thing, many with the number in the place of {count} otherwise."""
    return (one if number == 1 else many).format(count=f"{number:,}")


def letters(widget: QWidget, count: int) -> int:
    """Return how many pixels so many letters of a widget's font take, for sizes that grow with its texts."""
    return count * widget.fontMetrics().averageCharWidth()


def set_part(widget: QWidget, part: str) -> None:
    """Say which part of the style sheet a widget takes, also after it was shown."""
    if widget.property("part") != part:
        widget.setProperty("part", part)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(text: str, name: str = "", primary: bool = False) -> QPushButton:
    """Return a push button; name is what a screen reader and the tool tip say where the text alone says too little."""
    made = QPushButton(text)
    made.setToolTip(name)
    made.setAccessibleName(name or text.replace("&", ""))
    made.setMinimumHeight(32)
    made.setAutoDefault(True)  # Return presses it where it has the focus, in the window as in a sheet
    if primary:
        set_part(made, "primary")
    return made


class _WholeWidth(QScrollArea):
    """Asks for all the width its content needs, since that scrolls up and down only."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        content = self.widget()
        least = content.minimumSizeHint().width() if content is not None else 0
        return QSize(least + self.verticalScrollBar().sizeHint().width(), super().minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def scrolling(content: QWidget, whole_width: bool = False) -> QScrollArea:
    """Return an area in which content scrolls up and down where it does not fit; it is no stop of the keyboard's of its own.

    Content that does not find its columns by itself keeps its whole width, so that nothing of it is cut off at the side.
    """
    area = _WholeWidth() if whole_width else QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    pass_wheel_on(content)
    return area


def moment(told: str) -> str:
    """Return a moment as people read it, without what only programs need."""
    return told.replace("T", " ").replace("+00:00", " UTC")


def show_in_place(edit: QPlainTextEdit, text: str) -> None:
    """Let an editor show a text by changing only what differs, so that cursor and view stay where they are."""
    old = edit.toPlainText()
    start = _alike(old, text)
    end = _alike(old[start:][::-1], text[start:][::-1])
    cursor = QTextCursor(edit.document())
    cursor.setPosition(units(old[:start]))
    cursor.setPosition(units(old[: len(old) - end]), QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText(text[start : len(text) - end])


def write_named(view: QPlainTextEdit, told: Sequence[tuple[str, str]]) -> None:
    """Show texts below each other, each under its name, which stands out; one without a name stands for itself."""
    view.clear()
    cursor = QTextCursor(view.document())
    plain, strong = QTextCharFormat(), QTextCharFormat()
    strong.setFontWeight(QFont.Weight.DemiBold)
    for place, (name, text) in enumerate(told):
        if name:
            cursor.insertText(f"{name}\n", strong)
        cursor.insertText(text if place == len(told) - 1 else f"{text}\n\n", plain)


def _alike(one: str, other: str) -> int:
    """Return with how many signs both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def units(text: str) -> int:
    """Return how long Qt holds a text to be: it counts in units of UTF-16, in which some signs are two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class TextView(QPlainTextEdit):
    """A text to read: plain, selectable, with no resources to load."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
