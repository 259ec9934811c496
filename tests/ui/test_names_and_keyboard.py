"""Whatever takes the keyboard says what it does, on every page, in every tab and sheet, and Tab comes to all of it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QRadioButton,
    QTabBar,
    QTabWidget,
    QWidget,
)

from tests.ui.test_chains_page import made_run
from tests.workbench.project.projects import project
from ui.main_window import MainWindow
from ui.pages.chains.write_sheet import WriteSheet
from ui.pages.export_sheet import ExportSheet
from ui.pages.import_sheet import ImportSheet
from ui.pages.new_evaluation import NewEvaluationSheet
from ui.pages.new_project import NewProjectSheet
from ui.places import places
from ui.widgets.fetch_sheet import FetchSheet
from ui.widgets.pair_run_sheet import PairRunSheet
from ui.widgets.push_sheet import PushSheet
from ui.widgets.review_sheets import GuidelinesSheet, KeysSheet, RuleSheet
from workbench.records.comparison import PreferenceRule

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
    """Return what Tab does not come to, a line each."""
    wanted = {one for one in focusable(root) if by_tab(one)}
    if not wanted:
        return []
    next(one for one in focusable(root) if one in wanted).setFocus()
    came: set[QWidget] = set()
    for _ in range(3 * len(root.window().findChildren(QWidget))):
        has = QApplication.focusWidget()
        if has is None or wanted <= came or (whole(has) in came and len(came) > 200):
            break
        came.add(whole(has))
        QTest.keyClick(has, Qt.Key.Key_Tab)
    return [f"{where}: Tab does not come to “{name_of(one)}” ({one})" for one in wanted - came]


def views(root: QWidget) -> Iterator[str]:
    """Turn to every tab in a root, and to every tab within; yield where that is."""
    tabs = next((one for one in root.findChildren(QTabWidget) if one.isVisible()), None)
    others = [one for one in root.findChildren(QTabWidget) if one.isVisible() and one is not tabs]
    if tabs is None:
        yield ""
        return
    for place in range(tabs.count()):
        if tabs.isTabVisible(place) and tabs.isTabEnabled(place):
            tabs.setCurrentIndex(place)
            yield tabs.tabText(place)
    for other in others:
        for place in range(other.count()):
            other.setCurrentIndex(place)
            yield other.tabText(place)


@pytest.fixture
def shown(open_window: Open, tmp_path: Path) -> MainWindow:
    with project(tmp_path / "project", number=6) as made:
        made_run(made, count=2)
    window = open_window(tmp_path / "project")
    window.activateWindow()
    return window


@pytest.mark.parametrize("key", [place.key for place in places()])
def test_every_page_in_every_tab(shown: MainWindow, key: str) -> None:
    shown.show_page(key)
    shown.session.settle()
    wrong = []
    for tab in views(shown.page):
        shown.session.settle()
        where = f"{key}/{tab}"
        wrong += unnamed(shown.page, where) + unreachable(shown.page, where)
    assert not wrong, "\n".join(wrong)


def test_the_start_page_and_the_frame(window: MainWindow) -> None:
    window.activateWindow()
    assert unnamed(window.start, "start") + unreachable(window.start, "start") == []


def test_the_drawer_of_jobs_and_the_inspector(shown: MainWindow) -> None:
    shown.actions_["jobs"].trigger()
    for pane in (shown.jobs, shown.inspector):
        assert unnamed(pane, "frame") + unreachable(pane, "frame") == []


def test_every_sheet(shown: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("What now?\n")
    session, wrong = shown.session, []
    sheets: tuple[Callable[[], QDialog], ...] = (
        lambda: NewProjectSheet(shown),
        lambda: WriteSheet(shown),
        lambda: ExportSheet(session, shown),
        lambda: ImportSheet(session, str(file), shown),
        lambda: FetchSheet("data", shown),
        lambda: FetchSheet("models", shown),
        lambda: PushSheet(None, shown),
        lambda: NewEvaluationSheet(session, shown),
        lambda: PairRunSheet("comparisons", session, shown.control, shown),
        lambda: PairRunSheet("labels", session, shown.control, shown),
        lambda: GuidelinesSheet("Be fair.", lambda _: None, shown),
        lambda: KeysSheet(shown.settings, shown),
        lambda: RuleSheet(PreferenceRule(), lambda _: None, shown),
    )
    for make in sheets:
        sheet = make()
        sheet.show()
        sheet.activateWindow()
        session.settle()
        QTest.qWait(20)
        where = type(sheet).__name__
        wrong += unnamed(sheet, where) + unreachable(sheet, where)
        sheet.reject()
    assert not wrong, "\n".join(wrong)
