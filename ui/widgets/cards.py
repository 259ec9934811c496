"""Cards: what a page is for while it is empty, and what went wrong."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QMainWindow, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from ui.tips import plain_tip
from ui.widgets.texts import button, label, set_part

#: So many letters a card is wide at most: longer lines are hard to read.
CARD_LETTERS = 95
#: Pixels between a toast and what is beside it.
_AROUND = 12
#: What Qt calls no limit.
_NO_LIMIT = 16_777_215


class ErrorCard(QFrame):
    """What failed, why, and what helps; stays until it is dismissed."""

    dismissed = Signal()

    def __init__(
        self,
        doing: str,
        sentence: str,
        diagnostics: str,
        action: QPushButton | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        set_part(self, "error")
        self.doing, self.sentence, self.action = doing, sentence, action
        texts = QVBoxLayout()
        texts.addWidget(label(self.tr("{doing} did not work").format(doing=doing), "heading", wrap=True))
        texts.addWidget(label(sentence, wrap=True))
        copy = button(self.tr("Copy diagnostics"), self.tr("Copy diagnostics of: {doing}").format(doing=doing))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(diagnostics))
        away = button(self.tr("Dismiss"), self.tr("Dismiss: {doing}").format(doing=doing))
        away.clicked.connect(self.dismissed.emit)
        row = QHBoxLayout(self)
        row.addLayout(texts, 1)
        for one in (action, copy, away):
            if one is not None:
                row.addWidget(one)


class EmptyCard(QFrame):
    """What a page is for, what is missing upstream, and the one button that helps."""

    def __init__(self, purpose: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "card")
        self.setMaximumWidth(CARD_LETTERS * self.fontMetrics().averageCharWidth())
        self._missing = label(wrap=True)
        self.button = button("", primary=True)
        self._do: Callable[[], object] = lambda: None
        self.button.clicked.connect(self._help)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        self.purpose = label(purpose, wrap=True)
        column.addWidget(self.purpose)
        column.addWidget(self._missing)
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch(1)
        column.addLayout(row)

    def offer(self, missing: str, button_text: str, do: Callable[[], object]) -> None:
        """Say what is missing and offer what helps."""
        self._missing.setText(missing)
        self._missing.setVisible(bool(missing))
        self.button.setText(button_text.replace("&", "&&"))  # else a page's “&” would be read as a mnemonic
        self.button.setAccessibleName(self.tr("Next step: {text}").format(text=button_text))
        self._do = do

    def _help(self) -> None:
        self._do()


class Toast(QFrame):
    """A short word beside the menus, where it covers nothing one presses; it goes away by itself, and hovering keeps it."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        set_part(self, "toast")
        self._label = label(wrap=True)
        self._text = ""
        self.undo = button("")
        self.undo.clicked.connect(self._take_back)
        self.undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard where it is
        self._came_from: QWidget | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._note_focus)
        self._back: Callable[[], object] = lambda: None
        self.undo.setMinimumHeight(0)
        set_part(self.undo, "link")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 12, 2)
        row.addWidget(self._label)
        row.addWidget(self.undo)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._leave)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text

    def say(self, text: str) -> None:
        """Show a word."""
        self._show(text, "", lambda: None, 4000)

    def offer(self, text: str, undo: str, back: Callable[[], object]) -> None:
        """Show a word with a button that takes back what it tells of."""
        self._show(text, undo, back, 10_000)  # time enough to reach the button

    def _show(self, text: str, undo: str, back: Callable[[], object], milliseconds: int) -> None:
        self._text = text
        self._label.setToolTip(plain_tip(text))
        self._back = back
        self.undo.setText(undo)
        self.undo.setAccessibleName(undo)
        if not undo:
            self._give_back_keys()
        self.undo.setVisible(bool(undo))
        self._find_room()
        self.show()
        self.raise_()
        self._timer.start(milliseconds)

    def _find_room(self) -> None:
        """Stand in the bar of the menus between the last of them and what is in its corner; long words take two lines."""
        bar = self._window.menuBar()
        corner = bar.cornerWidget()
        left = max((bar.actionGeometry(one).right() for one in bar.actions()), default=0) + _AROUND
        right = (corner.x() if corner is not None else bar.width()) - _AROUND
        taken = self.undo.sizeHint().width() + 2 * _AROUND if self.undo.text() else 0
        letters, room = self._label.fontMetrics(), right - left - taken - 2 * _AROUND
        self._label.setWordWrap(letters.horizontalAdvance(self._text) > room)
        # Two lines, less what a long word at the end of the first leaves empty.
        self._label.setText(letters.elidedText(self._text, Qt.TextElideMode.ElideMiddle, room + room * 3 // 4))
        self.setMaximumSize(max(right - left, 1), _NO_LIMIT)
        self.setMinimumWidth(right - left if self._label.wordWrap() else 0)
        if self._label.wordWrap():  # else a layout guesses, and takes more lines than there are
            self.setMaximumHeight(self.heightForWidth(right - left))
        self.adjustSize()
        self.move(left + (right - left - self.width()) // 2, bar.y() + max(0, (bar.height() - self.height()) // 2))

    def _take_back(self) -> None:
        self._go()
        self._back()

    def _go(self) -> None:
        self._give_back_keys()
        self.hide()

    def _give_back_keys(self) -> None:
        """Let the keyboard be where it was before somebody came here with Tab."""
        before = self._came_from
        if self.undo.hasFocus() and before is not None and isValid(before) and before.isVisible():
            before.setFocus()

    def _note_focus(self, before: QWidget | None, now: QWidget | None) -> None:
        if now is self.undo:
            self._came_from = before

    def _leave(self) -> None:
        if self.underMouse():
            self._timer.start(4000)
        else:
            self._go()
