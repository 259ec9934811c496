"""The pages of the window, made after it is painted: what they draw with takes longer to load than people wait for a window."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Slot

from ui.pages.page import Page
from ui.places import Place

#: So long after the window is shown its first picture is on the screen.
_AFTER_PAINT_MS = 50


class PageShelf(QObject):
    """Makes one page at a time, so that keys and clicks get in between; all that are missing as soon as one is asked for."""

    def __init__(self, places: Sequence[Place], make: Callable[[Place], Page], parent: QObject) -> None:
        super().__init__(parent)
        self._places, self._make = places, make
        #: Those that are there, in the order of the places.
        self.made: dict[str, Page] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)

    def begin(self) -> None:
        """Begin once the window is painted."""
        self._timer.start(_AFTER_PAINT_MS)

    def all(self) -> dict[str, Page]:
        """Return all pages by their keys."""
        while len(self.made) < len(self._places):
            self._make_next()
        return self.made

    def _make_next(self) -> None:
        place = self._places[len(self.made)]
        self.made[place.key] = self._make(place)

    @Slot()
    def _go_on(self) -> None:
        if len(self.made) < len(self._places):
            self._make_next()
            self._timer.start(0)
