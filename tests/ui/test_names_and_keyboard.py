"""Whatever takes the keyboard says what it does, on every page, in every tab and sheet, and Tab comes to all of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QRadioButton,
    QTabBar,
    QWidget,
)

from tests.ui.test_chains_page import made_run
from tests.ui.walk import Stop, page_views, sheets, sheets_in_pages, views_of_runs
from tests.workbench.demo.unpacked import demo_project
from tests.workbench.project.projects import project
from ui.main_window import MainWindow
from ui.places import places
from ui.reading_order import reading_order
from ui.session import Failure

Open = Callable[[Path], MainWindow]
#: What a toolkit calls a thing of its own accord.
_OF_A_TOOLKIT = re.compile(r"\bQ[A-Z]|\d+$|Widget|LineEdit|ComboBox|^(text|list|table|button|label)$")


def by_tab(widget: QWidget) -> bool:
    """Whether Tab itself must come to a widget: not to one that hands the keyboard on, nor to each choice of a group."""
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    one_of_many = isinstance(widget, QRadioButton) or (group is not None and group.exclusive())
    another = one_of_many and isinstance(widget, QAbstractButton) and not widget.isChecked()
    tabbed = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    return widget.isEnabled() and tabbed and widget.focusProxy() is None and not another


def whole(widget: QWidget) -> QWidget:
    """Return the widget of which one that has the keyboard is a part."""
    parent = widget.parentWidget()
    return whole(parent) if isinstance(parent, QAbstractSpinBox | QComboBox) else widget


def focusable(root: QWidget) -> list[QWidget]:
    found = []
    for widget in root.findChildren(QWidget):
        inner = isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox | QAbstractScrollArea)
        empty = isinstance(widget, QTabBar) and not widget.count()
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible() and not inner and not empty:
            found.append(widget)
    return found


def name_of(widget: QWidget) -> str:
    if isinstance(
        widget, QComboBox | QTabBar
    ):  # on some systems Qt tells what is chosen in these, and the name elsewhere
        return widget.accessibleName()
    found = QAccessible.queryAccessibleInterface(widget)
    return found.text(QAccessible.Text.Name) if found else ""


def unnamed(root: QWidget, where: str) -> list[str]:
    """Return what is wrong with the names of a root's widgets, a line each."""
    names = [(name_of(widget), widget) for widget in focusable(root) if widget.focusProxy() is None]
    wrong = [f"{where}: {widget} has no name" for name, widget in names if not name]
    wrong += [f"{where}: “{name}” says nothing" for name, _ in names if name and _OF_A_TOOLKIT.search(name)]
    told = [name for name, _ in names]
    return wrong + [f"{where}: “{name}” twice" for name in sorted({one for one in told if told.count(one) > 1}) if name]


def unreachable(root: QWidget, where: str) -> list[str]:
    """Return what Tab does not come to, and where it goes back, a line each."""
    wanted = {one for one in focusable(root) if by_tab(one)}
    wanted |= {
        bar for bar in root.findChildren(QTabBar) if bar.isVisible() and bar.count() > 1
    }  # who else turns to a tab
    if not wanted:
        return []
    before = first_of(wanted)
    before.setFocus()
    came: set[QWidget] = set()
    wrong: list[str] = []
    for _ in range(2 * len(focusable(root.window()))):
        has = QApplication.focusWidget()
        if has is None or wanted <= came:
            break
        if {before, whole(has)} <= wanted and goes_back(before, whole(has)):
            wrong.append(f"{where}: Tab goes back from “{name_of(before)}” to “{name_of(whole(has))}”")
        before = whole(has)
        came.add(before)
        QTest.keyClick(has, Qt.Key.Key_Tab)
    return wrong + [f"{where}: Tab does not come to “{name_of(one)}” ({one})" for one in wanted - came]


def first_of(widgets: set[QWidget]) -> QWidget:
    """Return where one begins to read: the topmost of what nothing stands above or before."""
    heads = [one for one in widgets if not any(goes_back(one, other) for other in widgets if other is not one)]
    return min(heads, key=lambda one: (place_of(one).top(), place_of(one).left()))


def goes_back(before: QWidget, after: QWidget) -> bool:
    """Whether one goes up within a column, or to the left within a row."""
    was, now = place_of(before), place_of(after)
    up = now.bottom() < was.top() and now.left() <= was.right()
    return up or (now.right() < was.left() and now.top() <= was.bottom())


def place_of(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint()), widget.size())


@pytest.fixture
def shown(open_window: Open, tmp_path: Path) -> MainWindow:
    with project(tmp_path / "project", number=6) as made:
        made_run(made, count=2)
    window = open_window(tmp_path / "project")
    window.activateWindow()
    return window


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_project(tmp_path_factory.mktemp("demo") / "demo")


@pytest.fixture
def demo(open_window: Open, demo_folder: Path) -> MainWindow:
    window = open_window(demo_folder)
    window.activateWindow()
    return window


class Strays(QObject):
    """Notes what is shown as a window of its own though it belongs to none: such a window takes the keyboard with it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and not isinstance(watched, MainWindow):
            kept = watched.windowType() in (Qt.WindowType.Popup, Qt.WindowType.ToolTip)
            if watched.isWindow() and watched.parentWidget() is None and not kept:
                self.found.append(f"{watched} “{watched.accessibleName()}” is shown as a window of its own")
        return False


@pytest.fixture
def strays(qapp: QApplication) -> Iterator[list[str]]:
    strays = Strays()
    qapp.installEventFilter(strays)
    yield strays.found
    qapp.removeEventFilter(strays)


def wrong(stops: Iterable[Stop]) -> list[str]:
    """Return what is wrong with names and keyboard on a way, a line each."""
    return [line for where, root in stops for line in (*unnamed(root, where), *unreachable(root, where))]


@pytest.mark.parametrize("key", [place.key for place in places()])
def test_every_page_in_every_tab(shown: MainWindow, key: str) -> None:
    assert wrong(page_views(shown, key)) == []


@pytest.mark.parametrize("key", [place.key for place in places()])
def test_every_page_of_a_project_with_everything_in_it(demo: MainWindow, key: str, strays: list[str]) -> None:
    assert wrong(page_views(demo, key)) == []
    assert strays == []


@pytest.mark.parametrize("key", ["constitution", "evaluate", "disk"])
def test_tab_goes_from_the_end_of_the_window_to_its_beginning(demo: MainWindow, key: str) -> None:
    next(page_views(demo, key))
    order = [one for one in reading_order(demo) if one.isEnabled()]
    order[-1].setFocus()
    QTest.keyClick(order[-1], Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is order[0]
    QTest.keyClick(order[0], Qt.Key.Key_Backtab)
    assert QApplication.focusWidget() is order[-1]


def test_every_kind_of_training(demo: MainWindow, strays: list[str]) -> None:
    assert wrong(views_of_runs(demo)) == []
    assert strays == []


def test_every_sheet_within_a_page_and_nothing_takes_the_keyboard(demo: MainWindow, strays: list[str]) -> None:
    found = []
    for stop in sheets_in_pages(demo):
        assert strays == []
        assert QApplication.activeWindow() is demo, stop[0]
        found += wrong([stop])
    assert found == []


def test_every_sheet_over_a_project_with_everything_in_it(demo: MainWindow, strays: list[str], tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("What now?\n")
    assert wrong(sheets(demo, file)) == []
    assert strays == []


def test_the_start_page_and_the_frame(window: MainWindow) -> None:
    window.activateWindow()
    assert unnamed(window.start, "start") + unreachable(window.start, "start") == []


def test_the_drawer_of_jobs_and_the_inspector(shown: MainWindow) -> None:
    shown.actions_["jobs"].trigger()
    for pane in (shown.jobs, shown.inspector):
        assert unnamed(pane, "frame") + unreachable(pane, "frame") == []


@pytest.mark.parametrize("key", ["constitution", "settings"])
def test_tab_goes_through_the_whole_window_as_the_eye_does(shown: MainWindow, key: str) -> None:
    shown.resize(1600, 1100)  # so that nothing is scrolled out of sight
    shown.show_page(key)
    shown.show_failure(Failure("Opening another", "It is not there."))
    shown.actions_["jobs"].trigger()
    assert unreachable(shown, "window") == []


def test_every_sheet(shown: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("What now?\n")
    assert wrong(sheets(shown, file)) == []
