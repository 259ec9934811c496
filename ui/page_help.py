"""What F1 tells: what a page is for, and which keys there are."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction, QKeySequence

from ui.places import Place
from ui.widgets.inspector import Facts


def page_help(place: Place, actions: Iterable[QAction]) -> Facts:
    """Return a page's purpose and the keys of the window."""
    native = QKeySequence.SequenceFormat.NativeText
    keys = [(action.shortcut().toString(native), action.text()) for action in actions]
    lines = "\n".join(f"{key}   {text}" for key, text in keys if key)
    return Facts(place.title, [(_tr("What it is for"), place.purpose), (_tr("Keys"), lines)])


def _tr(text: str) -> str:
    return QCoreApplication.translate("page_help", text)
