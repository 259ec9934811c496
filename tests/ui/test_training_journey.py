"""A training goes on while the window is closed, is found again, paused and resumed: with real processes."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.person import Person
from tests.ui.slow_training import DEAF, HOLD, STEPS
from tests.workbench.project.projects import append, ended, model_folder, project, steps
from ui.main_window import MainWindow
from ui.pages.training import TrainingPage
from ui.user_settings import UserSettings
from ui.widgets.run_head import RunHead
from workbench.records.prompt import RED_TEAM, Prompt
from workbench.runs.control import end
from workbench.runs.folder import RunFolder
from workbench.runs.queue import submit
from workbench.runs.states import at_work

Open = Callable[[Path], MainWindow]
SLOWLY = (sys.executable, str(Path(__file__).with_name("slow_training.py")))


def sft_run(folder: Path) -> RunFolder:
    with project(folder) as made:
        chains = made.make_run("chains", {"response": "scripted"})
        prompts = [prompt for prompt in chains.inputs(Prompt) if prompt.kind == RED_TEAM]
        append(chains, [step for prompt in prompts for step in steps(chains.id, prompt)])
        ended(chains)
        made.collect(chains)
        return made.make_run("sft", {"policy": model_folder(folder.parent / "model")})


def seen(window: MainWindow) -> TrainingPage:
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    return page


def test_closing_the_window_leaves_a_training_at_work(
    start_window: Callable[[], MainWindow], own_state: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    run = sft_run(tmp_path / "project")
    (run.path / HOLD).touch()
    UserSettings(own_state / "window.json").opened(tmp_path / "project")
    window = start_window()
    submit(run, SLOWLY)
    try:
        # Whoever opens a project sees to it that what waits is worked, and would start the usual worker.
        qtbot.waitUntil(lambda: str(run.status().state) == "running", timeout=60_000)
        person = Person(window, qtbot)
        go_to_training(person)
        person.reads(f" / {STEPS}")
        person.press("Ctrl+Q")
        assert not window.isVisible()
        again = Person(start_window(), qtbot)
        assert run.status().state == "running"
        go_to_training(again)
        again.reads(f" / {STEPS}")
        assert again.find("Pause this training")
        (run.path / HOLD).unlink()
        again.reads("sft-1 (SFT (SL-CAI)) is finished", "0.025")
    finally:
        end(run)


def go_to_training(person: Person) -> None:
    """Open the project that was opened last, by keys alone, and go to its trainings."""
    person.until(lambda: person.where() == "Recent projects", "the keyboard at the recent projects")
    person.press("Return")
    person.until(lambda: person.where().startswith("Next step"), "the project")
    person.press("Ctrl+4")


def test_pausing_and_resuming_from_the_head(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    run = sft_run(tmp_path / "project")
    window = open_window(tmp_path / "project")
    page = seen(window)
    submit(run, SLOWLY)
    try:
        qtbot.waitUntil(lambda: page.run is not None and page.run.run.done > 2, timeout=60_000)
        page.head.buttons["pause"].setFocus()
        page.head.buttons["pause"].click()
        qtbot.waitUntil(page.head.buttons["resume"].isVisible, timeout=60_000)
        # A second press of the same key must not end the run for good.
        assert page.head.focusWidget() is page.head.buttons["resume"]
        stopped_at = run.status().done
        assert 0 < stopped_at < STEPS
        submit(run, SLOWLY)
        qtbot.waitUntil(lambda: page.run is not None and str(page.run.run.state) == "finished", timeout=60_000)
    finally:
        end(run)


def test_a_head_without_a_run_asks_for_no_room_for_buttons(qtbot: QtBot) -> None:
    head = RunHead()
    qtbot.addWidget(head)
    assert all(one.isHidden() for one in head.buttons.values()), "all in a row pushed the inspector together"


def test_a_training_is_stopped_by_two_quick_clicks_as_by_one(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    run = sft_run(tmp_path / "project")
    (run.path / DEAF).touch()
    page = seen(open_window(tmp_path / "project"))
    buttons = page.head.buttons
    submit(run, SLOWLY)
    try:
        qtbot.waitUntil(lambda: page.run is not None and page.run.run.done > 2, timeout=60_000)
        worker = at_work(run)
        for _ in range(2):
            QTest.mouseClick(buttons["stop"], Qt.MouseButton.LeftButton)
        qtbot.waitUntil(buttons["end"].isVisible, timeout=60_000)
        for key in ("pause", "stop", "discard"):
            assert buttons[key].isVisible()
            assert not buttons[key].isEnabled()
        assert "after the step in hand; what it made is kept" in page.head.trouble.text()
        page._session.settle(10)
        assert at_work(run) == worker is not None
        buttons["end"].click()
        # It had no model yet, which is told, and the run can be gone on with.
        qtbot.waitUntil(buttons["resume"].isVisible, timeout=60_000)
        assert at_work(run) is None
        assert "Ended before its model was written; resume it" in page.head.trouble.text()
        assert not buttons["stop"].isVisible()
    finally:
        end(run)


def test_a_sheet_says_that_the_machine_is_measured_first_and_cancel_gives_the_run_up(
    open_window: Open, tmp_path: Path, qtbot: QtBot, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project(tmp_path / "project") as made:
        chains = made.make_run("chains", {"response": "scripted"})
        append(chains, steps(chains.id, next(chains.inputs(Prompt))))
        ended(chains)
        made.collect(chains)
    window = open_window(tmp_path / "project")
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    qtbot.waitUntil(lambda: page.runs is not None, timeout=30_000)
    measures = ("sh", "-c", f'while [ ! -e {own_state}/go ]; do sleep 0.02; done; echo \'{{"threads": 1}}\' > "$0"')
    monkeypatch.setattr("workbench.runs.machine.MEASURING", measures)
    (machine := own_state / "constitution-workbench" / "machine.json").unlink()
    page.set_up("sft")
    sheet = page.sheet
    assert sheet is not None
    sheet.smoke.setFocus()
    sheet.smoke.click()
    assert sheet.focusWidget() is sheet.copy  # not Cancel, which gives it up
    sheet.seed.setText("1")
    sheet._estimate()
    page._session.settle(30)
    assert not sheet.start.isEnabled()
    assert sheet.memory_words.text().startswith("Measuring first what this machine does best")
    sheet.cancel.click()
    (own_state / "go").touch()
    qtbot.waitUntil(machine.exists, timeout=30_000)
    qtbot.waitUntil(lambda: not page._control.measures, timeout=30_000)
    page._session.settle(30)
    assert [one.run.stage for one in page._session.runs] == ["chains"]
