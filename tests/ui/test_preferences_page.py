from collections import Counter
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from tests.workbench.project.pairs import labelled
from ui.main_window import MainWindow
from ui.pages.preferences import PreferencesPage
from ui.widgets.cards import EmptyCard


def test_all_that_takes_the_focus_says_what_it_does(
    qtbot: QtBot, open_window: Callable[[Path], MainWindow], tmp_path: Path
) -> None:
    labelled(tmp_path / "project", [0.7] * 4).close()
    window = open_window(tmp_path / "project")
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    qtbot.waitUntil(page.review.card.isVisible, timeout=30_000)
    for place in range(page.tabs.count()):
        page.tabs.setCurrentIndex(place)
    qtbot.waitUntil(lambda: page.quality.plot is not None and bool(page.quality.sample.text()), timeout=30_000)
    names = Counter(spoken(one) for one in page.findChildren(QWidget) if takes_focus(one))
    assert {name for name, count in names.items() if count > 1 or not name} == set()


def takes_focus(one: QWidget) -> bool:
    """Lists that pop up from a box are named by it, and an empty card's button by what it will offer."""
    inside = one.objectName().startswith("qt_") or any(isinstance(above, QComboBox) for above in parents(one))
    card = isinstance(one.parent(), EmptyCard) and not one.isVisible()
    return one.focusPolicy() != Qt.FocusPolicy.NoFocus and not (inside or card)


def parents(one: QWidget) -> list[QWidget]:
    found = []
    above = one.parentWidget()
    while above is not None:
        found.append(above)
        above = above.parentWidget()
    return found


def spoken(one: QWidget) -> str:
    return QAccessible.queryAccessibleInterface(one).text(QAccessible.Text.Name)
