from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.workbench.project.projects import ended, project
from ui.main_window import MainWindow
from ui.pages.preferences import PreferencesPage
from ui.run_control import RunControl
from ui.widgets.pair_run_sheet import PairRunSheet
from workbench.project.pair_estimate import calls_each
from workbench.records.settings import LabelSettings

Open = Callable[[Path], MainWindow]


class Noted(RunControl):
    """Notes what it is to start; a machine is measured before its first run, which takes longer than a test may."""

    asked: list[tuple[str, dict[str, str] | None]]

    def start(self, stage, settings=None, then=None, failed=None, wanted=None) -> None:  # type: ignore[no-untyped-def]
        self.asked = [(stage, settings)]
        then("comparisons-1")


def test_comparisons_are_started_from_a_sheet_that_tells_their_cost(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    project(tmp_path / "project", number=3).close()
    window = open_window(tmp_path / "project")
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    assert page.tabs.currentWidget() is page.runs
    control = Noted(window.session)
    sheet = PairRunSheet("comparisons", window.session, control, window)
    qtbot.addWidget(sheet)
    sheet.model.setCurrentText("scripted")
    qtbot.waitUntil(lambda: "24 calls" in sheet.cost.text(), timeout=30_000)
    assert "known after a first run" in sheet.basis.text()
    assert "SFT, comes first" in sheet.advice.text()
    sheet.first._write["responses"]("3")
    sheet.first._edited()
    qtbot.waitUntil(lambda: "36 calls" in sheet.cost.text(), timeout=30_000)
    sheet.copy.click()
    command = QGuiApplication.clipboard().text()
    assert command.endswith("comparisons --set responses=3 --set response=scripted")
    with qtbot.waitSignal(sheet.started):
        sheet.start.click()
    assert control.asked == [("comparisons", {"responses": "3", "response": "scripted"})]


def test_what_is_told_of_a_run_follows_it_and_a_run_just_begun_is_the_one_chosen(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with project(tmp_path / "project", number=3) as made:
        first = made.make_run("comparisons", {"response": "scripted"})
    window = open_window(tmp_path / "project")
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    qtbot.waitUntil(lambda: "comparisons-1" in window.inspector.text)
    assert "finished" not in window.inspector.text
    ended(first)
    qtbot.waitUntil(lambda: "State\nfinished" in window.inspector.text)
    second: list[str] = []
    window.session.ask("Making", lambda made: made.make_run("comparisons", {"response": "scripted"}).id, second.append)
    assert window.session.settle()
    page.runs._start("comparisons")
    sheet = page.runs.findChild(PairRunSheet)
    assert sheet is not None
    sheet.started.emit(second[0])
    qtbot.waitUntil(lambda: page.runs.runs.current == "comparisons-2")
    assert window.inspector.text.startswith("comparisons-2\n")


def test_a_label_is_as_many_calls_as_questions_are_asked() -> None:
    assert calls_each(LabelSettings()) == 2
    assert calls_each(LabelSettings(principles=3, both_orders=False, rationale=True)) == 6
