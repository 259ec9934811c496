"""The button for what needs weights that are not there: it opens the sheet for the training that makes them."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPushButton, QWidget

from ui.places import stage_title
from ui.session import Failure, Session
from workbench.errors import UntrainedError


class TrainButton(QPushButton):
    """Hidden until a refusal names the training; what is repeated is the run whose weights have gone, where there was one."""

    def __init__(self, session: Session, place: str, parent: QWidget | None = None) -> None:
        """Place says where the button stands, for a page may have more than one."""
        super().__init__(parent)
        self._session, self._place = session, place
        self._stage, self._run = "", ""
        self.setMinimumHeight(32)
        self.setAutoDefault(True)
        self.clicked.connect(lambda _: self._session.wants_training.emit(self._stage, self._run))
        self.withdraw()

    def offer(self, stage: str, run: str = "") -> None:
        """Offer a stage's training; without a stage nothing is offered."""
        self._stage, self._run = stage, run
        self.setText(train_text(stage))
        name = self.tr("{text}, for {place}").format(text=train_text(stage), place=self._place)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setVisible(bool(stage))

    def offer_for(self, failure: Failure) -> None:
        """Offer the training that a failure asks for, if it asks for one."""
        cause = failure.cause
        self.offer(cause.stage, cause.run) if isinstance(cause, UntrainedError) else self.withdraw()

    def withdraw(self) -> None:
        """Offer nothing."""
        self.offer("")


def train_text(stage: str) -> str:
    """Return what a button says that sets up a stage's training."""
    return QCoreApplication.translate("TrainButton", "Train: {stage}").format(stage=stage_title(stage))
