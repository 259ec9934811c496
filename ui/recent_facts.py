"""What is last known of the open project, kept in a line for the start page to show without opening it."""

from PySide6.QtCore import QObject, QTimer, Slot

from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.texts import counted

#: Keeping it writes a file, which a run that collects many rows a second is not to do as often.
_WAIT_MS = 15_000


class RecentFacts(QObject):
    """Keeps the line when it is asked to, now and then while it changes, and before it is left."""

    def __init__(self, session: Session, settings: UserSettings) -> None:
        super().__init__(session)
        self._session, self._settings = session, settings
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self.keep)
        session.overview_changed.connect(self._soon)
        session.closed.connect(self._timer.stop)

    @Slot()
    def keep(self) -> None:
        """Keep the line as it is now; nothing where no project is open."""
        self._timer.stop()
        overview, folder = self._session.overview, self._session.folder
        if overview is None or folder is None:
            return
        rows = overview.rows
        says = " · ".join((
            counted(overview.principles, self.tr("1 principle"), self.tr("{count} principles")),
            counted(rows["chains"], self.tr("1 chain"), self.tr("{count} chains")),
            counted(rows["comparisons"], self.tr("1 pair"), self.tr("{count} pairs")),
            counted(rows["reviews"], self.tr("1 decision of people"), self.tr("{count} decisions of people")),
        ))  # fmt: skip
        running = sum(one.active for one in self._session.runs)
        more = self.tr(" · {count} running").format(count=running) if running else ""
        self._settings.know(folder, says + more)

    @Slot()
    def _soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()
