"""The panes around a page: going from one to the next with F6, and putting one away where there is no room for it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget


class PaneCycle(QObject):
    """Knows the panes in their order and where the keyboard was in each."""

    def __init__(self, panes: Callable[[], Sequence[QWidget]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._panes = panes
        self._last: dict[QWidget, QWidget] = {}

    def step(self, forward: bool = True) -> None:
        """Give the keyboard to the next pane, or to the one before."""
        panes = [pane for pane in self._panes() if pane.isVisible()]
        focused = QApplication.focusWidget()
        here = next((pane for pane in panes if focused is not None and _within(focused, pane)), None)
        if here is not None and focused is not None:
            self._last[here] = focused
        place = panes.index(here) if here is not None else -1 if forward else 0
        step = 1 if forward else -1
        for distance in range(1, len(panes) + 1):
            pane = panes[(place + step * distance) % len(panes)]
            target = self._target(pane)
            if target is not None:
                target.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def _target(self, pane: QWidget) -> QWidget | None:
        last = self._last.get(pane)
        if last is not None and _takes_focus(last) and _within(last, pane):
            return last
        if _takes_focus(pane):
            return pane
        return next((child for child in pane.findChildren(QWidget) if _takes_focus(child)), None)


class RoomBeside(QObject):
    """Puts a dock away while the window is too narrow for page and dock, and back when it is wide again."""

    def __init__(self, window: QMainWindow, dock: QDockWidget, inner: Callable[[], int]) -> None:
        super().__init__(window)
        self._window, self._dock, self._inner = window, dock, inner
        self._away = self._kept = False
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self.look)
        window.installEventFilter(self)

    def look(self) -> None:
        """Compare what is there with what both need."""
        room = self._window.width() - self._inner() >= self._dock.widget().minimumWidth()
        if not room and self._dock.isVisible() and not self._kept:
            self._away = True
            self._dock.hide()
        elif room and self._away:
            self._away = False
            self._dock.show()

    def keep(self) -> None:
        """Leave the dock as the person wants it, until the window has another size."""
        self._away, self._kept = False, True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Look whenever the window has another size, or what is in it needs another."""
        if watched is self._window and event.type() == QEvent.Type.Resize:
            self._kept = False
            self.look()
        elif watched is self._window and event.type() == QEvent.Type.LayoutRequest and not self._away:
            self._soon.start()  # only away: what changes its words in passing must not bring it back and forth
        return super().eventFilter(watched, event)


def _within(widget: QWidget, pane: QWidget) -> bool:
    return widget is pane or pane.isAncestorOf(widget)


def _takes_focus(widget: QWidget) -> bool:
    tabbed = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return tabbed and widget.isVisible() and widget.isEnabled()


def add_dock(window: QMainWindow, key: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
    """Put a pane at an edge of the window, from where it can be closed."""
    dock = QDockWidget(title, window)
    dock.setObjectName(key)
    dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
    dock.setWidget(widget)
    window.addDockWidget(area, dock)
    return dock
