"""Letting a window work for a while as it does for a person: QTest.qWait keeps the interpreter, and no other thread gets on."""

from PySide6.QtCore import QEventLoop, QTimer


def run_for(milliseconds: int) -> None:
    """Run the event loop for so long."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()
