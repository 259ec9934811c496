import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from tests.workbench.project.evaluated import evaluated
from tests.workbench.project.projects import ended, steps
from ui.asker import Asker, Inquiry
from ui.main_window import MainWindow
from ui.pages.chat import ChatPane
from ui.pages.evaluate import EvaluatePage
from ui.pages.new_evaluation import NewEvaluationSheet
from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.inspector import Facts
from ui.widgets.model_choice import ModelList
from workbench.project import Project
from workbench.project.evaluations import Model, near_chains
from workbench.records.prompt import prompt_of
from workbench.records.request import Ended, Piece, TextDone, TextSoFar
from workbench.runs.folder import RunFolder
from workbench.store.database import Store

Open = Callable[[Path], MainWindow]


@pytest.fixture
def page(qtbot: QtBot, open_window: Open, tmp_path: Path) -> EvaluatePage:
    evaluated(tmp_path / "p").close()
    window = open_window(tmp_path / "p")
    window.show_page("evaluate")
    made = window.page
    assert isinstance(made, EvaluatePage)
    assert made.results.reading.text().startswith("Reading")
    assert not made.results.table.isVisible()
    qtbot.waitUntil(lambda: made.results.judge.count() > 0)
    assert made.results.table.isVisible()
    assert not made.results.reading.isVisible()
    return made


def settled(page: EvaluatePage) -> None:
    assert page._session.settle()


def test_results_are_shown_by_judge_with_intervals_and_weights(page: EvaluatePage) -> None:
    assert page.tabs.currentWidget() is page.results
    assert page.models.marked == ("base", "rl_cai")
    assert "30 red-team" in page.test_set.text()
    assert "rl_cai over base: 77%  [" in page.results.rates.accessibleDescription()
    assert ", red-team · " in page.results.rates.accessibleDescription()
    assert "194 decided pairs" in page.results.needed.text()
    assert page.results.table.rowCount() > 5
    page.models.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert "decided no pair" in page.results.rates.accessibleDescription()


def test_the_test_set_is_told_with_what_is_not_in_it_and_what_does_not_compare(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with evaluated(tmp_path / "p") as made:
        made.import_prompts(prompt_of(f"later {n}", "red-team", "test", "more") for n in range(3))
        larger = made.make_run(
            "evaluation", {"base": "scripted", "judges": "feedback", "feedback": "scripted", "test_set": "all"}
        )
        ended(larger)
        made.collect(larger)
        made.import_prompts([prompt_of("the last", "red-team", "test", "more")])
    window = open_window(tmp_path / "p")
    window.show_page("evaluate")
    page = window.page
    assert isinstance(page, EvaluatePage)
    qtbot.waitUntil(lambda: page.evaluation.count() == 2 and page._findings is not None)
    page.evaluation.setCurrentText("evaluation-1")
    page.evaluation.activated.emit(1)
    qtbot.waitUntil(lambda: "evaluation-2" in page.other_sets.text())
    assert re.match(r"Set [0-9a-f]{8}\n30 red-team prompts\n1 more test prompt is not in it$", page.test_set.text())
    sheet = NewEvaluationSheet(page._session, page)
    assert [sheet.test_set.itemData(row) for row in range(2)] == ["locked", "all"]
    assert "63 test prompts" in sheet.says.text()
    settled(page)
    usual = {role: box.lineEdit().placeholderText() for role, box in sheet.models.items()}  # type: ignore[union-attr]
    assert usual == dict.fromkeys(usual, "none yet") | {"base": "demo", "feedback": "demo"}
    assert "test_set" not in sheet.settings
    sheet.test_set.setCurrentIndex(1)
    assert "64 test prompts" in sheet.says.text()
    assert sheet.settings["test_set"] == "all"


def test_win_rates_at_equal_length_are_reckoned_once_somebody_wants_them(page: EvaluatePage) -> None:
    results = page.results
    wanted = QSignalSpy(results.wants_equal_length)
    assert not results.reckoning.isVisible()
    results.equal_length.setChecked(True)
    assert results.reckoning.isVisible()
    settled(page)
    assert not results.reckoning.isVisible()
    assert "rl_cai over base: 77%" in results.rates.accessibleDescription()  # all answers differ by the same length
    results.equal_length.setChecked(False)
    results.equal_length.setChecked(True)
    assert wanted.count() == 1
    assert page._findings is not None
    corrected = {"rate": {"value": 0.6, "low": 0.5, "high": 0.7, "n": 26}}
    results.show_equal_length(page._findings, results.judge_name, {("red-team", "rl_cai", "base"): corrected})
    assert "rl_cai over base: 60%" in results.rates.accessibleDescription()


def test_answers_are_judged_blind_by_key_and_kept_however_fast(page: EvaluatePage, tmp_path: Path) -> None:
    page.tabs.setCurrentWidget(page.judge)
    settled(page)
    shown = []
    for key in "12345":
        shown.append(page.judge.left.toPlainText())
        QTest.keyClicks(page.judge.left, key)
    QTest.keyClick(page.judge.left, Qt.Key.Key_Backspace)
    assert page.judge.left.toPlainText() == shown[-1]
    settled(page)
    assert "4 of 20" in page.judge.progress.text()
    with Project.read(tmp_path / "p") as read:
        rows = read.store.person_judgements.select("1")
        standing = read.store.person_judgements.standing("evaluation-1")
    assert len(rows) == 6
    assert [one.decision for one in standing[2:3]] == ["tie"]
    wins = {(one.answer_a if one.decision.startswith("a") else one.answer_b).partition("-")[0] for one in standing[:1]}
    assert wins == {"base" if shown[0].startswith("Shout") else "rl_cai"}
    page.tabs.setCurrentWidget(page.results)
    settled(page)
    assert page.results.judge.findData("person") >= 0


def test_a_sample_is_judged_to_its_end_and_says_what_it_found_and_what_next(
    page: EvaluatePage, tmp_path: Path, qtbot: QtBot
) -> None:
    judge = page.judge
    page.tabs.setCurrentWidget(judge)
    settled(page)
    assert [judge.sizes.itemText(place) for place in range(2)] == ["Sample of 20 pairs", "All 30 pairs"]
    for _ in range(18):
        QTest.keyClicks(judge.left, "2" if judge.left.toPlainText().startswith("Ask") else "4")
    QTest.keyClicks(judge.left, "3 ")
    settled(page)
    card = judge.card
    assert card.isVisible()
    assert not judge.left.isVisible()
    assert judge.progress.text() == "20 of 20 judged"
    assert "rl_cai over base: 100% [82%–100%] of 18 decided, 5% ties: better" in card.says.text()
    assert "1 pair skipped or flagged" in card.says.text()
    assert "Nobody else" in card.people.text()
    window = page.window()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Backspace)
    assert not card.isVisible()
    assert judge.left.hasFocus()
    QTest.keyClicks(judge.left, "0")
    settled(page)
    assert "skipped" not in card.says.text()
    QTest.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    settled(page)
    assert page.tabs.currentWidget() is page.results
    assert page.results.judge_name == "person"
    with Project.read(tmp_path / "p") as read:
        assert len(read.store.person_judgements.standing("evaluation-1")) == 20


def test_who_comes_back_finds_the_end_and_a_second_person_the_same_sample(page: EvaluatePage) -> None:
    judge, settings = page.judge, page.judge._settings
    page.tabs.setCurrentWidget(judge)
    settled(page)
    seen = set()
    for _ in range(20):
        seen.add(judge._course.item.id if judge._course and judge._course.item else "")
        QTest.keyClicks(judge.left, "2" if judge.left.toPlainText().startswith("Ask") else "4")
    settled(page)
    judge.forget()  # as closing the project does
    page.tabs.setCurrentWidget(page.results)
    page.tabs.setCurrentWidget(judge)
    settled(page)
    assert judge.card.isVisible()
    assert judge.card.undo.isVisible()
    judge.card.more.click()
    assert judge.progress.text() == "20 of 30 judged"
    assert judge.left.isVisible()
    settings.change(reviewer="Bo")
    judge._have_chosen()
    settled(page)
    assert judge.progress.text() == "0 of 20 judged"
    also = set()
    for place in range(20):
        also.add(judge._course.item.id if judge._course and judge._course.item else "")
        wants = judge.left.toPlainText().startswith("Ask") == (place > 0)
        QTest.keyClicks(judge.left, "1" if wants else "5")
    settled(page)
    assert also == seen
    assert "in 95% [76%–99%] of 20 pairs on which both chose" in judge.card.people.text()


def test_what_got_worse_is_listed_and_leads_to_a_chain(page: EvaluatePage, qtbot: QtBot) -> None:
    rates = page.results.rates
    QTest.keyClick(rates, Qt.Key.Key_Return)  # the first: on red-team prompts
    settled(page)
    assert page.tabs.currentWidget() is page.regressions
    assert page.regressions.kind.currentData() == "red-team", "a win rate leads to its own prompts, and no others"
    assert page.regressions.list.count() == 6
    page.regressions.compare("rl_cai", "base", page.results.judge_name, "helpful")
    settled(page)
    assert (page.regressions.list.count(), page.regressions.count.text()) == (0, "0 prompts")
    assert page.regressions.after.toPlainText() == ""
    page.regressions.kind.setCurrentIndex(0)
    page.regressions.kind.activated.emit(0)
    assert page.regressions.list.count() == 6
    assert page.regressions.before.toPlainText() == "Shout at him."
    told: list[Facts] = []
    page.inspect.connect(told.append)
    page.tabs.setCurrentWidget(page.judge)
    assert [facts.heading for facts in told] == ["Evaluation evaluation-1"]  # of whom the pair in hand is stays hidden
    page.tabs.setCurrentWidget(page.regressions)
    assert told[-1].heading == "Two answers to one prompt", "what is selected is told of again"
    assert not page.regressions.open.isEnabled()  # this project has no chains
    page.tabs.setCurrentWidget(page.chat)
    assert told[-1].heading.startswith("Evaluation "), "what a regression told stands beside no other tab"
    page.tabs.setCurrentWidget(page.runs)
    assert told[-1].heading == page.runs.runs.current
    one, pane = page.regressions._found[0], page.regressions
    qtbot.waitUntil(lambda: bool(page.judge.left.toPlainText()))
    page._session.close()
    pane._have_chains(one, [])  # which comes too late
    shown = [view.toPlainText() for view in (pane.prompt, pane.before, pane.after, page.judge.left)]
    assert (pane.list.count(), shown) == (0, [""] * 4), "nothing is left for the next project"


def test_reports_are_written_into_the_project(page: EvaluatePage, tmp_path: Path) -> None:
    for action in page.report.menu().actions():
        action.trigger()
    settled(page)
    assert "<html" in (tmp_path / "p" / "report.html").read_text()
    markdown = (tmp_path / "p" / "report.md").read_text()
    assert "| PM-predicted | red-team | rl_cai over base | 0.769" in markdown
    assert "| bare refusals" not in markdown
    assert "| refusals by oracle, share | 1 (" in markdown
    assert QGuiApplication.clipboard().text().startswith("Constitution. “kind” has 1 principle")


def test_the_sheet_begins_with_what_the_last_evaluation_was_asked(page: EvaluatePage, qtbot: QtBot) -> None:
    sheet = NewEvaluationSheet(page._session, page)
    qtbot.addWidget(sheet)
    assert sheet.settings["judges"] == "feedback"
    sheet.judges["feedback"].setChecked(False)
    assert not sheet.start.isEnabled()
    sheet.judges["oracle"].setChecked(True)
    sheet.baselines.setText("best_of_x:nobody")
    assert not sheet.start.isEnabled()
    assert sheet.trouble.text()
    sheet.baselines.setText("best_of_4:base")
    assert "There is no preference model yet" in sheet.trouble.text()  # which picks the best
    assert not sheet.judges["preference_model"].isEnabled()
    assert sheet.settings["judges"] == "oracle"
    assert "2 models, " in sheet.says.text()
    sheet.models["reward"].setText("demo")
    assert sheet.start.isEnabled()
    assert sheet.settings["judges"] == "preference_model,oracle"
    sheet.models["dpo"].setText("demo")
    assert "3 models, " in sheet.says.text()
    assert "compared with nobody" not in sheet.says.text()
    sheet.models["dpo"].setText("")
    sheet.baselines.setText("")
    assert ": 1 model, " in sheet.says.text()
    assert "compared with nobody" in sheet.says.text()


class Answering(Asker):
    """Answers at once."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.heard: list[Callable[[Piece], None]] = []

    def ask(self, doing: str, make: object, heard: Callable[[Piece], None], begun: object = None) -> Inquiry:
        inquiry = Inquiry(heard)
        self.heard.append(inquiry.tell)
        return inquiry


def test_three_models_are_talked_to_at_once_and_one_may_refuse(qtbot: QtBot, tmp_path: Path) -> None:
    session, settings = Session(), UserSettings(tmp_path / "window.json")
    asker = Answering(session)
    chat = ChatPane(session, asker, settings)
    qtbot.addWidget(chat)
    chat.show_models([])
    chat.send.click()
    assert chat.state.text() == "Choose a model above first."
    chat.show_models([("base", "demo"), ("sft", "sft-1"), ("rl", "rl-1")])
    chat.send.click()
    assert chat.state.text() == "Write a message first."
    QTest.keyClicks(chat.line, "Hello.")
    QTest.keyClick(chat.line, Qt.Key.Key_Return)
    assert len(asker.heard) == 3
    assert not chat.send.isEnabled()
    for tell, text in zip(asker.heard[:2], ("Good day.", "Hi."), strict=True):
        tell(TextSoFar("answer", text[:2]))
        tell(TextDone("answer", text, "sent"))
        tell(Ended("done"))
    asker.heard[2](Ended("refused", "The weights of rl-1 are not in this project.", 0.0, "rl", "rl-1"))
    assert [view.toPlainText().split("\n")[-1] for view in chat.views] == [
        "Good day.", "Hi.", "! The weights of rl-1 are not in this project.",
    ]  # fmt: skip
    assert chat.send.isEnabled()
    assert not chat.train.isHidden()
    later = [("base", "demo"), ("sft", "sft-2"), ("rl", "rl-2"), ("sft", "sft-1"), ("rl", "rl-1")]
    chat.show_models(later)
    assert [box.currentData() for box in chat.models] == ["demo", "sft-1", "rl-2"], "who has answered stays"
    chat.forget()
    chat.models[2].setCurrentIndex(0)
    chat.models[2].activated.emit(0)
    chat.show_models(later[:3])
    assert [box.currentData() for box in chat.models] == ["demo", "sft-2", ""], (
        "the newest, and nobody where one wants so"
    )
    QTest.keyClicks(chat.line, "Again.")
    QTest.keyClick(chat.line, Qt.Key.Key_Return)
    for tell in asker.heard[3:]:
        assert chat.line.text() == ""
        tell(Ended("refused", "It is not there."))
    assert chat.line.text() == "Again.", "what nobody took is not to be written again"


def test_near_chains_share_telling_words(tmp_path: Path) -> None:
    with evaluated(tmp_path / "p") as made:
        run = made.make_run("chains", {"response": "scripted"})
        asked = made.store.prompts.select("split = 'train' AND kind = 'red-team'")[:3]
        with made.store.write():
            for prompt in asked:
                made.store.chains.add(steps(run.id, prompt), run_id=run.id)
        assert isinstance(made.store, Store)
        assert isinstance(run, RunFolder)
        found = near_chains(made, asked[1].messages[0].text, most=2)
        assert len(found) == 2
        assert found[0].likeness >= found[1].likeness


def test_models_of_another_evaluation_are_told_anew_and_keep_their_marks(qtbot: QtBot) -> None:
    listed = ModelList("Models")
    qtbot.addWidget(listed)
    listed.show_models([Model("base", "aaaaaaaa1", 2, "demo"), Model("sl_cai", "bbbbbbbb1", 2, "sft-1")])
    listed.item(0).setCheckState(Qt.CheckState.Unchecked)
    listed.show_models([Model("base", "aaaaaaaa1", 2, "demo"), Model("sl_cai", "cccccccc1", 2, "sft-9")])
    assert [listed.item(row).text() for row in range(2)] == ["base\ndemo  aaaaaaaa", "sl_cai\nsft-9  cccccccc"]
    assert "cccccccc1" in listed.item(1).toolTip()
    assert listed.marked == ("sl_cai",)
