"""Measuring what this machine does best before its first run, in a process: it takes seconds, for which nothing else waits."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, Signal

from workbench.runs.machine import known_machine, measuring


class Measuring(QObject):
    """Has things done once the machine is known: at once where it is, and else when it was measured."""

    #: Whether it is being measured from now on.
    changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._waiting: list[Callable[[], object]] = []

    @property
    def busy(self) -> bool:
        """Whether it is being measured."""
        return self._process is not None

    def first(self, then: Callable[[], object]) -> bool:
        """Call then once the machine is known; say whether it must be measured first."""
        if known_machine():
            then()
            return False
        self._waiting.append(then)
        if self._process is None:
            self._start()
        return True

    def _start(self) -> None:
        (program, *words), environment = measuring()
        self._process = process = QProcess(self)
        told = QProcessEnvironment()
        for name, value in environment.items():
            told.insert(name, value)
        process.setProcessEnvironment(told)
        process.setStandardInputFile(QProcess.nullDevice())
        process.finished.connect(self._end)
        process.errorOccurred.connect(
            lambda error: self._end() if error == QProcess.ProcessError.FailedToStart else None
        )
        process.start(program, words)
        self.changed.emit(True)

    def _end(self) -> None:
        """Have everything done that waited; where measuring failed, whoever makes a run finds that out."""
        if self._process is not None:
            self._process.deleteLater()
        self._process, waiting = None, self._waiting
        self._waiting = []
        self.changed.emit(False)
        for then in waiting:
            then()
