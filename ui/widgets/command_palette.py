"""The command palette: a few letters of what is to be done, or words that occur in a prompt or a response."""

import re
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.edit_menu import passing
from ui.tips import plain_tip
from ui.widgets.list_rows import BLANKS, told_behind
from ui.widgets.texts import letters, set_part

_ACTION = Qt.ItemDataRole.UserRole
_FOUND = Qt.ItemDataRole.UserRole + 1
#: Shorter words are in nearly every text.
_SHORTEST = 3
_PAUSE_MS = 150


def matches(typed: str, text: str) -> int | None:
    """Return how far apart the typed letters lie in a text (0: together at a word's start), None where they do not occur."""
    place, first, gaps = -1, -1, 0
    low = text.lower()
    for letter in typed.lower().replace(" ", ""):
        found = low.find(letter, place + 1)
        if found < 0:
            return None
        gaps += found - place - 1 if place >= 0 else 0
        first = found if first < 0 else first
        place = found
    starts_word = first <= 0 or not low[first - 1].isalnum()
    return gaps * 2 + (0 if starts_word else 1)


def said_in(typed: str, text: str) -> bool:
    """Say whether each typed word stands in a text, or is made of what its words begin with."""
    low = text.lower()
    initials = "".join(word[0] for word in re.findall(r"\w+", low))
    return all(word in low or word in initials for word in typed.lower().split())


class CommandPalette(QFrame):
    """A list of all actions over the window, narrowed by typing; actions used lately come first.

    Texts that are found come behind the actions that say what was typed, and before those that merely have its letters.
    """

    #: Words somebody looks for, once they pause.
    asked = Signal(str)
    #: What was found and chosen.
    chose = Signal(object)

    def __init__(self, window: QWidget, actions: Iterable[QAction]) -> None:
        super().__init__(window)
        self._window = window
        set_part(self, "palette")
        self._actions = actions
        self._recent: list[QAction] = []
        #: How many of those shown say what was typed.
        self._saying = 0
        #: What had the keyboard before.
        self._before: QWidget | None = None
        self.line = QLineEdit()
        self.line.setPlaceholderText(self.tr("A command, or words of a prompt or a response…"))
        self.line.setAccessibleName(self.tr("Search commands and texts"))
        passing(self.line)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Commands and texts"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        told_behind(self.list)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self._pause = QTimer(self, interval=_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(lambda: self.asked.emit(self.line.text().strip()))
        self.line.textChanged.connect(self._narrow)
        self.line.installEventFilter(self)
        self.list.itemClicked.connect(lambda _: self._run())
        self.hide()

    def open(self) -> None:
        """Show the palette in the upper middle of the window."""
        window = self._window
        width = min(letters(self, 103), window.width() - 40)
        self.setGeometry((window.width() - width) // 2, 70, width, min(420, window.height() - 120))
        if not self.isVisible():
            self._before = QApplication.focusWidget()
        self.line.clear()
        self._narrow("")
        self.show()
        self.raise_()
        self.line.setFocus()

    def show_found(self, words: str, found: Sequence[tuple[str, object]]) -> None:
        """Show texts that were found, as (what is read, what it stands for), if the words are still the ones typed."""
        if words != self.line.text().strip() or not self.isVisible():
            return
        if not found and not self.list.count():
            nothing = QListWidgetItem(self.tr("No command is called so, and no prompt or response holds these words."))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
        is_first = self.list.currentRow() <= 0
        for place, (text, what) in enumerate(found, start=self._saying):
            item = QListWidgetItem(text)
            item.setData(_FOUND, what)
            item.setToolTip(plain_tip(text))
            self.list.insertItem(place, item)
        if is_first:
            self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the arrows move in the list while the line keeps the keyboard, and leave when it loses it."""
        if watched is self.line and event.type() == QEvent.Type.FocusOut:
            self.hide()
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event.key())
        return super().eventFilter(watched, event)

    def _key(self, key: int) -> bool:
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif key == Qt.Key.Key_Escape:
            self._leave()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + step)))
        else:
            return False
        return True

    def _narrow(self, typed: str) -> None:
        found: list[tuple[bool, int, int, QAction]] = []
        for place, action in enumerate([*self._recent, *(one for one in self._actions if one not in self._recent)]):
            text = action.text().replace("&", "")
            score = matches(typed, text)
            if score is not None and text:
                found.append((not said_in(typed, text), score if typed else 0, place, action))
        self.list.clear()
        self._saying = sum(not one[0] for one in found)
        for *_, action in sorted(found, key=lambda one: one[:3]):
            self.list.addItem(_item(action))
        self.list.setCurrentRow(0)
        if len(typed.strip()) >= _SHORTEST:
            self._pause.start()
        else:
            self._pause.stop()

    def _run(self) -> None:
        item = self.list.currentItem()
        if item is None:
            return
        if item.data(_FOUND) is not None:
            self._leave()
            self.chose.emit(item.data(_FOUND))
            return
        action: QAction | None = item.data(_ACTION)
        if action is None or not action.isEnabled():
            return
        self._recent = [action, *(one for one in self._recent if one is not action)][:5]
        self._leave()
        action.trigger()

    def _leave(self) -> None:
        """Go away and give the keyboard back, for what is done then may be about where it was."""
        before, self._before = self._before, None
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus()
        self.hide()


def _item(action: QAction) -> QListWidgetItem:
    text = action.text().replace("&", "")
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    reason = action.toolTip() if not action.isEnabled() and action.toolTip() != action.text() else ""
    item = QListWidgetItem(BLANKS.join(part for part in (text, keys, reason) if part))
    item.setData(_ACTION, action)
    if not action.isEnabled():
        item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
    return item
