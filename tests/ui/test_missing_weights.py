"""The recorded demo ships without weights: wherever one meets that, a button opens the sheet that trains them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.workbench.demo.unpacked import demo_project
from ui.main_window import MainWindow
from ui.pages.constitution import ConstitutionPage
from ui.pages.evaluate import EvaluatePage
from ui.pages.models import ModelsPage
from ui.pages.overview import OverviewPage
from ui.pages.training import TrainingPage
from ui.session import Failure
from ui.widgets.pair_run_sheet import PairRunSheet

Open = Callable[[Path], MainWindow]
WAIT_MS = 30_000


@pytest.fixture
def demo(open_window: Open, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """The demo in a folder with a space in its name, as that of the window's demo has one."""
    window = open_window(demo_project(tmp_path / "the demo"))
    qtbot.waitUntil(lambda: window.session.overview is not None, timeout=WAIT_MS)
    return window


def leads_to_sheet(window: MainWindow, pressed: QPushButton, stage: str, qtbot: QtBot) -> dict[str, str]:
    """Press a button; return what the sheet it opens is filled in with."""
    qtbot.waitUntil(pressed.isVisible, timeout=WAIT_MS)
    QTest.mouseClick(pressed, Qt.MouseButton.LeftButton)
    page = window.page
    assert isinstance(page, TrainingPage)
    qtbot.waitUntil(lambda: page.sheet is not None and page.sheet.isVisible(), timeout=WAIT_MS)
    assert page.sheet is not None
    assert page.sheet.stage == stage
    window.session.settle()
    return page.sheet.texts()


def test_the_playground_offers_to_train_the_model_it_scores_with(demo: MainWindow, qtbot: QtBot) -> None:
    demo.show_page("training")
    page = demo.page
    assert isinstance(page, TrainingPage)
    qtbot.waitUntil(lambda: page.runs is not None and bool(page.runs.current), timeout=WAIT_MS)
    assert page.runs is not None
    page.runs.choose("preference_model-1")
    page.tabs.setCurrentWidget(page.views.readiness)
    asked = leads_to_sheet(demo, page.views.readiness.playground.train, "preference_model", qtbot)
    plan = next(one.run.plan for one in demo.session.runs if one.run.id == "preference_model-1")
    assert plan is not None
    assert asked.get("seed", "0") == str(plan.seed)
    assert "policy" not in asked  # for the weights it named are not there either


def test_try_it_now_offers_to_train_the_model_it_asks(demo: MainWindow, qtbot: QtBot) -> None:
    demo.show_page("constitution")
    page = demo.page
    assert isinstance(page, ConstitutionPage)
    page.trying.prompt.setText("Tell me about the garden.")
    page.trying.response.setText("rl-1")
    qtbot.waitUntil(lambda: page.list.current != "", timeout=WAIT_MS)
    page.trying.begin(page.list.current)
    leads_to_sheet(demo, page.trying.train, "rl", qtbot)


def test_the_judge_gate_asks_no_preference_model_without_weights(demo: MainWindow, qtbot: QtBot) -> None:
    demo.show_page("evaluate")
    page = demo.page
    assert isinstance(page, EvaluatePage)
    page.tabs.setCurrentWidget(page.judges)
    page.judges.judge.setCurrentIndex(page.judges.judge.findData("preference_model"))
    assert not page.judges.start.isEnabled()
    page.judges._asking.show()  # the recorded demo has no evaluation set, so its card is shown
    leads_to_sheet(demo, page.judges.train, "preference_model", qtbot)


def test_a_model_without_weights_offers_its_training(demo: MainWindow, qtbot: QtBot) -> None:
    demo.show_page("models")
    page = demo.page
    assert isinstance(page, ModelsPage)
    qtbot.waitUntil(lambda: page.table.rowCount() > 1, timeout=WAIT_MS)
    page.choose("sft-1")
    leads_to_sheet(demo, page.train, "sft", qtbot)
    demo.show_page("models")
    page.choose("demo")
    assert page.train.isHidden()


def test_the_overview_says_which_trainings_are_done(demo: MainWindow) -> None:
    demo.show_page("overview")
    page = demo.page
    assert isinstance(page, OverviewPage)
    assert page._said["training"].text() == "SFT (SL-CAI) · Preference model · RL (RL-CAI)"


def test_the_chat_offers_to_train_whom_it_cannot_ask(demo: MainWindow, qtbot: QtBot) -> None:
    demo.show_page("evaluate")
    page = demo.page
    assert isinstance(page, EvaluatePage)
    qtbot.waitUntil(lambda: page.test_set.text() != "", timeout=WAIT_MS)  # the first results come into view
    next(deed for deed in page.deeds() if deed.text == "Chat with models").do()
    assert page.chat.line.hasFocus()
    qtbot.waitUntil(lambda: page.chat.models[0].findData("rl-1") > 0, timeout=WAIT_MS)
    for box, name in zip(page.chat.models, ("rl-1", "", ""), strict=True):
        box.setCurrentIndex(box.findData(name))
    QTest.keyClicks(page.chat.line, "Hello.")
    QTest.keyClick(page.chat.line, Qt.Key.Key_Return)
    asked = leads_to_sheet(demo, page.chat.train, "rl", qtbot)
    plan = next(one.run.plan for one in demo.session.runs if one.run.id == "rl-1")
    assert plan is not None
    assert asked["episodes"] == str(plan.settings["episodes"])


@pytest.mark.parametrize(("place", "stage"), [("preferences", "sft"), ("evaluate", "sft")])
def test_what_a_page_lacks_is_trained_from_its_card(demo: MainWindow, place: str, stage: str, qtbot: QtBot) -> None:
    demo.show_page(place)
    page = demo.page
    page.tabs.setCurrentWidget(page.runs)  # type: ignore[attr-defined]
    assert "Recorded without" in page.runs.card._missing.text()  # type: ignore[attr-defined]
    asked = leads_to_sheet(demo, page.runs.card.button, stage, qtbot)  # type: ignore[attr-defined]
    assert (asked["policy"], asked["chains"]) == ("demo", "chains-2")  # as the run was asked for that made them


def test_a_sheet_that_cannot_start_offers_the_training_before_it(demo: MainWindow, qtbot: QtBot) -> None:
    demo.session.wants_training.emit("rl", "rl-1")
    page = demo.page
    assert isinstance(page, TrainingPage)
    qtbot.waitUntil(lambda: page.sheet is not None and page.sheet.train.isVisible(), timeout=WAIT_MS)
    assert page.sheet is not None
    before = page.sheet
    leads_to_sheet(demo, before.train, "sft", qtbot)
    assert page.sheet is not before


def test_a_sheet_over_the_page_gives_way_to_the_training(demo: MainWindow, qtbot: QtBot) -> None:
    sheet = PairRunSheet("comparisons", demo.session, demo.control, demo)
    sheet.open()
    closed = QSignalSpy(sheet.finished)
    leads_to_sheet(demo, sheet.train, "sft", qtbot)
    assert closed.count() == 1


def test_a_failure_for_want_of_weights_offers_them_on_its_card(demo: MainWindow, qtbot: QtBot) -> None:
    failures: list[Failure] = []
    demo.session.failed.connect(failures.append)
    demo.control.start("rl")
    qtbot.waitUntil(lambda: bool(failures), timeout=WAIT_MS)
    (card,) = demo.failures()
    assert card.action is not None
    leads_to_sheet(demo, card.action, "sft", qtbot)
