"""When there is room for work in the window's thread: right after a frame, where the window is painting frame after frame."""

from collections import deque
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

#: A window that painted twice so lately is scrolled, or has something moving in it: it will paint again soon.
_PAINTING_SECONDS = 0.06
#: Where no frame comes after all, work is done after so long.
_PATIENCE_MS = 40
#: So many frames are remembered, and rests between them that differ by less are alike.
_REMEMBERED, _ALIKE_SECONDS = 8, 0.002


class Frames(QObject):
    """Puts work behind the next frame of a window.

    Work of a few milliseconds that begins just before a frame is due delays it; the same work just after one delays nothing.
    Where two things move, a frame of the one may come right before one of the other: what followed the last time that frames
    came like this tells whether there is room now.
    """

    def __init__(self, window: QWidget, clock: Callable[[], float] = perf_counter) -> None:
        super().__init__(window)
        self._clock = clock
        #: When the last frames were asked for.
        self._asked = deque((0.0, 0.0), maxlen=_REMEMBERED)
        self._waiting: list[Callable[[], None]] = []
        #: Where no frame comes after all, work is done when this is up.
        self.patience = QTimer(self, interval=_PATIENCE_MS, singleShot=True)
        self.patience.timeout.connect(self._work)
        self._behind = QTimer(self, interval=0, singleShot=True)
        self._behind.timeout.connect(self._work)
        window.installEventFilter(self)

    def after(self, work: Callable[[], None]) -> None:
        """Do work after the next frame; at once where the window rests."""
        if self._clock() - self._asked[-2] > _PAINTING_SECONDS:
            work()
            return
        self._waiting.append(work)
        if not self.patience.isActive():
            self.patience.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Notice a frame before it is painted: what is put into the loop now comes after it."""
        if event.type() == QEvent.Type.UpdateRequest:
            self._asked.append(self._clock())
            if self._waiting and self._room_follows():
                self._behind.start()
        return super().eventFilter(watched, event)

    def _room_follows(self) -> bool:
        """Whether the rest after this frame is likely to be one of the longer ones."""
        rests = [later - earlier for earlier, later in pairwise(self._asked)]
        longest = max((rest for rest in rests if rest < _PAINTING_SECONDS), default=0.0)
        for before, after in reversed(list(pairwise(rests))):
            if abs(before - rests[-1]) < _ALIKE_SECONDS:
                return after >= longest / 2
        return True

    def _work(self) -> None:
        self.patience.stop()
        self._behind.stop()
        for _ in range(len(self._waiting)):
            self._waiting.pop(0)()
