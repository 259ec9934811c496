"""The page of trainings, on runs as workers would leave them."""

import csv
import dataclasses
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.person import drop
from tests.workbench.project.projects import append, ended, model_folder, project
from ui.main_window import MainWindow
from ui.pages.training import TrainingPage
from ui.widgets.chart_board import ChartBoard
from ui.widgets.full_rows import lay_out
from ui.widgets.pipeline_strip import Box
from ui.widgets.training_runs import differing
from workbench.project import Project
from workbench.project.samples import PinnedPair, PinnedPrompt
from workbench.records.pair_scores import PairScores
from workbench.records.policy_sample import PolicySample
from workbench.records.run import Metric, RunState
from workbench.runs.folder import RunFolder

Open = Callable[[Path], MainWindow]


def rl_run(made: Project, folder: Path, kl_coef: str = "0.02", steps: int = 12) -> RunFolder:
    model = model_folder(folder / "model")
    texts = {"policy": model, "reward": model, "kl_coef": kl_coef, "override_readiness": "true"}
    run = made.make_run("rl", texts)
    numbers = [
        Metric(name, step, value * step)
        for step in range(1, steps + 1)
        for name, value in (("objective/scores", 0.1), ("objective/kl", 0.5), ("loss", 0.2))
    ]
    prompt = made.store.prompts.in_splits(("rl",))[0].id
    samples = [PolicySample(f"{run.id}-{at}", prompt, at, f"I win {at}", "I share", at, 0.5, 0.1) for at in (4, 8)]
    append(run, [*numbers, *samples, Metric("rows_left_out", 0, 3.0), Metric("eval_ready", 0, 0.0)])
    return run


@pytest.fixture
def page(open_window: Open, tmp_path: Path, qtbot: QtBot) -> TrainingPage:
    with project(tmp_path / "project") as made:
        for coefficient in ("0.02", "0.5"):
            run = rl_run(made, tmp_path, coefficient)
            ended(run)
            made.collect(run)
    window = open_window(tmp_path / "project")
    window.resize(1280, 1100)  # all charts are in view
    window.show_page("training")
    found = window.page
    assert isinstance(found, TrainingPage)
    qtbot.waitUntil(lambda: _all_drawn(found.board), timeout=30_000)
    return found


def _all_drawn(board: ChartBoard | None) -> bool:
    return board is not None and bool(board.charts) and all(chart.values.text() for chart in board.charts.values())


def test_the_first_visit_says_what_is_waited_for(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project(tmp_path / "project") as made:
        ended(rl_run(made, tmp_path))
    window = open_window(tmp_path / "project")
    monkeypatch.delitem(sys.modules, "ui.widgets.calibration_plot", raising=False)  # as before it is loaded ahead
    window.go_to("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    assert page.opening.isVisible()
    assert page.opening.text() == "Opening the trainings and their charts …"
    qtbot.waitUntil(page.head.isVisible, timeout=30_000)
    assert not page.opening.isVisible()
    assert page.isAncestorOf(window.focusWidget()), "keys go to the page that was opened"


def test_numbers_become_charts_and_what_was_told_once_a_figure(page: TrainingPage) -> None:
    assert page.board is not None
    assert {"loss", "objective/kl", "objective/scores"} == set(page.board.charts)
    assert all(one in page.board.figures.text() for one in ("Left out 3", "Ready to be a reward no:"))
    assert page.board.charts["loss"].values.text() == "2.4"
    page.board.point_at(5.0)
    assert page.board.charts["loss"].values.text() == "1"
    assert page.board.charts["objective/kl"].values.text() == "2.5"


def test_a_run_that_is_over_tells_what_it_came_to(page: TrainingPage, qtbot: QtBot) -> None:
    assert page.runs is not None
    item = page.runs.list.item(0)
    qtbot.waitUntil(lambda: item.text().endswith("Reward 1.2 · KL to the reference 6"))


def test_a_second_run_is_laid_over_and_differing_settings_are_shown(page: TrainingPage, qtbot: QtBot) -> None:
    assert page.runs is not None
    assert page.board is not None
    board = page.board
    page.runs.list.item(1).setCheckState(Qt.CheckState.Checked)
    qtbot.waitUntil(lambda: len(board.charts["loss"].plot.listDataItems()) == 2)
    table = page.runs.differences
    cells = [table.item(0, column) for column in range(3)]
    assert [cell.text() if cell else "" for cell in cells] == ["kl_coef", "0.5", "0.02"]
    assert table.rowCount() == 1


def test_arrow_keys_move_the_cursor_in_all_charts(page: TrainingPage) -> None:
    assert page.board is not None
    charts = page.board.charts
    QTest.keyClick(charts["loss"].plot, Qt.Key.Key_Left)
    assert charts["objective/kl"].values.text() == "5.5"
    page.board.log.toggle()
    assert charts["objective/kl"].values.text() == "5.5", "drawing anew leaves the cursor where it is"
    page.board.axis.setCurrentIndex(2)
    assert charts["objective/kl"].values.text() == "6", "its place was one of another axis"


def test_a_chart_is_saved_as_csv(page: TrainingPage, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(page.told):
        page.views.save_csv(tmp_path / "loss.csv", ["rl-1"], ("loss",))
    with (tmp_path / "loss.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["run", "name", "step", "value"]
    assert rows[1] == ["rl-1", "loss", "1", "0.2"]
    assert len(rows) == 13


def test_no_row_of_charts_is_left_half_empty(page: TrainingPage, qtbot: QtBot) -> None:
    grid = QGridLayout(holder := QWidget())
    assert lay_out([QLabel(holder) for _ in range(5)], grid, 0, 3) == 2
    places = [grid.getItemPosition(place)[:4] for place in range(grid.count())]  # type: ignore[index]
    assert places == [(0, 0, 1, 2), (0, 2, 1, 2), (0, 4, 1, 2), (1, 0, 1, 3), (1, 3, 1, 3)]
    whole = page.board
    assert whole is not None
    assert all(
        chart.width() > whole.width() * 0.9 for chart in whole.charts.values()
    )  # each is the only one of its group
    board = ChartBoard(page._theme)
    qtbot.addWidget(board)
    board._lay_out(("objective/kl", "objective/sqrt_kl"))
    board.show()
    for width, rows in ((400, 2), (700, 1)):
        board.resize(width, 600)
        qtbot.waitUntil(lambda rows=rows: len({chart.y() for chart in board.charts.values()}) == rows)  # type: ignore[misc]


def test_samples_are_shown_against_where_the_policy_began(page: TrainingPage, qtbot: QtBot) -> None:
    page.tabs.setCurrentWidget(page.samples)
    qtbot.waitUntil(lambda: page.samples.prompts.count() == 1)
    assert "I win 8" in page.samples.policy.toPlainText().replace("share", "").replace("  ", " ")
    assert page.samples.reference.toPlainText() == "I share"
    page.samples.slider.setValue(0)
    assert page.samples.step.text().startswith("Step 4 ")
    course = page.samples.course
    cells = [[item.text() if (item := course.item(row, column)) else "" for column in range(4)] for row in range(2)]
    assert cells == [["4", "4.00", "0.1", "I win 4"], ["8", "8.00", "0.1", "I win 8"]]
    assert course.currentRow() == 0
    course.setCurrentCell(1, 0)
    assert page.samples.step.text().startswith("Step 8 ")
    assert page.samples.prompt.toPlainText() == page.samples.prompts.item(0).text()
    window = page.window()
    assert isinstance(window, MainWindow)
    assert "I win 8" in window.inspector.text
    page.tabs.setCurrentWidget(page.views.config)
    assert "What it was made with" in window.inspector.text, "the tab shows no sample any more"
    page.tabs.setCurrentWidget(page.samples)


def test_a_training_of_another_kind_begins_with_its_charts(page: TrainingPage) -> None:
    one = page.run
    assert one is not None and page.views.cockpit is not None  # noqa: PT018
    page.tabs.setCurrentWidget(page.views.cockpit)
    page.views.show_run(dataclasses.replace(one, run=dataclasses.replace(one.run, stage="sft")), ())
    assert page.tabs.currentWidget() is page.board, "not whatever stands beside the tab that went away"


def test_where_nothing_rewards_a_policy_is_held_against_its_own_start(page: TrainingPage) -> None:
    answers = tuple(PolicySample(f"s-{at}", "prompt-1", at, f"I win {at}") for at in (0, 7))
    page.samples.show_samples([PinnedPrompt("prompt-1", "Who wins?", answers)])
    assert page.samples.step.text() == "Step 7 of 7"
    assert page.samples.reference.toPlainText() == "I win 0"
    assert page.samples.reference_head.text() == "Where it began: step 0"


def test_a_pinned_pair_is_shown_with_its_scores_by_step(page: TrainingPage) -> None:
    scores = tuple(PairScores(f"s-{at}", "pair-1", at, at / 2, 0.0, held_out=True) for at in (0, 4))
    page.pairs.show_pairs([PinnedPair("pair-1", "Who wins?", "I do.", "We do.", scores)])
    assert page.pairs.course.text() == "P(a is better) went from 0.50 at step 0 to 0.88 at step 4"
    assert page.pairs.origin.text().startswith("Held out")
    rows = [[page.pairs.table.item(row, column).text() for column in range(5)] for row in range(2)]  # type: ignore[union-attr]
    assert rows[1] == ["4", "+2.00", "+0.00", "+2.00", "0.88"]


def test_a_box_without_room_is_cut_short_and_told_whole(qtbot: QtBot) -> None:
    box = Box("New run: RL")
    qtbot.addWidget(box)
    box.show_lines("3   RL (RL-CAI)", "· needs weights of 1")
    with qtbot.waitExposed(box):
        box.show()  # only then is it known in which font
    box.resize(box.sizeHint())
    assert box.text() == "3   RL (RL-CAI)\n· needs weights of 1"
    box.resize(90, 48)
    assert box.text().endswith("…")
    assert box.accessibleDescription() == "3   RL (RL-CAI); · needs weights of 1"


def test_discarding_can_be_undone(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    with project(tmp_path / "project") as made:
        rl_run(made, tmp_path)
    window = open_window(tmp_path / "project")
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    told: list[str] = []
    window.control.told.connect(told.append)
    qtbot.waitUntil(page.head.buttons["discard"].isVisible)
    page.head.buttons["discard"].click()
    qtbot.waitUntil(window.toast.undo.isVisible)
    told.append(window.toast.text)
    qtbot.waitUntil(page.head.buttons["keep"].isVisible)
    window.toast.undo.click()
    qtbot.waitUntil(lambda: page.run is not None and not page.run.run.discarded)
    assert not page.head.buttons["keep"].isVisible()
    kept = "rl-1 is not discarded any more: stopped before it began; it made nothing."
    assert told == ["rl-1: stopped and discarded; what it made is left out.", kept]
    window.show_page("disk")
    assert "kl_coef" not in window.inspector.text
    window.show_page("training")
    assert "kl_coef" in window.inspector.text, "what is chosen is told again on coming back"


def test_a_run_out_of_memory_is_offered_again_in_smaller_pieces(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.runs.queue.submit", lambda _: None)
    with project(tmp_path / "project") as made:
        run = rl_run(made, tmp_path)
        reason = "The memory ran out when it asked for 2 GiB more"
        run.write_status(dataclasses.replace(run.status(), state=RunState.FAILED, reason=reason))
        made.collect(run)
    window = open_window(tmp_path / "project")
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    retry = "8 at once instead of 16, 2 times for each step: the effective batch stays 16"
    assert page.head.trouble.text() == f"{reason}\nA retry: {retry}."
    assert page.head.help.text() == "Retry in less memory"
    page.head.buttons["copy"].click()
    assert "--set kl_coef" not in QGuiApplication.clipboard().text()
    assert f"policy={tmp_path / 'model'}" in QGuiApplication.clipboard().text()
    told: list[str] = []
    window.control.told.connect(told.append)
    for _ in range(2):  # in haste
        QTest.mouseClick(page.head.help, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.run is not None and page.run.run.id == "rl-2", timeout=30_000)
    page._session.settle(30)
    assert [one.run.id for one in page._session.runs if one.run.stage == "rl"] == ["rl-2", "rl-1"]
    assert told == [f"rl-2 is rl-1 again: {retry}."]


def test_only_what_differs_is_compared() -> None:
    found = differing({"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3, "z": 4}})
    assert found == {"y": ["2", "3"], "z": ["–", "4"]}


def test_a_new_run_is_set_up_estimated_and_copied(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    with project(tmp_path / "project") as made:
        rl_run(made, tmp_path)
    window = open_window(tmp_path / "project")
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    page.set_up("rl")
    sheet = page.sheet
    assert sheet is not None
    qtbot.waitUntil(sheet.trouble.isVisible)
    assert "SL-CAI" in sheet.trouble.text()
    for role in ("policy", "reference", "reward"):
        sheet.models[role].setCurrentText("demo")
    critics = sheet.models["reward"]
    qtbot.waitUntil(lambda: critics.count() > 1)
    assert critics.itemText(1) == "demo: it is no preference model"
    assert not critics.model().index(1, 0).flags() & Qt.ItemFlag.ItemIsEnabled
    assert critics.currentText() == "demo"
    sheet.preset.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "fits" in sheet.memory_words.text() and "20 steps" in sheet.time.text())
    assert not sheet.trouble.isVisible()
    assert "demo is not ready to be a reward: nothing has measured it" in sheet.refusal.text()
    assert [one.isEnabled() for one in (sheet.start, sheet.smoke)] == [False, False]
    assert "say first why" in sheet.start.toolTip()
    QTest.keyClicks(sheet.reason, "To see it once")
    assert sheet.start.isEnabled()
    sheet.copy.click()
    command = QGuiApplication.clipboard().text()
    assert command.startswith(f"workbench run {tmp_path / 'project'} rl --set ")
    assert {"episodes=80", "policy=demo", "override_readiness=true"} < set(command.split())
    assert "'override_reason=To see it once'" in command
    sheet.first.show_values({"episodes": "many"})
    sheet.first.edited.emit()
    qtbot.waitUntil(lambda: "whole number" in sheet.trouble.text())
    assert page.runs is not None
    page.runs.chosen.emit(page.runs.current)
    assert not sheet.isVisible()
    page.set_up("rl")
    assert sheet.isVisible()
    QTest.keyClick(sheet.seed, Qt.Key.Key_Escape)
    assert page.sheet is None


def test_a_run_is_set_up_again_as_it_was(page: TrainingPage, tmp_path: Path) -> None:
    page.head.buttons["again"].click()
    assert page.sheet is not None
    texts = page.sheet.texts()
    model = str(tmp_path / "model")
    assert texts == {
        "kl_coef": "0.5",
        "policy": model,
        "reference": model,
        "reward": model,
        "override_readiness": "true",
    }


def test_a_run_is_prepared_carried_away_and_collected_again(page: TrainingPage, tmp_path: Path, qtbot: QtBot) -> None:
    """Its folder is made and nothing is started; worked elsewhere and dropped on the window, it is finished with its records."""
    window = page.window()
    assert isinstance(window, MainWindow)
    page.set_up("rl")
    assert page.sheet is not None
    for role in ("policy", "reference", "reward"):
        page.sheet.models[role].setCurrentText("demo")
    reason = page.sheet.reason
    qtbot.waitUntil(reason.isVisible, timeout=30_000)
    assert not page.sheet.prepare.isEnabled(), "as little as a start, while nobody has said why"
    page.sheet.reason.setText("a try")
    page.sheet.prepare.click()
    qtbot.waitUntil(lambda: page.sheet is None and page.run is not None and page.run.run.id == "rl-3", timeout=30_000)
    assert page.run is not None
    assert str(page.run.run.state) == "paused"
    command = f"workbench work {tmp_path / 'project' / 'runs' / 'rl-3'}"
    assert command in page.run.run.reason
    window.toast.undo.click()
    assert QGuiApplication.clipboard().text() == command
    assert page.runs is not None
    qtbot.waitUntil(page.runs.list.hasFocus)
    assert page.head.buttons["resume"].text() == "Start here"
    QGuiApplication.clipboard().clear()
    page.head.help.click()
    assert QGuiApplication.clipboard().text() == command
    away = tmp_path / "away" / "rl-3"
    shutil.copytree(tmp_path / "project" / "runs" / "rl-3", away)
    worked = RunFolder.open(away)
    append(worked, [Metric("loss", 1, 0.5)])
    ended(worked)
    drop(window, away)
    with Project.read(tmp_path / "project") as made:
        qtbot.waitUntil(lambda: str(made.store.runs.find("rl-3").state) == "finished", timeout=30_000)  # type: ignore[union-attr]


@pytest.mark.parametrize("which", ["smoke", "prepare"])
def test_a_refused_start_leaves_the_keyboard_where_it_was(page: TrainingPage, qtbot: QtBot, which: str) -> None:
    page.window().activateWindow()
    page.set_up("dpo")
    sheet = page.sheet
    assert sheet is not None
    sheet.first.show_values({"learning_rate": "abc"})
    pressed = getattr(sheet, which)
    pressed.setFocus()
    pressed.click()
    qtbot.waitUntil(sheet.trouble.isVisible, timeout=30_000)
    assert pressed.hasFocus(), "not what stands beside it, such as Cancel"
    QTest.keyClick(pressed, Qt.Key.Key_Escape)
    assert page.runs is not None
    assert page.runs.list.hasFocus()


def test_a_folder_that_is_no_run_is_said_to_be_none(page: TrainingPage, tmp_path: Path, qtbot: QtBot) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    assert window.actions_["collect"].isEnabled()
    window.files.collect(tmp_path)
    qtbot.waitUntil(lambda: bool(window.failures()), timeout=30_000)
    assert "is not a run folder" in window.failures()[0].sentence
