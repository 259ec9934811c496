"""A window that says when it was first painted and when its project could be used; started by window_start.py."""

import json
import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from ui.app import build
from ui.main_window import MainWindow
from ui.user_settings import UserSettings

#: None of these belongs before the first paint.
HEAVY = ("torch", "numpy", "sqlite3", "pyqtgraph", "pydantic", "ruamel.yaml", "transformers")


class Watch(QObject):
    """Takes the time of the first paint, then opens the project and takes the time again."""

    def __init__(self, window: MainWindow, project: Path, began: float) -> None:
        super().__init__(window)
        self._window, self._project, self._began = window, project, began
        self.told: dict[str, object] = {}
        window.start.installEventFilter(self)
        window.session.opened.connect(lambda _: QTimer.singleShot(0, self._look))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Notice the first paint; what comes after it in the event loop comes after the pixels."""
        if event.type() == QEvent.Type.Paint and "painted" not in self.told:
            self.told["painted"] = time.time() - self._began
            self.told["painted_cpu"] = time.process_time()
            self.told["heavy"] = [name for name in HEAVY if name in sys.modules]
            QTimer.singleShot(0, lambda: self._window.open_project(self._project))
        return super().eventFilter(watched, event)

    def _look(self) -> None:
        if self._window.session.waiting:
            QTimer.singleShot(5, self._look)
            return
        self.told["usable"] = time.time() - self._began
        self.told["usable_cpu"] = time.process_time()
        self.told["torch"] = "torch" in sys.modules
        print(json.dumps(self.told), flush=True)
        self._window.close()


def main() -> int:
    """Run once."""
    application = QApplication(sys.argv[:1])
    window = build(application, UserSettings(), "light")
    watch = Watch(window, Path(sys.argv[1]), float(os.environ["BEGAN"]))
    window.show()
    return application.exec() if watch else 1


if __name__ == "__main__":
    sys.exit(main())
