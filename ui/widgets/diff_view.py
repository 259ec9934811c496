"""Two texts as one: words put in are underlined and tinted, words taken out struck and tinted, never by colour alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QWidget

from ui.look.colours import Colours
from ui.look.theme import Theme
from ui.widgets.change_words import by_place, field_words, summary, told_whole
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
        self._pieces: list[tuple[Kind | Literal["heading", "note"], str]] = []
        theme.changed.connect(self._draw)

    def show_changes(self, changes: "Sequence[Change]", none: str, titles: Mapping[str, str] | None = None) -> None:
        """Show changes by principle and field, their sum first; none is what to say where there is no change.

        titles head the parts whose places they name.
        """
        self._pieces = [("note", summary(changes) + "\n")] if changes else [("same", none)]
        for place, found in by_place(changes).items():
            heading = (titles or {}).get(place, place) or self.tr("the whole")
            self._pieces.append(("heading", f"\n{heading}\n"))
            for change in found:
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
        before, after = change.before, change.after
        if change.field == "enabled":
            yield "same", (self.tr("switched on") if after == "true" else self.tr("switched off")) + "\n"
            return
        if not change.field:
            yield "same", {"added": self.tr("new"), "removed": self.tr("taken out")}[change.kind] + "\n"
            before, after = told_whole(before), told_whole(after)
        else:
            yield "same", field_words(change.field) + ": "
        if change.field == "weight":  # numbers are not compared sign by sign
            yield from (("out", before), ("same", " → "), ("in", after))
        else:
            yield from difference(before, after)
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
