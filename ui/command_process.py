"""A command of the workbench as a process of its own: the window waits for it without standing still."""

import sys
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QProcess

from ui.static_words import in_language


class CommandProcess(QObject):
    """Runs commands side by side; each ends in a call with whether it went well, and what it said."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: set[QProcess] = set()
        self._said: dict[QProcess, list[str]] = {}

    def run(
        self,
        words: Sequence[str],
        done: Callable[[bool, str], object],
        stdin: str = "",
        heard: Callable[[str], object] | None = None,
    ) -> None:
        """Run `workbench WORDS`; done gets its output, or the last sentence on stderr where it failed.

        heard gets each line on stderr as it comes.
        """
        process = QProcess(self)
        self._running.add(process)
        self._said[process] = []
        process.setReadChannel(QProcess.ProcessChannel.StandardError)  # of which lines are read
        process.readyReadStandardError.connect(partial(self._hear, process, heard))
        process.finished.connect(partial(self._ended, process, done))
        process.errorOccurred.connect(partial(self._could_not_start, process, done))
        process.start(sys.executable, ["-m", "workbench", *words])
        process.write((stdin + "\n").encode())
        process.closeWriteChannel()

    def end(self) -> None:
        """End what is still running."""
        for process in list(self._running):
            process.finished.disconnect()
            process.readyReadStandardError.disconnect()
            process.kill()
            process.waitForFinished(2000)
        self._running.clear()
        self._said.clear()

    def _hear(self, process: QProcess, heard: Callable[[str], object] | None) -> None:
        while process.canReadLine():
            line = bytes(process.readLine().data()).decode("utf-8", "replace").strip()
            self._said[process].append(line)
            if heard is not None:
                heard(line)

    def _could_not_start(
        self, process: QProcess, done: Callable[[bool, str], object], error: QProcess.ProcessError
    ) -> None:
        if error == QProcess.ProcessError.FailedToStart and process in self._running:  # after which nothing is finished
            self._said[process].append(process.errorString())
            self._ended(process, done, 1)

    def _ended(self, process: QProcess, done: Callable[[bool, str], object], code: int, status: object = None) -> None:
        self._running.discard(process)
        out = bytes(process.readAllStandardOutput().data()).decode("utf-8", "replace").strip()
        rest = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        said = [line for line in (*self._said.pop(process), *rest) if line]
        process.deleteLater()
        good = code == 0 and status != QProcess.ExitStatus.CrashExit
        done(good, out if good else in_language(said[-1].removeprefix("workbench: ")) if said else "")
