"""A cover over what was written to red-team prompts, until a person wants to see it; off unless the settings say so."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ui.user_settings import UserSettings
from ui.widgets.texts import button, label
from workbench.records.prompt import HELPFUL, RED_TEAM

if TYPE_CHECKING:
    from workbench.project import Project


class CoverPage(QWidget):
    """Says that texts are covered and why, with the button that shows them."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.show_texts: QPushButton = button(self.tr("Show the texts [S]"), name)
        column = QVBoxLayout(self)
        column.addStretch(1)
        text = self.tr("Covered: these texts were written to a red-team prompt. The setting is on the page Settings.")
        column.addWidget(label(text, "muted", wrap=True))
        column.addWidget(self.show_texts, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(2)


class Cover(QStackedWidget):
    """Stands in the place of some texts; a click, or S, shows those of the thing in hand, and the next are covered again."""

    #: The texts are shown now, because somebody wanted to see them.
    revealed = Signal()

    def __init__(self, content: QWidget, settings: UserSettings, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._content, self._page = settings, content, CoverPage(name)
        self._key, self._kind, self._shown = "", "", ""
        self.show_texts = self._page.show_texts
        self.addWidget(content)
        self.addWidget(self._page)
        self.show_texts.clicked.connect(self.reveal)
        self.shortcut = QShortcut(QKeySequence(Qt.Key.Key_S), self)
        for pressed in (self.shortcut.activated, self.shortcut.activatedAmbiguously):
            pressed.connect(self.reveal)
        self.shortcut.setEnabled(False)

    @property
    def covered(self) -> bool:
        """Whether the texts are covered now."""
        return is_covered(self._settings, self._kind) and self._key != self._shown

    def look(self, key: str, kind: str) -> None:
        """Cover the texts of another thing where its kind of prompt asks for it; what was shown stays shown."""
        self._key, self._kind = key, kind
        self._turn()

    def take_focus(self, otherwise: QWidget) -> None:
        """Have keys go to the button that shows the texts, or where they are shown to something else."""
        (self.show_texts if self.covered else otherwise).setFocus()

    def reveal(self) -> None:
        """Show what is covered, of this thing."""
        if self.covered:
            self._shown = self._key
            self._turn()
            first = (one for one in self._content.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus)
            next((one for one in first if one.isVisible()), self).setFocus()
            self.revealed.emit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Take what may have been chosen elsewhere."""
        super().showEvent(event)
        self._turn()

    def _turn(self) -> None:
        had = self._content.isAncestorOf(self.focusWidget()) if self.focusWidget() else False
        self.shortcut.setEnabled(self.covered)
        self.setCurrentWidget(self._page if self.covered else self._content)
        if had and self.covered:
            self.show_texts.setFocus()


def is_covered(settings: UserSettings, kind: str) -> bool:
    """Say whether what was written to a kind of prompt is covered until somebody wants to see it."""
    return settings.now.cover and kind not in ("", HELPFUL)


def kind_asked(project: "Project", text: str) -> str:
    """Return the kind of a text that is a red-team prompt of the project; nothing for any other. On the store's thread."""
    return RED_TEAM if project.store.prompts.rows.asks(text, RED_TEAM) else ""
