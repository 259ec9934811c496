"""Somebody at the window: sees what is on the screen, clicks where it is, types where the keyboard goes, and no more."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QPoint, QRect, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QPlainTextEdit,
    QStyle,
    QStyleOptionButton,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

Kind = TypeVar("Kind", bound=QWidget)
Found = TypeVar("Found")

#: Seconds that work of real processes is waited for, on a machine that has other things to do.
PATIENCE = 500.0
#: Milliseconds between two looks at the window, at most: to look is work, and takes it from those who are waited for.
_LONGEST_PAUSE = 200


class Person:
    """Finds things by the names a screen reader says."""

    def __init__(self, window: QWidget, qtbot: QtBot) -> None:
        self._window, self._qtbot = window, qtbot

    def front(self) -> QWidget:
        """Return the window that takes keys now: a menu before a sheet before the main window."""
        return QApplication.activePopupWidget() or QApplication.activeModalWidget() or self._window

    def click(self, name: str) -> None:
        """Click something once it is there, enabled, and covered by nothing."""
        found = self.find(name)
        self._click(found, _where_to_click(found))

    def tab(self, title: str) -> None:
        """Click a tab by its title."""
        bar, place = self._wait(lambda: self._tab(title), f"tab {title}")
        self._click(bar, bar.tabRect(place).center())

    def choose(self, name: str, text: str) -> None:
        """Choose from a list by typing the beginning of its text."""
        box = self.find(name)
        assert isinstance(box, QComboBox)
        self.click(name)
        self.write(text)
        self.press("Return")
        assert box.currentText().startswith(text), box.currentText()

    def write(self, text: str) -> None:
        """Type text where the keyboard goes."""
        QTest.keyClicks(self._focus(), text)

    def press(self, *keys: str) -> None:
        """Press keys, each written as on a menu."""
        for key in keys:
            QTest.keySequence(self._focus(), QKeySequence(key))

    def tab_to(self, name: str) -> None:
        """Press Tab until the keyboard goes to something of a name."""
        passed = [self.where()]
        while passed[-1] != name:
            assert len(passed) < 200, f"Tab does not come to {name!r}, but to {sorted(set(passed))}"
            self.press("Tab")
            passed.append(self.where())

    def where(self) -> str:
        """Return the name of what the keyboard goes to."""
        return _name(self._focus())

    def reads(self, *texts: str) -> None:
        """Wait until texts stand somewhere on the window in front."""
        for text in texts:
            self.until(lambda text=text: any(text in said for said in self.said()), f"the words {text!r}")  # type: ignore[misc]

    def find(self, name: str) -> QWidget:
        """Return the one thing of a name that can be used now, once it is there."""
        return self._wait(lambda: self._only(name), f"{name!r}, enabled and once")

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        self._wait(lambda: holds() or None, what)

    def said(self) -> list[str]:
        """Return every text that can be read on the window in front."""
        labels = [one.text() for one in self._shown(QLabel)]
        return labels + [one.toPlainText() for one in self._shown(QPlainTextEdit)]

    def _only(self, name: str) -> QWidget | None:
        found = [one for one in self._shown(QWidget) if one.isEnabled() and one.focusPolicy() and _name(one) == name]
        return found[0] if len(found) == 1 else None

    def _tab(self, title: str) -> tuple[QTabBar, int] | None:
        bars = [(bar, place) for bar in self._shown(QTabBar) for place in range(bar.count())]
        return next(((bar, place) for bar, place in bars if bar.tabText(place) == title), None)

    def _shown(self, kind: type[Kind]) -> list[Kind]:
        return [one for one in self.front().findChildren(kind) if one.isVisible()]

    def _focus(self) -> QWidget:
        self._qtbot.waitUntil(self._has_keyboard)
        return QApplication.focusWidget() or self.front()

    def _has_keyboard(self) -> bool:
        """Say whether keys go to the sheet in front, or the window; no window manager gives it to them here."""
        front = QApplication.activeModalWidget() or self._window
        if QApplication.activeWindow() is not front:
            front.activateWindow()
        return QApplication.activeWindow() is front

    def _click(self, what: QWidget, place: QPoint) -> None:
        window = what.window()
        self._wait(lambda: _hit(window, what, place) or None, f"{_name(what)} in the open")
        QTest.mouseClick(what, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    def _wait(self, look: Callable[[], Found | None], what: str) -> Found:
        pause, end = 10, time.monotonic() + PATIENCE
        while (found := look()) is None:
            if time.monotonic() > end:
                raise AssertionError(f"waited for {what}; there were {self._names()}; it said {self.said()}")
            self._qtbot.wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
        return found

    def _names(self) -> list[str]:
        return sorted({_name(one) for one in self._shown(QWidget) if one.isEnabled() and one.focusPolicy()})


def _where_to_click(widget: QWidget) -> QPoint:
    """Return the middle; a box to tick may be wider than what can be ticked, which is at its beginning."""
    if isinstance(widget, QCheckBox):
        asked = QStyleOptionButton()
        asked.initFrom(widget)
        return widget.style().subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, asked, widget).center()
    return widget.rect().center()


def _name(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):  # on Linux Qt gives what is chosen for a name
        return widget.accessibleName()
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name) if found else ""


def _hit(window: QWidget, what: QWidget, place: QPoint) -> bool:
    """Say whether a click there would meet it: in the window, scrolled into view, and not below something else."""
    at = what.mapTo(window, place)
    under = window.childAt(at)
    return (
        QRect(QPoint(), window.size()).contains(at)
        and under is not None
        and (under is what or what.isAncestorOf(under))
    )


def drag(window: QWidget, *dragged: Path | str, over: QWidget | None = None, drops: bool = False) -> None:
    """Drag files or addresses onto a window, as the screen's server tells of it, and let them go over one of its widgets."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(one)) if isinstance(one, Path) else QUrl(one) for one in dragged])
    place = over.mapTo(window, over.rect().center()) if over is not None else QPoint(5, 5)
    button, no, copy = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, Qt.DropAction.CopyAction
    QApplication.sendEvent(window.windowHandle(), QDragEnterEvent(place, copy, data, button, no))
    if drops:
        QApplication.sendEvent(window.windowHandle(), QDropEvent(place.toPointF(), copy, data, button, no))


def drop(window: QWidget, *dropped: Path | str, over: QWidget | None = None) -> None:
    """Drag something onto a window and let it go."""
    drag(window, *dropped, over=over, drops=True)
