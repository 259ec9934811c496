"""What every page has: its place, a title, and signals by which it asks the window for something."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.deeds import Deed
from ui.history import Undoing
from ui.places import Place
from ui.reading_order import reading_order
from ui.widgets.cards import EmptyCard
from ui.widgets.texts import button, label

#: Begins what names, in the place of a row, the pairs of a principle to review.
OF_PRINCIPLE = "principle "


class Page(QWidget):
    """One place of the window; a page refreshes itself when it is shown and when what it shows has changed."""

    #: Facts for the inspector.
    inspect = Signal(object)
    #: The key of another place to go to.
    go = Signal(str)
    #: A word for the toast.
    told = Signal(str)
    #: The key of another place, and the id of what is to be shown there.
    wants_row = Signal(str, str)
    #: Another history counts now, for another tab is shown.
    history_changed = Signal()
    #: Prompts are missing.
    wants_prompts = Signal()
    #: Whether something can be selected here; else the inspector tells what the page is for.
    selects = True

    def __init__(self, place: Place, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self.setAccessibleName(place.title)
        self.header = QHBoxLayout()
        self._title = label(place.title, "title")
        self.header.addWidget(self._title)
        self.header.addStretch(1)
        self.header.addStrut(button("").minimumHeight())  # titles stand at one height, with buttons beside them or not
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 14, 18, 12)
        self.column.setSpacing(10)
        self.column.addLayout(self.header)

    @property
    def history(self) -> Undoing | None:
        """What can be undone and redone here now; None where there is nothing ever."""
        return None

    def refresh(self) -> None:
        """Show what is there now; called whenever the page comes into view or the project changed."""

    def show_row(self, row_id: str) -> None:
        """Show one thing by its id, for example a chain; called once the page is in view. A page that shows none does nothing."""

    def deeds(self) -> Iterable[Deed]:
        """What the command palette offers of this page, with what it would say of each now."""
        return ()

    def train_anew(self, stage: str, run_id: str) -> None:
        """Show the sheet for a stage's model, as for a run whose weights have gone. A page of no trainings does nothing."""

    def take_focus(self) -> None:
        """Have keys go to where one begins here: the button of the next step, or else what Tab comes to first."""
        offered = next((card.button for card in self.findChildren(EmptyCard) if card.isVisible()), None)
        first = next((one for one in reading_order(self) if one.isEnabled()), self)
        (offered or first).setFocus()

    def hide_title(self) -> None:
        """Stand within another page, under its title."""
        self._title.hide()
        self.column.removeItem(self.header)

    def leave(self) -> None:
        """Save what is in hand; called before another page comes, the project closes or the window does."""
