"""Everything the window can be told to do, in one register that menus, keys and the command palette share."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


class Actions(QObject):
    """The register; an action that cannot be taken now says why in its tool tip."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._actions: dict[str, QAction] = {}

    def add(
        self, key: str, text: str, do: Callable[[], object], shortcuts: str | Sequence[str] = (), hint: str = ""
    ) -> QAction:
        """Register an action under a key; its shortcuts work anywhere in the window."""
        action = QAction(text, self._window)
        keys = [shortcuts] if isinstance(shortcuts, str) else shortcuts
        action.setShortcuts([QKeySequence(one) for one in keys if one])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setStatusTip(hint)
        action.triggered.connect(lambda _=False: do())
        self._window.addAction(action)
        self._actions[key] = action
        return action

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def allow(self, key: str, reason_against: str = "") -> None:
        """Allow an action, or disable it with a reason."""
        action = self._actions[key]
        action.setEnabled(not reason_against)
        action.setToolTip(reason_against or action.text())
