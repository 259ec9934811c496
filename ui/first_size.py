"""How large a window is before anybody has sized it."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

#: No page can be used in less.
_LEAST = QSize(1024, 680)
_USUAL, _TITLE_BAR = QSize(1280, 800), 40


def give_first_size(window: QWidget) -> None:
    """Make a window as large as usual, or so that it and its title bar are on the screen, where they can be."""
    screen = window.screen().availableGeometry().size()
    fits = _USUAL.boundedTo(screen - QSize(0, _TITLE_BAR))
    window.setMinimumSize(_LEAST)
    window.resize(fits if screen.width() >= _LEAST.width() else _USUAL)
