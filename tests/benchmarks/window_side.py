"""A window that says when it was first painted, when its project could be used, and how soon each page shows what it holds.

Started by window_start.py: window_side.py PROJECT [REST]; with a rest, of so many seconds, it goes from page to page after it.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QTabWidget

from ui.app import build
from ui.main_window import MainWindow
from ui.user_settings import UserSettings

#: None of these belongs before the first paint.
HEAVY = ("torch", "numpy", "sqlite3", "pyqtgraph", "pydantic", "ruamel.yaml", "transformers")
#: Between two beats of the event loop; what is longer than a beat and this is a stall.
_BEAT_MS = 5
#: A person goes to the next page: without a rest before the pages are made in idle time.
_BETWEEN_VISITS_MS = 200


class Watch(QObject):
    """Takes the time of the first paint, then opens the project and takes the time again, then goes from page to page."""

    def __init__(self, window: MainWindow, project: Path, began: float, rest: float | None) -> None:
        super().__init__(window)
        self._window, self._project, self._began = window, project, began
        self._left = [] if rest is None else [place.key for place in window.places]
        self._rest_ms = max(_BETWEEN_VISITS_MS, round(1000 * (rest or 0)))
        self.told: dict[str, Any] = {"pages": {}, "asked": {}}
        self._gaps = [0.0]
        self._beat_at = time.perf_counter()
        self._beat = QTimer(self, interval=_BEAT_MS)
        self._beat.timeout.connect(self._note_gap)
        window.start.installEventFilter(self)
        window.session.opened.connect(lambda _: QTimer.singleShot(0, lambda: self._once_idle(self._usable)))
        self._time_requests()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Notice the first paint; what comes after it in the event loop comes after the pixels."""
        if event.type() == QEvent.Type.Paint and "painted" not in self.told:
            self.told["painted"] = time.time() - self._began
            self.told["painted_cpu"] = time.process_time()
            self.told["heavy"] = [name for name in HEAVY if name in sys.modules]
            QTimer.singleShot(0, lambda: self._window.open_project(self._project))
        return super().eventFilter(watched, event)

    def _time_requests(self) -> None:
        """Note how long the store's thread is busy with each kind of request."""
        session, asked = self._window.session, self.told["asked"]
        submit = session._submit  # only there all requests pass

        def timed(doing: str, work: Callable[[], Any], *more: Any) -> None:
            def working() -> Any:
                began = time.perf_counter()
                try:
                    return work()
                finally:
                    asked[doing] = max(asked.get(doing, 0.0), time.perf_counter() - began)

            submit(doing, working, *more)

        session._submit = timed  # type: ignore[method-assign, assignment]

    def _once_idle(self, then: Callable[[], None]) -> None:
        if self._window.session.waiting:
            QTimer.singleShot(5, lambda: self._once_idle(then))
        else:
            then()

    def _usable(self) -> None:
        self.told["usable"] = time.time() - self._began
        self.told["usable_cpu"] = time.process_time()
        self.told["torch"] = "torch" in sys.modules
        self._beat.start()
        QTimer.singleShot(self._rest_ms, self._next_page)

    def _next_page(self) -> None:
        for told in list(self.told["pages"].values())[-1:]:  # what is drawn after it was first shown is its own stall
            self._note_gap()
            told["stall"] = max(self._gaps)
        if not self._left:
            print(json.dumps(self.told), flush=True)
            self._window.close()
            return
        self._take_time(self._left.pop(0))

    def _take_time(self, key: str) -> None:
        self._gaps, self._beat_at = [0.0], time.perf_counter()
        began, used = time.perf_counter(), time.process_time()
        self._go_to(key)

        def shown() -> None:
            self._note_gap()
            self.told["pages"][key] = {"seconds": time.perf_counter() - began, "cpu": time.process_time() - used}
            QTimer.singleShot(_BETWEEN_VISITS_MS, self._next_page)

        # What is shown may ask for more, so twice.
        QTimer.singleShot(0, lambda: self._once_idle(lambda: QTimer.singleShot(0, lambda: self._once_idle(shown))))

    def _go_to(self, key: str) -> None:
        """Go to a page, or to a tab of it; the first visit of a page adds its other tabs to what is left to visit."""
        place, _, tab = key.partition("/")
        if tab:
            self._tabs().setCurrentIndex(int(tab))
            return
        self._window.go_to(key)
        others = range(1, self._tabs().count()) if place == "preferences" else ()
        self._left[:0] = [f"{place}/{number}" for number in others]

    def _tabs(self) -> QTabWidget:
        return self._window.page.tabs  # type: ignore[attr-defined,no-any-return]

    def _note_gap(self) -> None:
        now = time.perf_counter()
        self._gaps.append(now - self._beat_at)
        self._beat_at = now


def main() -> int:
    """Run once."""
    application = QApplication(sys.argv[:1])
    window = build(application, UserSettings(), "light")
    watch = Watch(window, Path(sys.argv[1]), float(os.environ["BEGAN"]), float(sys.argv[2]) if sys.argv[2:] else None)
    window.show()
    return application.exec() if watch else 1


if __name__ == "__main__":
    sys.exit(main())
