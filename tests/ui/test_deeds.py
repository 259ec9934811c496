"""The command palette does what pages do: found by words, done on their page, with the reason where it cannot be done now."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.workbench.demo.unpacked import demo_project
from ui.main_window import MainWindow
from ui.pages.preferences import PreferencesPage
from ui.pages.training import TrainingPage

Open = Callable[[Path], MainWindow]
WAIT_MS = 30_000


@pytest.fixture
def demo(open_window: Open, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    window = open_window(demo_project(tmp_path / "demo"))
    qtbot.waitUntil(lambda: window.session.overview is not None, timeout=WAIT_MS)
    return window


def listed(window: MainWindow, words: str) -> list[str]:
    """Open the palette and type; return what it lists first to last."""
    window.palette_.open()
    QTest.keyClicks(window.palette_.line, words.rstrip("…"))  # which is no key
    return [window.palette_.list.item(row).text() for row in range(window.palette_.list.count())]


def do(window: MainWindow, words: str) -> None:
    """Type words and do what is listed first."""
    assert listed(window, words)
    QTest.keyClick(window.palette_.line, Qt.Key.Key_Return)
    assert not window.palette_.isVisible()


NAMED = (
    "Commit version of the constitution", "Try it: the principle, on the prompt", "Run chains with the settings shown",
    "New run: SFT (SL-CAI)", "New run: Preference model", "New run: RL (RL-CAI)", "New run: DPO (baseline)",
    "Draw and lock a sample to audit", "Review: Random audit", "Review: Uncertain first", "Review: Order flips",
    "Review: By principle", "Review: Flagged", "New evaluation…", "Copy the methods", "Start: Labels", "Add an endpoint…",
    "Export data…", "Import a file…", "Judge blind", "Export the draft…",
)  # fmt: skip


def test_deeds_are_found_by_their_words(demo: MainWindow) -> None:
    missing = [text for text in NAMED if not any(text in line for line in listed(demo, text))]
    assert missing == []


def test_a_review_queue_is_opened_from_anywhere(demo: MainWindow) -> None:
    do(demo, "review order flips")
    page = demo.page
    assert isinstance(page, PreferencesPage)
    assert page.tabs.currentWidget() is page.review
    assert page.review.queue.currentData() == "flips"


def test_a_training_is_set_up_before_its_page_was_ever_seen(demo: MainWindow, qtbot: QtBot) -> None:
    do(demo, "new run sft")
    page = demo.page
    assert isinstance(page, TrainingPage)
    qtbot.waitUntil(lambda: page.sheet is not None and page.sheet.isVisible(), timeout=WAIT_MS)
    assert page.sheet is not None
    assert page.sheet.stage == "sft"


def test_what_cannot_be_done_says_why_and_is_not_done(demo: MainWindow) -> None:
    (line,) = [one for one in listed(demo, "new run rl (rl-cai)") if one.startswith("New run: RL")]
    assert "weights" in line
    QTest.keyClick(demo.palette_.line, Qt.Key.Key_Return)
    assert demo.page.place.key == "overview"


def test_keys_of_a_page_are_told_and_stay_its_own(demo: MainWindow) -> None:
    (line,) = [one for one in listed(demo, "try it principle") if one.startswith("Try it")]
    assert "Ctrl+Return" in line


def test_without_a_project_no_page_does_anything(demo: MainWindow) -> None:
    demo.session.close()
    (line,) = [one for one in listed(demo, "run chains settings") if one.startswith("Run chains")]
    assert "Open a project first." in line
