"""Where texts are half as large again, as a system can ask for, every word still has its room, on every page and sheet."""

import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QSlider,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.test_training_journey import sft_run
from tests.ui.walk import Stop, page_views, sheets, sheets_in_pages, views_of_runs
from tests.workbench.demo.unpacked import demo_project
from ui.main_window import MainWindow
from ui.places import places
from ui.session import Failure
from ui.widgets.pipeline_strip import Box
from ui.widgets.playground import Playground
from ui.widgets.texts import breakable

Open = Callable[[Path], MainWindow]
_SIZE = QSize(1280, 800)
#: Widths are fractions rounded to pixels.
_ROUNDED = 1
_PATIENCE = 20.0
_WORDS, _FIELDS = (QLabel, QAbstractButton, QTabBar), (QLineEdit, QComboBox, QAbstractSpinBox, QSlider)
_LAID = (*_WORDS, *_FIELDS, QPlainTextEdit, QProgressBar)


@pytest.fixture(scope="module")
def demo_folder() -> Iterator[Path]:
    """Have the demo in a folder of a folder with a long name, as people have theirs: its path is one word."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "everything_of_mine" / "experiments-with-constitutions-and-small-models" / "demo"
        yield demo_project(folder)


@pytest.fixture(params=[1.6])
def texts(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[float]:
    """Have texts so many times as large as usual, as a system would before the window is made."""
    usual, larger = qapp.font(), qapp.font()
    larger.setPointSizeF(usual.pointSizeF() * request.param)
    qapp.setFont(larger)
    yield request.param
    qapp.setFont(usual)


@pytest.fixture
def demo(texts: float, open_window: Open, demo_folder: Path) -> MainWindow:
    window = open_window(demo_folder)
    window.resize(_SIZE)
    return window


def seen(widget: QWidget) -> QRect:
    """Return what of a widget its ancestors leave to be seen, in its window."""
    window = widget.window()
    rect = QRect(widget.mapTo(window, QPoint()), widget.size())
    ancestor = widget.parentWidget()
    while ancestor is not None and ancestor is not window:
        rect &= QRect(ancestor.mapTo(window, QPoint()), ancestor.size())
        ancestor = ancestor.parentWidget()
    return rect & QRect(QPoint(), window.size())


def needed(widget: QWidget) -> int:
    """Return how many pixels side by side a widget needs: all of a line, of several lines the longest word."""
    if isinstance(widget, QLabel) and widget.wordWrap():
        words = re.split(r"[\s\u200b]+", breakable(widget.text()))
        return max((widget.fontMetrics().horizontalAdvance(word) for word in words), default=0)
    return min(widget.sizeHint().width(), widget.maximumWidth()) if isinstance(widget, _WORDS) else widget.width()


def cramped(root: QWidget, where: str) -> list[str]:
    """Return which words have too little room and which fields are cut off at a side, a line each."""
    found = []
    for widget in root.findChildren(QWidget):
        # A box of the strip cuts its lines by itself, and tells them whole in its tool tip.
        if not isinstance(widget, (*_WORDS, *_FIELDS)) or isinstance(widget, Box) or not widget.isVisible():
            continue
        rect = seen(widget)
        has, needs = min(rect.width(), widget.width()), needed(widget)
        if rect.height() > 0 and has < needs - _ROUNDED:  # else it is scrolled out of sight
            found.append(f"{where}: {_named(widget)} has {has} of {needs} pixels")
    return found


def overlapping(root: QWidget, where: str) -> list[str]:
    """Return which words and fields lie over others that stand in the same layout, a line each."""
    found = []
    for parent in [root, *root.findChildren(QWidget)]:
        inside = [
            one
            for one in parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
            if one.isVisible()
        ]
        laid = [
            one
            for one in inside
            if parent.layout() is not None and isinstance(one, (*_WORDS, *_FIELDS, QPlainTextEdit, QProgressBar))
        ]
        for place, one in enumerate(laid):
            for other in laid[place + 1 :]:
                both = one.geometry() & other.geometry()
                if both.width() > _ROUNDED and both.height() > _ROUNDED:
                    found.append(f"{where}: {_named(one)} lies over {_named(other)}")
    return found


def _named(widget: QWidget) -> str:
    text = widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.accessibleName()
    return f"“{text}” ({type(widget).__name__})"


def wrong(stops: Iterable[Stop]) -> list[str]:
    """Return what has too little room on a way, a line each; a pane that makes room takes a moment."""
    found = []
    for where, root in stops:
        lines, until = ["?"], time.monotonic() + _PATIENCE
        while lines and time.monotonic() < until:
            QTest.qWait(30)
            lines = cramped(root, where) + overlapping(root, where)
        found += lines
    return found


@pytest.mark.parametrize("key", [place.key for place in places()])
def test_every_page_has_room_for_its_words(demo: MainWindow, key: str) -> None:
    assert wrong(page_views(demo, key)) == []
    assert demo.size() == _SIZE


def test_every_training_has_room_for_its_words(demo: MainWindow) -> None:
    assert wrong(views_of_runs(demo)) == []
    assert demo.size() == _SIZE


def test_a_run_that_waits_has_room_for_all_its_buttons(texts: float, open_window: Open, tmp_path: Path) -> None:
    sft_run(tmp_path / "project")
    window = open_window(tmp_path / "project")
    window.resize(_SIZE)
    assert wrong([next(views_of_runs(window))]) == []
    assert window.size() == _SIZE


def test_every_sheet_has_room_for_its_words(demo: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "prompts.txt"
    file.write_text("What now?\n")
    assert wrong(sheets_in_pages(demo)) == []
    assert wrong(sheets(demo, file)) == []
    assert demo.size() == _SIZE


def test_the_start_page_and_what_failed_have_room_for_long_paths(
    texts: float, window: MainWindow, demo_folder: Path
) -> None:
    window.settings.opened(demo_folder)
    window.start.refresh()
    window.resize(_SIZE)
    QTest.qWait(100)  # what the machine has comes after the first paint
    recent = window.start.recent
    assert recent.horizontalScrollBar().maximum() == 0  # the middle of a path is left out
    assert recent.item(0).toolTip() == str(demo_folder)
    window.show_failure(Failure(f"Opening {demo_folder}", f"There is no project at {demo_folder}; choose another one."))
    assert wrong([("start", window)]) == []
    (card,) = window.failures()
    assert all(told.height() >= told.heightForWidth(told.width()) for told in card.findChildren(QLabel))


@given(st.text(alphabet="ab/_- .é😀", max_size=80))
def test_a_long_word_may_end_a_line_within_it_and_is_the_same_word(text: str) -> None:
    broken = breakable(text)
    assert broken.replace("\u200b", "") == text
    assert all(len(piece) <= 24 for piece in re.split(r"[\s\u200b]+", broken))


@pytest.mark.parametrize("texts", [1.0, 1.6], indirect=True)
def test_why_a_model_does_not_answer_lies_over_nothing(demo: MainWindow, qtbot: QtBot) -> None:
    for where, root in views_of_runs(demo):
        if where.endswith("preference_model-1 Readiness"):
            verdict = root.findChildren(Playground)[0].verdict
            qtbot.waitUntil(lambda verdict=verdict: verdict.text().startswith("✕"), timeout=60_000)  # type: ignore[misc]
            assert wrong([(where, root)]) == []
            return
    raise AssertionError("There is no tab Readiness.")
