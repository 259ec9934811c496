from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.projects import ended, project
from ui.look.icons import paint_icon
from ui.main_window import MainWindow
from ui.pages.overview import OverviewPage, next_stage
from ui.places import Mark, mark_of, places
from ui.widgets.command_palette import matches
from workbench.project.overview import Overview

Open = Callable[[Path], MainWindow]


def test_the_start_page_comes_first_and_nothing_can_be_gone_to(window: MainWindow) -> None:
    assert window.start.isVisible()
    assert not window.actions_["go constitution"].isEnabled()
    assert window.actions_["go constitution"].toolTip() == "Open a project first."


def test_opening_shows_the_overview_and_remembers_the_project(qtbot: QtBot, open_window: Open, folder: Path) -> None:
    window = open_window(folder)
    assert window.page.place.key == "overview"
    assert window.windowTitle().startswith("project")
    assert "How far the project has come" in window.inspector.text  # nothing can be selected there
    window.show_page("disk")
    assert window.inspector.text == "Nothing selected\n"
    assert window.settings.now.recent == (str(folder),)
    window.actions_["close"].trigger()
    assert window.start.isVisible()
    assert str(folder) in window.start.recent.item(0).text()
    with qtbot.waitSignal(window.session.opened, timeout=60_000):
        window.start.recent.itemActivated.emit(window.start.recent.item(0))


def test_a_recent_project_that_is_gone_says_so(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.settings.opened(tmp_path / "gone")
    window.start.refresh()
    item = window.start.recent.item(0)
    assert "not there any more" in item.text()
    window.start.missed.disconnect()  # the window would ask where it is now
    with qtbot.waitSignal(window.start.missed) as missed:
        window.start.recent.itemActivated.emit(item)
    assert missed.args == [str(tmp_path / "gone")]
    QTest.keyClick(window.start.recent, Qt.Key.Key_Delete)
    assert window.settings.now.recent == ()


@pytest.mark.parametrize(
    ("key", "place"), [("1", "constitution"), ("2", "chains"), ("4", "training"), ("5", "evaluate")]
)
def test_pages_are_a_key_away(qtbot: QtBot, open_window: Open, folder: Path, key: str, place: str) -> None:
    window = open_window(folder)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key(ord(key)), Qt.KeyboardModifier.ControlModifier)
    assert window.page.place.key == place


def test_the_palette_finds_a_command_by_some_letters_and_does_it(qtbot: QtBot, open_window: Open, folder: Path) -> None:
    window = open_window(folder)
    window.activateWindow()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.palette_.isVisible()
    QTest.keyClicks(window.palette_.line, "go eval")
    QTest.keyClick(window.palette_.line, Qt.Key.Key_Return)
    assert window.page.place.key == "evaluate"
    assert not window.palette_.isVisible()


def test_the_palette_gives_the_keyboard_back(open_window: Open, folder: Path) -> None:
    window = open_window(folder)
    window.activateWindow()
    for leave in (Qt.Key.Key_Escape, Qt.Key.Key_Return):
        window.rail.setFocus()
        window.palette_.open()
        QTest.keyClicks(window.palette_.line, "light theme")
        QTest.keyClick(window.palette_.line, leave)
        assert not window.palette_.isVisible()
        assert window.rail.hasFocus()


def test_texts_stand_before_commands_that_merely_have_the_letters(open_window: Open, folder: Path) -> None:
    palette = open_window(folder).palette_
    palette.open()
    palette.line.setText("pool")
    assert palette.list.item(0).text() == "Import a folder…"
    palette.show_found("pool", [("initial  ·  at the pool", object())])
    assert palette.list.currentItem().text() == "initial  ·  at the pool"
    palette.line.setText("gte")  # what the words of a command begin with
    palette.show_found("gte", [("initial  ·  gte", object())])
    assert palette.list.currentItem().text().startswith("Go to Evaluate")


def test_nothing_else_begins_while_a_project_opens(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.activateWindow()
    asked: list[str] = []
    window.start.wants_new.connect(lambda: asked.append("new"))
    with qtbot.waitSignal(window.session.failed, timeout=60_000):
        window.open_project(tmp_path / "gone")
        assert window.start.state.text() == "Opening gone…"
        for _ in range(2):  # somebody in a hurry
            QTest.keyClick(window, Qt.Key.Key_Return)
        window.start.new.click()
    assert asked == []
    assert window.start.new.isEnabled()
    assert window.start.demo.hasFocus()


def test_the_drawer_of_jobs_has_room_where_the_page_leaves_it(open_window: Open, folder: Path) -> None:
    window = open_window(folder)
    assert window.pages["preferences"].minimumSizeHint().height() > window.page.minimumSizeHint().height()
    window.actions_["jobs"].trigger()
    QTest.qWait(20)
    assert window.jobs.table.height() >= 5 * window.jobs.table.verticalHeader().defaultSectionSize()


def test_letters_match_in_order_and_together_is_better() -> None:
    together, apart = matches("eval", "Go to Evaluate"), matches("goev", "Go to Evaluate")
    assert together == 0
    assert apart is not None
    assert apart > 0
    assert matches("xyz", "Go to Evaluate") is None


def test_an_empty_page_says_what_is_missing_and_offers_what_helps(
    qtbot: QtBot, open_window: Open, folder: Path
) -> None:
    window = open_window(folder)
    window.show_page("training")
    card = window.pages["training"].card  # type: ignore[attr-defined]
    qtbot.waitUntil(card.isVisible)  # what draws charts may have to be loaded first
    assert card.button.text() == "Go there"
    card.button.click()
    assert window.page.place.key == "chains"
    assert window.page.card.button.text() == "Start: Chains"  # type: ignore[attr-defined]


def test_a_project_without_prompts_is_offered_some(open_window: Open, tmp_path: Path) -> None:
    project(tmp_path / "bare", number=0).close()
    window = open_window(tmp_path / "bare")
    assert window.page.next_step.button.text() == "Import prompts…"  # type: ignore[attr-defined]


def test_the_rail_tells_what_is_done_and_what_is_not() -> None:
    by_key = {place.key: place for place in places()}
    bare = Overview({"prompts": 2}, "kind", "0", 1, 1)
    assert mark_of(by_key["chains"], bare, ()) is Mark.NOT_STARTED
    some = Overview({"prompts": 2}, "kind", "0", 1, 1, frozenset({"chains", "sft"}))
    assert mark_of(by_key["chains"], some, ()) is Mark.DONE
    assert mark_of(by_key["training"], some, ()) is Mark.GOING
    assert mark_of(by_key["settings"], some, ()) is Mark.NONE


def test_copying_a_run_as_a_command(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with project(tmp_path / "project") as made:
        made.make_run("chains", {"response": "scripted", "rounds": "2", "critique": "false"}, seed=7)
    window = open_window(tmp_path / "project")
    window.show_page("chains")
    qtbot.waitUntil(lambda: window.page.runs.model.rowCount() == 1)  # type: ignore[attr-defined]
    window.page.runs.copy.click()  # type: ignore[attr-defined]
    command = QGuiApplication.clipboard().text()
    assert command.startswith(f"workbench run {tmp_path / 'project'} chains ")
    assert {"rounds=2", "critique=false"} < set(command.split())
    assert command.endswith("--seed 7")


def test_the_overview_tells_what_came_of_it_and_leads_there(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    evaluated(tmp_path / "p").close()
    window = open_window(tmp_path / "p")
    page = window.page
    assert isinstance(page, OverviewPage)
    qtbot.waitUntil(page.outcome.isVisible)
    said = [one.text() for one in page.outcome.findChildren(QLabel)]
    assert "What came of it · evaluation-1" in said
    assert {"Mean harm on 30 red-team prompts, by the oracle · less is better", "rl_cai", "0.50 ± 0.00"} < set(said)
    told = {one.text(): one.toolTip() for one in page.outcome.findChildren(QLabel) if one.toolTip()}
    assert "after RL" in told["rl_cai"], "what a name stands for is told beside it"
    inside = page.outcome.parentWidget()
    assert inside is not None
    # As wide as the card: else its lines are counted as if they were as long as the page is wide, and it is pressed together.
    assert page.outcome.width() == inside.width() < window.width() / 2
    page.outcome.more.click()
    assert window.page.place.key == "evaluate"


def test_what_comes_next_follows_the_method() -> None:
    """The model that learned the revisions writes the answers that are compared: it is trained before they are."""
    done: list[str] = []
    while (stage := next_stage(Overview(finished=frozenset(done)))) is not None:
        done.append(stage)
    assert done == ["chains", "sft", "comparisons", "labels", "preference_model", "rl", "evaluation"]
    assert next_stage(Overview(finished=frozenset({"chains", "comparisons"}))) == "sft"


def test_after_the_chains_the_overview_leads_to_the_first_training(open_window: Open, tmp_path: Path) -> None:
    with project(tmp_path / "p", number=2) as made:
        run = made.make_run("chains", {"response": "scripted"})
        ended(run)
        made.collect(run)
    window = open_window(tmp_path / "p")
    page = window.page
    assert isinstance(page, OverviewPage)
    assert window.session.settle()
    assert "learns them first (SFT)" in page.next_step._missing.text()
    page.next_step.button.click()
    assert window.page.place.key == "training"


def test_without_an_evaluation_the_overview_tells_of_none(open_window: Open, folder: Path) -> None:
    window = open_window(folder)
    assert window.session.settle()
    assert isinstance(window.page, OverviewPage)
    assert not window.page.outcome.isVisible()


def test_every_place_has_an_icon_of_its_own() -> None:
    drawn = set()
    for place in places():
        picture = QImage(40, 40, QImage.Format.Format_ARGB32)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        paint_icon(painter, place.key, QRectF(0, 0, 40, 40), QColor("black"))
        painter.end()
        drawn.add(bytes(picture.constBits()))
    blank = QImage(40, 40, QImage.Format.Format_ARGB32)
    blank.fill(Qt.GlobalColor.transparent)
    assert len(drawn | {bytes(blank.constBits())}) == len(places()) + 1
