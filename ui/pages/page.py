"""What every page has: its place, a title, and signals by which it asks the window for something."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.places import Place
from ui.widgets.texts import label


class Page(QWidget):
    """One place of the window; a page refreshes itself when it is shown and when what it shows has changed."""

    #: Facts for the inspector.
    inspect = Signal(object)
    #: The key of another place to go to.
    go = Signal(str)
    #: A word for the toast.
    told = Signal(str)

    def __init__(self, place: Place, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self.setAccessibleName(place.title)
        self.header = QHBoxLayout()
        self.header.addWidget(label(place.title, "title"))
        self.header.addStretch(1)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(18, 14, 18, 12)
        self.column.setSpacing(10)
        self.column.addLayout(self.header)

    def refresh(self) -> None:
        """Show what is there now; called whenever the page comes into view or the project changed."""

    def leave(self) -> None:
        """Save what is in hand; called before another page comes, the project closes or the window does."""
