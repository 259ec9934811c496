"""When there is room for work in the window's thread: right after a frame, where the window is painting frame after frame."""

from collections import deque
from collections.abc import Callable
from time import perf_counter

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

#: A window that painted twice so lately is scrolled, or has something moving in it: it will paint again soon.
_PAINTING_SECONDS = 0.06
#: Where no frame comes after all, work is done after so long.
_PATIENCE_MS = 25


class Frames(QObject):
    """Puts work behind the next frame of a window.

    Work of a few milliseconds that begins just before a frame is due delays it; the same work just after one delays nothing.
    Where two things move, each frame of the one may come right before one of the other: then the longer rest is waited for.
    """

    def __init__(self, window: QWidget, clock: Callable[[], float] = perf_counter) -> None:
        super().__init__(window)
        self._clock = clock
        #: When the last three frames were asked for.
        self._asked = deque((0.0, 0.0, 0.0), maxlen=3)
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
            before, last, now = self._asked
            # Two movements of one pace take turns: what comes now is the rest that came before the last.
            if self._waiting and last - before >= (now - last) / 2:
                self._behind.start()
        return super().eventFilter(watched, event)

    def _work(self) -> None:
        self.patience.stop()
        self._behind.stop()
        for _ in range(len(self._waiting)):
            self._waiting.pop(0)()
