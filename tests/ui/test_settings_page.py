"""The page of settings, by clicking and typing."""

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ui.main_window import MainWindow
from ui.pages.preferences import PreferencesPage
from ui.pages.settings import SettingsPage
from ui.widgets.review_sheets import KeysSheet

Open = Callable[[Path], MainWindow]


def opened(window: MainWindow) -> SettingsPage:
    window.show_page("settings")
    page = window.page
    assert isinstance(page, SettingsPage)
    return page


def test_keys_chosen_here_are_those_of_the_review(open_window: Open, folder: Path) -> None:
    window = open_window(folder)
    window.show_page("preferences")
    preferences = window.page
    assert isinstance(preferences, PreferencesPage)
    page = opened(window)
    page.keys.click()
    sheet = page.findChild(KeysSheet)
    assert sheet is not None
    sheet.name.setText("Bo")
    sheet.edits["a"].setKeySequence(QKeySequence("J"))
    sheet.accept()
    assert page.reviewer.text() == "Bo"
    window.show_page("preferences")
    preferences.tabs.setCurrentWidget(preferences.review)
    assert preferences.review.answers.buttons["a"].text() == "A better [J]"
    assert "Bo" in preferences.review.keys_button.text()
    preferences.review.note.setText("half a thought")
    window.show_page("settings")
    window.show_page("preferences")
    assert preferences.review.note.text() == "half a thought"


def test_a_name_that_is_being_written_stays(qtbot: QtBot, open_window: Open, folder: Path) -> None:
    page = opened(open_window(folder))
    page.reviewer.setFocus()
    page.reviewer.clear()
    QTest.keyClicks(page.reviewer, "Ada")
    page.refresh()
    assert page.reviewer.text() == "Ada"


def test_it_tells_how_the_machine_computes_once_that_is_known(open_window: Open, folder: Path, own_state: Path) -> None:
    page, file = opened(open_window(folder)), own_state / "constitution-workbench" / "machine.json"
    known = {"dtype": "bfloat16", "threads": 1, "processes": 2, "training_dtype": "float32", "training_threads": 4}
    file.write_text(json.dumps(known))
    page.refresh()
    assert (
        page.machine.text()
        == "Processor: answers in bfloat16 by 2 processes of one thread, training in float32 by 4 threads"
    )
    file.unlink()
    page.refresh()
    assert page.machine.text().endswith("is measured before the first run.")
