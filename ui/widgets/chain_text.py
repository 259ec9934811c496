"""A chain as one text to read: each step under its heading, revisions with the words they took out and put in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtGui import QMouseEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from ui.look.theme import Theme
from ui.widgets.diff_view import form_of
from ui.widgets.texts import TextView

Pieces = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Section:
    """A step as it is shown: its place in the chain, a heading, a note beside it, and the text in pieces."""

    index: int
    heading: str
    note: str
    pieces: Pieces


class ChainText(TextView):
    """Shows sections, and below them a text that grows; where the reader is stays where it is.

    Only a reader who is at the end already is taken along when more comes.
    """

    #: The index of the section that was clicked.
    picked = Signal(int)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._theme = theme
        self._sections: tuple[Section, ...] = ()
        self._chosen = -1
        self._growing: Section | None = None
        self._begins: list[tuple[int, int]] = []
        self._text_from = 0
        theme.changed.connect(self._draw)

    @property
    def at_end(self) -> bool:
        """Whether the end of the text is in view."""
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum()

    def show_sections(self, sections: Iterable[Section], chosen: int = -1, again: bool = True) -> None:
        """Show these sections, one of them marked; again says that it is the same chain, whose reader stays in place."""
        shown = tuple(sections)
        if (shown, chosen) == (self._sections, self._chosen) and again:
            return
        more = self._growing is not None or len(shown) > len(self._sections)
        self._sections, self._chosen = shown, chosen
        if self._growing is not None and self._growing.index < len(shown):
            self._growing = None
        self._draw(again, more)

    def grow(self, section: Section) -> None:
        """Show a step that is being written; its text is what stands so far."""
        before, self._growing = self._growing, section
        text = _plain(section.pieces)
        if before is None or before.index != section.index or not text.startswith(_plain(before.pieces)):
            self._draw(more=True)
            return
        self._keeping(lambda: self._append(text[len(_plain(before.pieces)) :]), True)

    def rest(self) -> None:
        """Take the growing text away."""
        if self._growing is not None:
            self._growing = None
            self._draw()

    def go_to(self, index: int) -> None:
        """Bring a section's heading to the top."""
        for at, begin in self._begins:
            if at == index:
                cursor = QTextCursor(self.document())
                cursor.setPosition(begin)
                self.verticalScrollBar().setValue(self._line_of(cursor))

    def go_to_end(self) -> None:
        """Bring the end into view, for somebody who waits for what comes."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum())

    def section_at(self, position: int) -> int:
        """Return the index of the section a position of the text lies in, or -1."""
        return max(((begin, at) for at, begin in self._begins if begin <= position), default=(0, -1))[1]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Tell which section was clicked, unless text was selected."""
        super().mouseReleaseEvent(event)
        if not self.textCursor().hasSelection():
            index = self.section_at(self.cursorForPosition(event.position().toPoint()).position())
            if index >= 0:
                self.picked.emit(index)

    def _line_of(self, cursor: QTextCursor) -> int:
        """Return the line of the view, wrapped lines counted, in which a position's block begins."""
        block = cursor.block()
        return int(block.firstLineNumber())

    def _draw(self, again: bool = True, more: bool = False) -> None:
        if again:
            self._keeping(self._write, more)
        else:
            self._write()
            self.verticalScrollBar().setValue(0)

    def _keeping(self, change: Callable[[], None], more: bool) -> None:
        at_end, bar = self.at_end, self.verticalScrollBar()
        value = bar.value()
        change()
        bar.setValue(bar.maximum() if at_end and more else value)

    def _write(self) -> None:
        self.setUpdatesEnabled(False)
        self.clear()
        self._begins = []
        cursor = QTextCursor(self.document())
        for section in self._sections:
            self._write_one(cursor, section)
        if self._growing is not None:
            self._write_one(cursor, self._growing)
        self.setUpdatesEnabled(True)

    def _write_one(self, cursor: QTextCursor, section: Section) -> None:
        colours = self._theme.colours
        if self._begins:
            cursor.insertText("\n\n", form_of("same", colours))
        self._begins.append((section.index, cursor.position()))
        cursor.insertText(section.heading, form_of("chosen" if section.index == self._chosen else "heading", colours))
        if section.note:
            cursor.insertText(f"   {section.note}", form_of("note", colours))
        cursor.insertText("\n", form_of("same", colours))
        for kind, text in section.pieces:
            cursor.insertText(text, form_of(kind, colours))

    def _append(self, text: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(text, form_of("same", self._theme.colours))


def _plain(pieces: Pieces) -> str:
    return "".join(text for _, text in pieces)
