"""The day's backup of the open project, made on a thread of its own once the project is in use, so that nobody waits for it."""

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, QTimer, Slot

from ui.session import Failure, Session
from ui.static_words import in_language
from workbench.errors import WorkbenchError

#: By then the pages are made and the first of them is read.
_FIRST_MS = 10_000
#: A window may stay open for days.
_EACH_MS = 3_600_000
_POLL_MS = 500


class DailyBackup(QObject):
    """Asks from time to time whether a backup is due, and makes it; closing the project leaves it off."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._leave = threading.Event()
        self._made: Future[bool] | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.look)
        self._poll = QTimer(self, interval=_POLL_MS)
        self._poll.timeout.connect(self._ended)
        session.opened.connect(lambda _: self._timer.start(_FIRST_MS))
        session.closing.connect(self._stop)

    @property
    def going(self) -> bool:
        """Whether a backup is being made."""
        return self._made is not None

    @Slot()
    def look(self) -> None:
        """Make the backup where one is due and nothing else is waited for; look again later in any case."""
        if self._session.waiting:
            self._timer.start(_POLL_MS)
            return
        self._timer.start(_EACH_MS)
        if not self.going:
            self._session.ask(self._doing(), lambda project: project.store.due_backup(), self._start)

    def _start(self, make: Callable[[Callable[[], bool]], bool] | None) -> None:
        if make is None:
            return
        self._leave.clear()
        threads = ThreadPoolExecutor(1, thread_name_prefix="backup", initializer=_be_modest)
        self._made = threads.submit(make, self._leave.is_set)
        threads.shutdown(wait=False)
        self._poll.start()

    @Slot()
    def _ended(self) -> None:
        if self._made is None or not self._made.done():
            return
        made, self._made = self._made, None
        self._poll.stop()
        try:
            made.result()
        except WorkbenchError as error:
            self._session.failed.emit(Failure(self._doing(), in_language(error.sentence)))

    @Slot()
    def _stop(self) -> None:
        """Let go of the database before the store does."""
        self._timer.stop()
        self._leave.set()
        if self._made is not None:
            self._made.exception()
            self._ended()

    def _doing(self) -> str:
        return self.tr("Making the day's backup")


def _be_modest() -> None:
    """Let everything else go first: Linux gives each thread a priority of its own."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
