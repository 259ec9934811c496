"""The cards of what failed, above the page: each stays until it is dismissed, the oldest makes room."""

import platform

from PySide6 import __version__ as qt_version
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from ui.session import Failure
from ui.widgets.cards import ErrorCard
from ui.widgets.texts import button
from workbench import __version__

_MOST = 3


class FailureCards(QWidget):
    """Takes no room while nothing has failed."""

    #: The id of a run that a card tells of, to be shown.
    wants_run = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(10, 8, 10, 4)
        self._column.setSpacing(6)
        self.hide()

    def add_run(self, failure: Failure, run_id: str) -> None:
        """Show that a run failed, with a button that leads to it and to what can be done."""
        show = button(self.tr("Show the run"), self.tr("Show the run {run}").format(run=run_id), primary=True)
        show.clicked.connect(lambda: self.wants_run.emit(run_id))
        self.add(failure, action=show, run_id=run_id)

    def add(self, failure: Failure, diagnostics: str = "", action: QPushButton | None = None, run_id: str = "") -> None:
        """Show what failed; the same failure again takes the place of the card that tells of it."""
        facts = (
            f"{failure.doing}: {failure.sentence}\n{diagnostics}\n"
            f"workbench {__version__}, Qt {qt_version}, Python {platform.python_version()}, {platform.platform()}"
        )
        for card in self.cards():
            if (card.doing, card.sentence) == (failure.doing, failure.sentence):
                self._remove(card)
        made = ErrorCard(failure.doing, failure.sentence, facts, action)
        made.dismissed.connect(lambda: self._remove(made))
        if action is not None and not run_id:
            action.clicked.connect(lambda _: self._remove(made))  # it is being seen to, and comes again if that fails
        self._column.addWidget(made)
        for card in self.cards()[:-_MOST]:
            self._remove(card)
        self.show()

    def cards(self) -> list[ErrorCard]:
        """Return the cards there are, oldest first."""
        found = [item.widget() for place in range(self._column.count()) if (item := self._column.itemAt(place))]
        return [card for card in found if isinstance(card, ErrorCard)]

    def _remove(self, card: ErrorCard) -> None:
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()
        self.setVisible(self._column.count() > 0)
