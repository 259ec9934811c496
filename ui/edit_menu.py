"""One undo and one redo for the whole window: a text field's own where it has one, else the page's, named in the menu."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QLineEdit, QMenu, QMenuBar, QPlainTextEdit, QWidget
from shiboken6 import isValid

from ui.actions import Actions
from ui.history import Undoing

#: Bears a field whose edits its page keeps, so that its own undo would be a second one.
_BY_PAGE = "undone_by_page"
_PASSING = "passing"


def passing(field: QWidget) -> None:
    """Mark a field the keyboard only passes through, as it does through a menu: the field before it stays the one in hand."""
    field.setProperty(_PASSING, True)


def undone_by_page(*fields: QWidget) -> None:
    """Let the page undo what is typed into some fields."""
    for field in fields:
        field.setProperty(_BY_PAGE, True)
        if isinstance(field, QPlainTextEdit):
            field.setUndoRedoEnabled(False)


class UndoRedo(QObject):
    """Keeps the two actions true to where the keyboard is and to what the page has done."""

    def __init__(self, actions: Actions, history: Callable[[], Undoing | None], say: Callable[[str], object]) -> None:
        super().__init__(actions)
        self._undo = actions.add("undo", self.tr("Undo"), self.undo, "Ctrl+Z")
        self._redo = actions.add("redo", self.tr("Redo"), self.redo, ("Ctrl+Shift+Z", "Ctrl+Y"))
        self._history, self._say = history, say
        self._field: QWidget | None = None
        self._heard: Undoing | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._focus_moved)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Name what would be undone and redone now."""
        history, field = self._history(), self._there()
        self._listen(history)
        typing = self.tr("typing")
        undo = typing if _can(field, "undo") else history.undo_name if history else ""
        redo = typing if _can(field, "redo") else history.redo_name if history else ""
        _name(self._undo, self.tr("Undo"), undo, self.tr("There is nothing to undo here."))
        _name(self._redo, self.tr("Redo"), redo, self.tr("There is nothing to redo here."))

    def undo(self) -> None:
        """Undo in the field that has the keyboard, or what was done last on the page."""
        self._step("undo", self.tr("Undone: {what}"))

    def redo(self) -> None:
        """Redo in the field that has the keyboard, or what was undone last on the page."""
        self._step("redo", self.tr("Done again: {what}"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let the keys of undo and redo pass by a field that has nothing of its own to undo."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and watched is self._field:
            for what, key in (("undo", QKeySequence.StandardKey.Undo), ("redo", QKeySequence.StandardKey.Redo)):
                if event.matches(key) and not _can(self._field, what):
                    self.refresh()
                    event.ignore()
                    return True
        return super().eventFilter(watched, event)

    def _step(self, what: str, words: str) -> None:
        history, field = self._history(), self._there()
        if _can(field, what):
            getattr(field, what)()
        elif history is not None:
            name = history.undo_name if what == "undo" else history.redo_name
            history.undo() if what == "undo" else history.redo()
            if name:
                self._say(words.format(what=name))
        self.refresh()

    def _focus_moved(self, _: QWidget | None, now: QWidget | None) -> None:
        if isinstance(now, QMenuBar | QMenu) or now is self._field or (now is not None and now.property(_PASSING)):
            return  # a menu that is open acts on where the keyboard was
        if (before := self._there()) is not None:
            before.removeEventFilter(self)
        self._field = now if isinstance(now, QLineEdit | QPlainTextEdit | QAbstractSpinBox) else None
        if self._field is not None:
            self._field.installEventFilter(self)
        self.refresh()

    def _listen(self, history: Undoing | None) -> None:
        if history is self._heard:
            return
        if self._heard is not None:
            self._heard.changed.disconnect(self.refresh)
        if history is not None:
            history.changed.connect(self.refresh)
        self._heard = history

    def _there(self) -> QWidget | None:
        """Return the field that had the keyboard last, unless it went with its sheet."""
        return self._field if self._field is not None and isValid(self._field) else None


def _can(field: QWidget | None, what: str) -> bool:
    """Say whether a field has something of its own to undo or redo."""
    if field is None or field.property(_BY_PAGE):
        return False
    if isinstance(field, QLineEdit):
        return field.isUndoAvailable() if what == "undo" else field.isRedoAvailable()
    if isinstance(field, QPlainTextEdit) and not field.isReadOnly():
        document = field.document()
        return document.isUndoAvailable() if what == "undo" else document.isRedoAvailable()
    return False


def _name(action: QAction, word: str, name: str, reason: str) -> None:
    action.setText(f"{word}: {name}" if name else word)
    action.setEnabled(bool(name))
    action.setToolTip(action.text() if name else reason)
