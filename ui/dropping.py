"""Files and folders that are dragged onto the window: what a drop would do is said before, and they come in one by one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QDialog, QFrame, QMainWindow, QVBoxLayout

from ui.demo_project import is_project
from ui.pages.files import Files, is_bundle, is_model, is_run_folder
from ui.session import Session
from ui.widgets.texts import counted, label, set_part

#: Pixels the sign leaves free around itself.
_EDGE = 40
_COMES = (QEvent.Type.DragEnter, QEvent.Type.DragMove)


class Dropping(QObject):
    """Hears of drags before the fields under them do: those would take a file for a text, and write its path down."""

    #: A word for the toast.
    told = Signal(str)

    def __init__(self, window: QMainWindow, session: Session, files: Files, opens: Callable[[Path], object]) -> None:
        super().__init__(window)
        self._window, self._session, self._files, self._open = window, session, files, opens
        self._waiting: list[QUrl] = []
        self.sign = QFrame(window)
        set_part(self.sign, "drop")
        self.sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._words = label(part="title", wrap=True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        QVBoxLayout(self.sign).addWidget(self._words)
        self.sign.hide()

    @property
    def words(self) -> str:
        """What a drop would do, while something is dragged over the window."""
        return self._words.text() if self.sign.isVisible() else ""

    def listen(self) -> None:
        """Hear what comes to the window; to be called once it has a place on the screen."""
        self._window.windowHandle().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Take files, and nothing else: a text that is dragged belongs to the field under it."""
        if event.type() in _COMES or event.type() == QEvent.Type.Drop:
            assert isinstance(event, QDropEvent)
            if not event.mimeData().hasUrls():
                return False
            event.acceptProposedAction()
            if event.type() == QEvent.Type.Drop:
                self.sign.hide()
                self.take(event.mimeData().urls())
            elif event.type() == QEvent.Type.DragEnter:
                self._announce(event.mimeData().urls())
            return True
        if event.type() == QEvent.Type.DragLeave and self.sign.isVisible():
            self.sign.hide()
        return False

    def take(self, urls: list[QUrl]) -> None:
        """Take in what was dropped, one after the other: a sheet waits until the one before it is closed."""
        self._waiting += urls
        self._next()

    def _next(self) -> None:
        while self._waiting:
            sheet = self._take_one(self._waiting.pop(0))
            if sheet is not None:
                sheet.finished.connect(self._next)
                if self._waiting:
                    one, many = (
                        self.tr("1 more file comes after this one."),
                        self.tr("{count} more files come after this."),
                    )
                    self.told.emit(counted(len(self._waiting), one, many))
                return

    def _take_one(self, url: QUrl) -> QDialog | None:
        """Open a project, collect a run, look at a file; return the sheet where it opens one."""
        path = Path(url.toLocalFile())
        if not url.isLocalFile():
            words = self.tr("{url} is an address. Save what is there as a file, and drop that; a data set of the hub comes in by "
                            "File, Import from the hub.")  # fmt: skip
            self.told.emit(words.format(url=url.toDisplayString()))
        elif is_project(folder := _project_of(path)):
            self._open(folder)
        elif self._session.folder is not None or is_bundle(path):
            return self._files.take_in(path)
        else:
            self.told.emit(self.tr("Open a project or make one first, then drop {file} again.").format(file=path.name))
        return None

    def _announce(self, urls: list[QUrl]) -> None:
        self._words.setText(self._would(urls))
        self.sign.setGeometry(self._window.rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE))
        self.sign.show()
        self.sign.raise_()

    def _would(self, urls: list[QUrl]) -> str:
        """Say what a drop would do."""
        if len(urls) > 1:
            return self.tr("Drop {count} files to look at one after the other").format(count=len(urls))
        path = Path(urls[0].toLocalFile())
        if not urls[0].isLocalFile():
            words = self.tr("This is an address; a file is wanted")
        elif is_project(_project_of(path)):
            words = self.tr("Drop to open the project {file}")
        elif is_bundle(path):
            words = self.tr("Drop to make a project of {file}")
        elif self._session.folder is None:
            words = self.tr("Open a project or make one first; then {file} can be dropped")
        elif is_run_folder(path):
            words = self.tr("Drop to collect the results of {file}")
        elif is_model(path):
            words = self.tr("Drop to look at the model {file}")
        else:
            words = self.tr("Drop to look at {file} before it is imported")
        return words.format(file=_project_of(path).name)


def _project_of(path: Path) -> Path:
    return path.parent if path.name == "project.db" else path
