"""When the window's process looks for objects that only hold each other, and in which thread."""

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

_EVERY_MS = 500
#: By the time of this look modules and pages are made; they live as long as the window does.
_SETTLED_BY = 20


class Garbage(QObject):
    """Has the cycle collector run in the window's thread, between frames, and pass by what is there to stay.

    Left to itself it runs in whichever thread allocates, so a large import on the store's thread walked all modules and widgets
    again and again, 0.1 s each time and nothing painted meanwhile; and widgets could end in a thread that is not theirs.
    """

    def __init__(self, window: QObject, room: Callable[[Callable[[], None]], None]) -> None:
        super().__init__(window)
        self._room, self._waiting, self._looks = room, False, 0
        gc.disable()
        window.destroyed.connect(_as_before)
        timer = QTimer(self, interval=_EVERY_MS)
        timer.timeout.connect(self.look)
        timer.start()

    def look(self) -> None:
        """Collect what is due by the collector's own counts, as soon as there is room."""
        self._looks += 1
        if self._looks == _SETTLED_BY:
            gc.freeze()  # walked no more: nine tenths of all objects, and the few cycles among them are not worth the time
        elif self._looks > _SETTLED_BY and not self._waiting:
            counts = enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
            due = [generation for generation, (count, limit) in counts if count > limit]
            if due:
                self._waiting = True
                self._room(lambda: self._collect(due[-1]))

    def _collect(self, generation: int) -> None:
        self._waiting = False
        gc.collect(generation)


def _as_before() -> None:
    gc.unfreeze()
    gc.enable()
