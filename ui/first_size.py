"""How large a window is before anybody has sized it, and how its pages fit on a screen that is smaller than they are."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedWidget, QWidget

#: No page can be used whole in less.
_LEAST = QSize(1024, 680)
_USUAL, _TITLE_BAR = QSize(1280, 800), 40


class PageStack(QStackedWidget):
    """Needs what the page in front needs, so that the largest of all leaves the drawer of jobs no less room on the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.currentChanged.connect(lambda _: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the least size of the page in front."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else super().minimumSizeHint()


def give_first_size(window: QWidget) -> None:
    """Make a window as large as usual, or so that it and its title bar are on the screen."""
    least, first = sizes_on(_screen(window))
    window.setMinimumSize(least)
    window.resize(first)


def sizes_on(screen: QSize) -> tuple[QSize, QSize]:
    """Return the least size of the window and its first one on a screen, which large text makes small."""
    room = screen - QSize(0, _TITLE_BAR)
    return _LEAST.boundedTo(room), _USUAL.boundedTo(room)


def fitting(pages: QWidget, window: QWidget) -> QWidget:
    """Return pages as they are, or in an area to scroll in where the window's screen is too small to show them whole."""
    if sizes_on(_screen(window))[0] == _LEAST:
        return pages
    area = QScrollArea()
    area.setWidget(pages)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def _screen(window: QWidget) -> QSize:
    # Qt's platform without a screen says it has a small one, and shows a window of any size.
    if QGuiApplication.platformName() == "offscreen":
        return _USUAL + QSize(0, _TITLE_BAR)
    return window.screen().availableGeometry().size()
