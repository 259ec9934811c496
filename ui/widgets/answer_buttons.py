"""The buttons of the review, each with its key written on it, and the keys themselves."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QGridLayout, QPushButton, QWidget

from ui.widgets.review_keys import USUAL, ReviewKeys, key_words
from ui.widgets.texts import set_part

#: A release and a press of one key this close in time are one repeat, in milliseconds.
_SAME_MS = 3
#: Where the buttons stand: the choice between the two above, everything else below.
_ROWS = (("a_much", "a", "tie", "b", "b_much"), ("both_bad", "skip", "flag", "note", "undo"))


class KeyButton(QPushButton):
    """A button that Tab reaches and a click leaves the focus where it was; reached by Tab, Space presses it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMinimumHeight(32)
        self.setStyleSheet("padding-left: 6px; padding-right: 6px;")

    def event(self, event: QEvent) -> bool:
        """Keep Space to itself while it has the focus, whatever Space does elsewhere."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        ):
            event.accept()
            return True
        return super().event(event)


class HeldKey:
    """Tells a key that is held down from one that is pressed again.

    Qt's own mark is lost on X11 where a repeat's release and press do not arrive together; but they bear the same time, which no
    finger manages.
    """

    def __init__(self) -> None:
        self._released: dict[int, int] = {}
        self.repeats = False

    def note(self, event: QEvent) -> None:
        """Look at an event before it becomes a shortcut."""
        if not isinstance(event, QKeyEvent):
            return
        if event.type() == QEvent.Type.KeyRelease:
            self._released[event.key()] = event.timestamp()
        elif event.type() == QEvent.Type.ShortcutOverride:
            since = event.timestamp() - self._released.get(event.key(), -_SAME_MS)
            self.repeats = event.isAutoRepeat() or (event.timestamp() > 0 and 0 <= since < _SAME_MS)


class AnswerButtons(QWidget):
    """Buttons and keys that do the same; a key held down answers once."""

    def __init__(
        self, pane: QWidget, keys: ReviewKeys, do: Callable[[str], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._pane, self._do = pane, do
        self.held = HeldKey()
        self.buttons: dict[str, KeyButton] = {}
        self._shortcuts: dict[str, QShortcut] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(6)
        for row, names in enumerate(_ROWS):
            for column, name in enumerate(names):
                made = KeyButton()
                made.clicked.connect(partial(do, name))
                self.buttons[name] = made
                grid.addWidget(made, row, column)
        for name in ("a", "b"):
            set_part(self.buttons[name], "choice")
        for name in USUAL:
            shortcut = QShortcut(pane)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(partial(self._press, name))
            self._shortcuts[name] = shortcut
        self.show_keys(keys)

    def show_keys(self, keys: ReviewKeys) -> None:
        """Take these keys and write them on the buttons."""
        words = key_words()
        for name, shortcut in self._shortcuts.items():
            shortcut.setKey(QKeySequence(keys.of(name)))
        for name, made in self.buttons.items():
            made.setText(f"{words[name]} [{keys.shown(name)}]")
            made.setAccessibleName(words[name])

    def _press(self, name: str) -> None:
        focus = QApplication.focusWidget()
        presses = self._shortcuts[name].key().toString() in ("Return", "Space")
        if self.held.repeats:
            return
        if presses and isinstance(focus, QAbstractButton):  # it has the keyboard: this is what is meant
            focus.click()
        else:
            self._do(name)

    def allow(self, allowed: Mapping[str, bool]) -> None:
        """Allow some of the buttons, by name."""
        for name, made in self.buttons.items():
            made.setEnabled(allowed[name])
