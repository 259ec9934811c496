"""The demo project: finding one that is there, and having one made by the same command a terminal would use."""

import sys
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QStandardPaths, QTimer, Signal

from workbench.runs.launcher import start_detached


def projects_folder() -> Path:
    """Return where new projects go: a folder of the user's documents, outside any source tree."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / "Constitution Workbench"


def demo_folder() -> Path:
    """Return where the demo project is, or would be made."""
    return projects_folder() / "demo"


def is_project(folder: Path) -> bool:
    """Say whether a folder holds a project."""
    return (folder / "project.db").is_file()


def is_finished_demo(folder: Path) -> bool:
    """Say whether a folder holds a demo project that has its report."""
    return is_project(folder) and (folder / "report.json").is_file()


class DemoMaking(QObject):
    """A demo project being made by a process of its own, which outlives the window and goes on where it stopped."""

    #: The last line it printed.
    told = Signal(str)
    ended = Signal()

    def __init__(self, folder: Path, parent: QObject | None = None, program: tuple[str, ...] = ()) -> None:
        super().__init__(parent)
        self.folder = folder
        self.log = folder.with_name(f"{folder.name}.log")
        self._program = program or (sys.executable, "-m", "workbench", "demo")
        self._process: psutil.Process | None = None
        self._timer = QTimer(self, interval=500)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Start making it."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._process = psutil.Process(start_detached([*self._program, str(self.folder)], self.log))
        self._timer.start()

    def last_line(self) -> str:
        """Return what it printed last."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").replace("\r", "\n").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def _look(self) -> None:
        over = self._process is None or not _running(self._process)
        self.told.emit(self.last_line())
        if over:
            self._timer.stop()
            self.ended.emit()


def _running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
