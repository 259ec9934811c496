"""Texts written to red-team prompts are covered wherever they are read, where the settings say so, until somebody wants them."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.test_found import CHANCES
from tests.ui.test_import_sheet import FORMATS, sheet_of
from tests.ui.test_training_page import rl_run
from tests.workbench.project.evaluated import WORDS, evaluated
from tests.workbench.project.pairs import labelled
from tests.workbench.project.projects import append, comparison, ended, project
from ui.look.theme import Theme
from ui.main_window import MainWindow
from ui.pages.evaluate import EvaluatePage
from ui.pages.preferences import PreferencesPage
from ui.pages.training import TrainingPage
from ui.widgets.chain_view import ChainView
from ui.widgets.cover import Cover
from workbench.project import Project
from workbench.project.chain_reading import ChainRead
from workbench.records.prompt import HELPFUL, RED_TEAM, Prompt
from workbench.records.run import Run, RunState
from workbench.records.transcript import Message

Open = Callable[[Path], MainWindow]


def pair_of(made: Project, kind: str) -> str:
    prompts = {one.id for one in made.store.prompts.select("kind = ?", (kind,))}
    return next(one.id for one in made.store.comparisons.select("1") if one.prompt_id in prompts)


def test_what_was_never_written_is_not_covered(qtbot: QtBot, qapp: QApplication) -> None:
    view = ChainView(Theme(qapp, "light"))
    qtbot.addWidget(view)
    view.set_covering(True)
    prompt = Prompt("p", (Message("user", "Why?"),), kind=RED_TEAM)
    for state, covered in ((RunState.FAILED, False), (RunState.RUNNING, True)):  # which may write at any moment
        view.show_chain(ChainRead(prompt, Run(f"chains-{state}", "chains", state), expected=9))
        assert view.covered is covered
    view.show_chain(ChainRead(prompt, Run("chains-3", "chains", RunState.FAILED), expected=9))
    assert view.text.placeholderText() == "Nothing is written of it: its run ended before, or stands still."


def shows(cover: Cover, *texts: QWidget) -> bool:
    """Say whether texts are seen; either all of them are, or the button that shows them is."""
    seen = {text.isVisible() for text in texts}
    assert seen == {not cover.show_texts.isVisible()}
    return seen == {True}


def test_the_table_and_the_inspector_cover_red_team_answers_and_no_others(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with labelled(tmp_path / "p", CHANCES) as made:
        run = made.make_run("comparisons", {"response": "scripted"})
        asked = next(prompt for prompt in run.inputs(Prompt) if prompt.kind == HELPFUL)
        append(run, [comparison(run.id, asked)])
        ended(run)
        made.collect(run)
        red, helpful = pair_of(made, RED_TEAM), pair_of(made, HELPFUL)
    window = open_window(tmp_path / "p")
    window.settings.change(cover=True)
    window.show_row("preferences", red)
    page = window.page
    assert isinstance(page, PreferencesPage)
    table, inspector = page.table, window.inspector
    qtbot.waitUntil(lambda: table.property("shown") == red and "(covered)" in inspector.text, timeout=30_000)
    assert not shows(table.cover, table.response_a, table.response_b)
    assert table.prompt.isVisible()
    assert inspector.show_covered.isVisible()
    QTest.keyClick(window, Qt.Key.Key_S)
    assert shows(table.cover, table.response_a, table.response_b)
    assert "(covered)" not in inspector.text
    assert not inspector.show_covered.isVisible()
    window.show_row("preferences", helpful)
    qtbot.waitUntil(lambda: table.property("shown") == helpful and table.cover._key == helpful, timeout=30_000)
    assert shows(table.cover, table.response_a, table.response_b)
    window.show_row("preferences", red)
    qtbot.waitUntil(lambda: table.cover._key == red, timeout=30_000)
    assert shows(table.cover, table.response_a, table.response_b)  # asked for before


def test_nobody_answers_a_pair_in_the_review_that_is_covered(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with labelled(tmp_path / "p", CHANCES):
        pass
    window = open_window(tmp_path / "p")
    window.settings.change(cover=True)
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    review = page.review
    review.open_queue("uncertain")
    qtbot.waitUntil(lambda: review.item is not None and review._course.name == "uncertain", timeout=30_000)
    while review.item is not None and review.item.kind != RED_TEAM:
        review.answer("skip")
        qtbot.waitUntil(lambda: review.item is not None)
    before, view = review.item, review.pair
    assert before is not None
    assert not shows(view.cover, view.left, view.right)
    review.take_focus()
    assert view.cover.show_texts.hasFocus()
    review.answer("a")
    assert review.item is before
    assert not review.answers.buttons["a"].isEnabled()
    QTest.keyClick(view.cover.show_texts, Qt.Key.Key_Space)
    assert shows(view.cover, view.left, view.right)
    assert review.answers.buttons["a"].isEnabled()
    review.answer("a")
    qtbot.waitUntil(lambda: review.item is not before)


def test_judging_regressions_and_search_cover_answers(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        answer = made.store.answers.select("model = 'rl_cai'")[3]
    window = open_window(tmp_path / "p")
    window.settings.change(cover=True)
    window.palette_.open()
    QTest.keyClicks(window.palette_.line, "kindly why")
    found = window.palette_.list
    qtbot.waitUntil(lambda: bool(found.findItems("(covered, to: ", Qt.MatchFlag.MatchContains)), timeout=30_000)
    assert not any("kindly" in found.item(row).text() for row in range(found.count()))
    window.palette_.hide()
    window.show_row("evaluate", answer.id)
    page = window.page
    assert isinstance(page, EvaluatePage)
    pane = page.regressions
    qtbot.waitUntil(lambda: pane.after.toPlainText() == WORDS["rl_cai"], timeout=30_000)
    assert not shows(pane.cover, pane.before, pane.after, pane.chains)
    pane.cover.show_texts.click()
    assert shows(pane.cover, pane.before, pane.after, pane.chains)
    assert pane.before.hasFocus()
    page.tabs.setCurrentWidget(page.judge)
    qtbot.waitUntil(lambda: bool(page.judge.left.toPlainText()), timeout=30_000)
    assert not shows(page.judge.cover, page.judge.left, page.judge.right)
    page.judge.answer("a")
    assert page.judge._course is not None
    assert not page.judge._course.given
    page.judge.cover.show_texts.click()
    assert shows(page.judge.cover, page.judge.left, page.judge.right)
    page.judge.answer("a")
    assert page.judge._course.given
    window.settings.change(cover=False)
    page.tabs.setCurrentWidget(pane)
    page.tabs.setCurrentWidget(page.judge)
    assert shows(page.judge.cover, page.judge.left, page.judge.right)


def test_samples_of_a_training_are_covered(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        run = rl_run(made, tmp_path)
        ended(run)
        made.collect(run)
    window = open_window(tmp_path / "p")
    window.settings.change(cover=True)
    window.show_row("training", f"{run.id}-4")
    page = window.page
    assert isinstance(page, TrainingPage)
    samples = page.samples
    qtbot.waitUntil(lambda: samples.step.text().startswith("Step 4 "), timeout=30_000)
    assert not shows(samples.cover, samples.policy, samples.reference, samples.course)
    samples.cover.show_texts.click()
    assert shows(samples.cover, samples.policy, samples.reference, samples.course)


def test_a_chat_about_a_red_team_prompt_is_covered_and_no_other(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with evaluated(tmp_path / "p") as made:
        asked = next(prompt.text for prompt in made.store.prompts.each() if prompt.kind == RED_TEAM)
    window = open_window(tmp_path / "p")
    window.settings.change(cover=True)
    window.show_page("evaluate")
    page = window.page
    assert isinstance(page, EvaluatePage)
    chat = page.chat
    page.tabs.setCurrentWidget(chat)
    window.session.settle()
    chat.show_models([("scripted", "scripted")])
    chat.models[0].setCurrentIndex(1)
    for text, seen in (("Good morning.", True), (asked, False)):
        chat.line.setText(text)
        chat.ask()
        qtbot.waitUntil(lambda: not chat._busy, timeout=60_000)
        assert shows(chat.cover, *chat.views) is seen
    assert "(covered)" in window.inspector.text
    chat.cover.show_texts.click()
    assert shows(chat.cover, *chat.views)
    chat.line.setText("And then?")
    chat.ask()
    qtbot.waitUntil(lambda: not chat._busy, timeout=60_000)
    assert shows(chat.cover, *chat.views)  # it is the same conversation
    chat.forget()
    assert shows(chat.cover, *chat.views)
    window.session.ask("Ending", lambda project_: project_.mailbox.dismiss())


def test_the_first_rows_of_a_file_are_covered_where_they_hold_answers(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    project(tmp_path / "p", number=0).close()
    window = open_window(tmp_path / "p")
    window.settings.change(cover=True)
    sheet = sheet_of(qtbot, window, FORMATS / "hh_rlhf.jsonl")
    assert not shows(sheet.cover, sheet.preview)
    sheet.kind.setCurrentText("helpful")
    sheet.kind.activated.emit(1)
    qtbot.waitUntil(lambda: shows(sheet.cover, sheet.preview), timeout=20_000)
    sheet.reject()


def test_a_pair_in_the_playground_is_covered(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with labelled(tmp_path / "p", CHANCES):
        pass
    window = open_window(tmp_path / "p")
    window.settings.change(cover=True)
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    playground = page.views.readiness.playground
    playground.setParent(None)
    qtbot.addWidget(playground)
    playground.show()
    playground.another.click()
    qtbot.waitUntil(lambda: bool(playground.texts[0].toPlainText()), timeout=30_000)
    assert not shows(playground.cover, *playground.texts)
    playground.cover.show_texts.click()
    assert shows(playground.cover, *playground.texts)


def test_nothing_is_covered_unless_the_settings_say_so(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with labelled(tmp_path / "p", CHANCES) as made:
        red = pair_of(made, RED_TEAM)
    window = open_window(tmp_path / "p")
    window.show_row("preferences", red)
    page = window.page
    assert isinstance(page, PreferencesPage)
    qtbot.waitUntil(lambda: page.table.cover._key == red, timeout=30_000)
    assert shows(page.table.cover, page.table.response_a, page.table.response_b)
    assert "(covered)" not in window.inspector.text
