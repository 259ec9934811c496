"""What a run of chains takes and costs, and the tab of prompts, on the page Red team & chains."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.test_chains_page import made_run, read, shown, undo
from tests.workbench.project.projects import ended, project
from ui.main_window import MainWindow
from ui.pages.chains.page import ChainsPage
from ui.pages.chains.write_sheet import WriteSheet

Open = Callable[[Path], MainWindow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with project(tmp_path / "project", number=3) as made:
        run = made_run(made)
        ended(run)
        made.collect(run)
    return tmp_path / "project"


@pytest.fixture
def page(qtbot: QtBot, open_window: Open, folder: Path) -> ChainsPage:
    return shown(qtbot, open_window(folder))


def test_a_first_run_waits_for_the_machine_to_be_measured_and_nothing_else_does(
    qtbot: QtBot, page: ChainsPage, folder: Path, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measures = ("sh", "-c", f'while [ ! -e {own_state}/go ]; do sleep 0.02; done; echo \'{{"threads": 1}}\' > "$0"')
    monkeypatch.setattr("workbench.runs.machine.MEASURING", measures)
    (own_state / "constitution-workbench" / "machine.json").unlink()
    told: list[str] = []
    page.control._control.told.connect(told.append)
    page.strip.response.setText("scripted")
    for _ in range(2):  # in haste
        QTest.mouseClick(page.strip.start, Qt.MouseButton.LeftButton)
    assert told == ["What this machine does best is measured first, once: it takes some seconds."]
    bar = page.window().jobs_bar  # type: ignore[attr-defined]
    assert bar.measuring.isVisible()  # the word has gone long before, where a machine is slow
    answered: list[int] = []
    page._session.ask("", lambda project_: project_.store.prompts.count(), answered.append)
    qtbot.waitUntil(lambda: bool(answered), timeout=30_000)
    begun: list[str] = []
    page.control.begun.connect(begun.append)
    (own_state / "go").touch()
    qtbot.waitUntil(lambda: bool(begun), timeout=30_000)
    with read(folder) as project_:
        assert [run.id for run in project_.runs() if run.stage == "chains"] == [*begun, "chains-1"]


def test_a_prompt_is_told_exactly_as_the_chosen_model_gets_it(qtbot: QtBot, page: ChainsPage) -> None:
    window, pane = page.window(), page.prompts
    assert isinstance(window, MainWindow)
    inspector = window.inspector
    page.strip.response.setText("scripted")
    page.tabs.setCurrentWidget(pane)
    qtbot.waitUntil(lambda: pane.model.row_at(0) is not None, timeout=30_000)
    pane.table.setCurrentIndex(pane.model.index(0, 0))
    told = "Exactly as scripted gets it\n\n\nHuman: train red-team 0\n\nAssistant:\n\nTokens\n5\n"
    qtbot.waitUntil(lambda: told in inspector.text, timeout=60_000)
    row = pane.model.row_at(0)
    assert inspector.text.endswith(f"--prompt {row.id} --model scripted")
    page.strip.response.setText("nobody")
    qtbot.waitUntil(lambda: "As the model gets it\n'nobody' is not a model" in inspector.text, timeout=30_000)
    asked = pane.rendering._inquiry
    page.strip.response.setText("scripted")
    qtbot.waitUntil(lambda: told in inspector.text, timeout=30_000)
    assert pane.rendering._inquiry is asked  # it was kept
    page.tabs.setCurrentWidget(page.reading)
    assert inspector.text.startswith("Revision 2")
    page.tabs.setCurrentWidget(pane)
    assert told in inspector.text
    window.session.ask("Ending", lambda project_: project_.mailbox.dismiss())


def test_prompts_are_tagged_narrowed_and_chosen_for_a_run(qtbot: QtBot, page: ChainsPage, folder: Path) -> None:
    page.tabs.setCurrentIndex(1)
    prompts = page.prompts
    qtbot.waitUntil(lambda: prompts.model.rowCount() == 30 and prompts.model.row_at(0) is not None, timeout=30_000)
    prompts.table.selectRow(0)
    QTest.keyClicks(prompts.tag_line, "hard")
    prompts.add_tag.click()
    qtbot.waitUntil(lambda: prompts.tag.findData("hard") > 0, timeout=30_000)
    prompts.tag.setCurrentIndex(prompts.tag.findData("hard"))
    prompts.read()
    qtbot.waitUntil(lambda: prompts.model.rowCount() == 1, timeout=30_000)
    qtbot.waitUntil(lambda: prompts.model.row_at(0).tags == ("hard",), timeout=30_000)
    prompts.table.selectRow(0)
    prompts.run.click()
    assert page.strip.settings()["prompts"] == prompts.model.row_at(0).id
    qtbot.waitUntil(lambda: page.strip.estimate.text().startswith("1 chain by "), timeout=30_000)
    assert page.strip.start.hasFocus()
    page.strip.start.hide()  # as where there are no chains yet
    page.card.offer("All is there.", "Start: Chains", lambda: None)
    page.card.show()
    with qtbot.waitSignal(page.told) as told:
        prompts.run.click()
    assert page.card.button.hasFocus()
    assert told.args == ["1 prompt is chosen for the run. “Start: Chains” begins it."]
    undo(page)
    qtbot.waitUntil(lambda: prompts.tag.findData("hard") < 0, timeout=30_000)


def test_the_estimate_says_why_nothing_can_be_run(qtbot: QtBot, page: ChainsPage, folder: Path) -> None:
    qtbot.waitUntil(lambda: "12 chains" in page.strip.estimate.text(), timeout=30_000)
    page.strip.prompts.setCurrentIndex(page.strip.prompts.findData("stale"))
    page.strip.refresh()
    qtbot.waitUntil(lambda: not page.strip.start.isEnabled(), timeout=30_000)
    assert "No prompt to write chains for is stale" in page.strip.estimate.text()
    with read(folder) as project_:
        test = next(prompt.id for prompt in project_.store.prompts.each() if prompt.split == "test")
    page.strip.select_prompts((test,))
    told = "the prompt chosen is of the split test, and chains take train and sft"
    qtbot.waitUntil(lambda: told in page.strip.estimate.text(), timeout=30_000)


def test_prompts_written_by_hand_are_one_a_paragraph(qtbot: QtBot) -> None:
    sheet = WriteSheet()
    qtbot.addWidget(sheet)
    assert not sheet.add.isEnabled()
    sheet.text.setPlainText("How do I win?\nQuickly.\n\n\n  \nHow do I lose?\n")
    sheet.kind.setCurrentIndex(1)
    assert [(one.text, one.kind, one.split) for one in sheet.prompts] == [
        ("How do I win?\nQuickly.", "helpful", "train"), ("How do I lose?", "helpful", "train"),
    ]  # fmt: skip


def test_prompts_that_were_written_and_not_added_come_back_with_the_sheet(page: ChainsPage) -> None:
    for typed, kept in (("How do I", "How do I"), (" win?", "How do I win?")):
        page.prompts.write.click()
        sheet = page.prompts.findChildren(WriteSheet)[-1]
        QTest.keyClick(sheet.text, Qt.Key.Key_End)
        QTest.keyClicks(sheet.text, typed)
        assert sheet.text.toPlainText() == kept
        QTest.keyClick(sheet, Qt.Key.Key_Escape)


def test_what_a_run_costs_is_reckoned_anew_only_where_it_may_be_another(page: ChainsPage, qtbot: QtBot) -> None:
    session, strip = page._session, page.strip
    session.overview_changed.emit()
    qtbot.waitUntil(lambda: not strip._timer.isActive() and session.settle())
    session.overview_changed.emit()
    assert not strip._timer.isActive()
    assert session.overview is not None
    rows = {**session.overview.rows, "prompts": 1 + session.overview.rows["prompts"]}
    session.overview = dataclasses.replace(session.overview, rows=rows)
    session.overview_changed.emit()
    assert strip._timer.isActive()
