"""Two texts as one: words put in are underlined and tinted, words taken out struck and tinted, never by colour alone."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from ui.look.colours import Colours
from ui.look.theme import Theme
from ui.static_words import in_language
from ui.widgets.texts import TextView

if TYPE_CHECKING:
    from workbench.interchange.diff import Change

Kind = Literal["same", "in", "out"]
#: Letters of a word that may stand between two changes and be counted to them.
_SHORT = 3
_TOKEN = re.compile(r"[\u4e00-\u9fff]|\w+|\s+|[^\w\s]")


def difference(before: str, after: str) -> Iterator[tuple[Kind, str]]:
    """Yield the pieces of both texts in order; the same and the put in ones make up the new text.

    A space or a short word that happens to stand in both between two changes is counted to them: a phrase is read as one.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    gone, come, between = "", "", ""
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone, come, between = (
                gone + between + "".join(old[old_from:old_to]),
                come + between + "".join(new[new_from:new_to]),
                "",
            )
            continue
        text = "".join(old[old_from:old_to])
        if (gone or come) and len(text.strip()) <= _SHORT:
            between = text
            continue
        yield from _pieces(gone, come)
        gone = come = ""
        yield "same", text
    yield from _pieces(gone, come)
    if between:
        yield "same", between


def _pieces(gone: str, come: str) -> Iterator[tuple[Kind, str]]:
    if gone:
        yield "out", gone
    if come:
        yield "in", come


class DiffView(TextView):
    """Shows the changes between two constitutions, or between two texts."""

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._theme = theme
        self._pieces: list[tuple[Kind | Literal["heading"], str]] = []
        theme.changed.connect(self._draw)

    def show_changes(self, changes: "Sequence[Change]", none: str) -> None:
        """Show changes by principle and field; none is what to say where there is no change."""
        self._pieces = [("same", none)] if not changes else []
        place: str | None = None
        for change in changes:
            if change.where != place:
                self._pieces.append(
                    ("heading", ("\n" if place is not None else "") + (change.where or self.tr("the whole")) + "\n")
                )
                place = change.where
            self._pieces += self._lines(change)
        self._draw()

    def show_difference(self, before: str, after: str) -> None:
        """Show how one text differs from another."""
        self._pieces = list(difference(before, after))
        self._draw()

    def _lines(self, change: "Change") -> "Iterator[tuple[Kind, str]]":
        if change.kind == "moved":
            yield (
                "same",
                self.tr("moved from place {before} to {after}").format(before=change.before, after=change.after) + "\n",
            )
            return
        field = in_language(change.field.replace("_", " "))
        yield "same", (field or {"added": self.tr("new"), "removed": self.tr("taken out")}[change.kind]) + ": "
        yield from difference(change.before, change.after)
        yield "same", "\n"

    def _draw(self) -> None:
        self.clear()
        cursor = QTextCursor(self.document())
        for kind, text in self._pieces:
            cursor.insertText(text, self._format(kind))
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _format(self, kind: str) -> QTextCharFormat:
        return form_of(kind, self._theme.colours)


def form_of(kind: str, colours: Colours) -> QTextCharFormat:
    """Return how a piece looks: put in, taken out, a heading, a muted note, or as it is."""
    form = QTextCharFormat()
    if kind == "in":
        form.setFontUnderline(True)
        form.setBackground(QColor(colours.inserted))
    elif kind == "out":
        form.setFontStrikeOut(True)
        form.setBackground(QColor(colours.deleted))
    elif kind in ("heading", "chosen"):
        form.setFontWeight(QFont.Weight.Bold)
        if kind == "chosen":
            form.setForeground(QColor(colours.accent))
    elif kind == "note":
        form.setForeground(QColor(colours.muted))
    return form
