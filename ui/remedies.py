"""The one action on the card of a failure: where its cause is known, a button that does something about it."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QPushButton

from ui.session import Failure, Session
from ui.widgets.texts import button
from ui.widgets.train_button import train_text
from workbench.errors import BusyError, DiskFullError, GoneError, UntrainedError


class Remedies(QObject):
    """Makes the buttons; what leads elsewhere is told by a signal."""

    wants_page = Signal(str)
    wants_folder = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def button(self, failure: Failure) -> QPushButton | None:
        """Return the button that helps with a failure; None where nothing is known to help."""
        text, do = self._remedy(failure)
        if not text:
            return None
        made = button(text, self.tr("{action}, for: {doing}").format(action=text, doing=failure.doing), primary=True)
        made.clicked.connect(lambda _: do())
        return made

    def _remedy(self, failure: Failure) -> tuple[str, Callable[[], object]]:
        cause, again = failure.cause, failure.again
        if isinstance(cause, UntrainedError):
            stage, run = cause.stage, cause.run
            return train_text(stage), lambda: self._session.wants_training.emit(stage, run)
        if isinstance(cause, DiskFullError) and self._session.folder is not None:
            return self.tr("Free disk space"), lambda: self.wants_page.emit("disk")
        if isinstance(cause, GoneError):
            return self.tr("Open another folder…"), self.wants_folder.emit
        if isinstance(cause, BusyError | DiskFullError) and again is not None:
            return self.tr("Try again"), again
        return "", lambda: None
