"""A text that is being written: it grows at its end and never jumps; when it is done, changes can be marked in it."""

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QWidget

from ui.look.theme import Theme
from ui.widgets.diff_view import DiffView


class GrowingText(DiffView):
    """Follows its end only while a person has not scrolled away from it."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(name, theme, parent)
        self._text = ""
        self._marked = False
        #: Where it went when it last followed its end, which moves on by itself as the bar comes and takes room from the lines.
        self._went_to = -1

    @property
    def whole(self) -> str:
        """The text itself, without what is struck out in it."""
        return self._text

    def begin(self, waiting: str = "") -> None:
        """Make room for a new text; waiting stands in its place until it comes."""
        self.clear()
        self._text, self._marked, self._went_to = "", False, -1
        self._pieces = []
        self.setPlaceholderText(waiting)

    def grow(self, text: str) -> None:
        """Show a text as far as it is written."""
        if self._marked or not text.startswith(self._text):
            self.clear()
            self._text, self._marked = "", False
        bar = self.verticalScrollBar()
        follows, place = self._follows, bar.value()
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text[len(self._text) :], self._format("same"))
        self._text = text
        self._pieces = [("same", text)]
        bar.setValue(bar.maximum() if follows else place)
        self._went_to = bar.value() if follows else -1

    @property
    def _follows(self) -> bool:
        """Whether no person has gone elsewhere in it."""
        bar = self.verticalScrollBar()
        return bar.value() in (bar.maximum(), self._went_to)

    def begin_reading(self) -> None:
        """Show the beginning of what is written, unless a person has gone elsewhere in it."""
        if self._follows and not self.hasFocus() and not self.underMouse():
            self.verticalScrollBar().setValue(0)

    def mark_against(self, before: str) -> None:
        """Mark what the text puts in and takes out against another."""
        place = self.verticalScrollBar().value()
        self._marked = True
        self.show_difference(before, self._text)
        self.verticalScrollBar().setValue(place)
