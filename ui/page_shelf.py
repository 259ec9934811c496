"""The pages of the window, made after it is painted: what they draw with takes longer to load than people wait for a window."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, QTimer, Slot

from ui.deeds import Deed
from ui.pages.page import Page
from ui.places import Place

#: So long after the window is shown its first picture is on the screen.
_AFTER_PAINT_MS = 50
#: Keys and clicks get in between two pages.
_BETWEEN_MS = 20


class PageShelf(QObject):
    """Makes a page when it is asked for, and the others one at a time while nobody waits for anything else; then walks after."""

    def __init__(
        self,
        places: Sequence[Place],
        make: Callable[[Place], Page],
        busy: Callable[[], bool],
        after: Iterator[None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._after = after
        self._places, self._make, self._busy = places, make, busy
        self._made: dict[str, Page] = {}
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go_on)

    def begin(self) -> None:
        """Begin once the window is painted."""
        self._timer.start(_AFTER_PAINT_MS)

    def page(self, key: str) -> Page:
        """Return the page of a place."""
        if key not in self._made:
            self._made[key] = self._make(next(place for place in self._places if place.key == key))
        return self._made[key]

    def made(self) -> Iterator[Page]:
        """Yield the pages that are there."""
        yield from self._made.values()

    def deeds(self) -> Iterator[tuple[str, Deed]]:
        """Yield what all pages can do, each with the key of its place; who asks in the window's first second waits for them."""
        for key, page in self.all().items():
            for deed in page.deeds():
                yield key, deed

    def all(self) -> dict[str, Page]:
        """Return all pages by their keys, in the order of the places."""
        return {place.key: self.page(place.key) for place in self._places}

    @Slot()
    def _go_on(self) -> None:
        missing = [place.key for place in self._places if place.key not in self._made]
        if self._busy():
            self._timer.start(_BETWEEN_MS)
        elif missing:
            self.page(missing[0])
            self._timer.start(_BETWEEN_MS)
        elif next(self._after, self) is not self:
            self._timer.start(_BETWEEN_MS)
