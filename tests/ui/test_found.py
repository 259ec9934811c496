"""What a search has found is shown where it belongs: selected, and without what is not to be told yet."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.test_training_page import rl_run
from tests.workbench.project.evaluated import WORDS, evaluated
from tests.workbench.project.pairs import labelled
from tests.workbench.project.projects import ended, project
from ui.main_window import MainWindow
from ui.pages.evaluate import EvaluatePage
from ui.pages.preferences import PreferencesPage
from ui.pages.training import TrainingPage
from workbench.project.auditing import draw_sample

Open = Callable[[Path], MainWindow]
CHANCES = [0.9, 0.52, 0.2, 0.6]


def search(qtbot: QtBot, window: MainWindow, words: str, sign: str) -> None:
    """Type words, and choose the first text of a kind that was found."""
    window.palette_.open()
    palette = window.palette_
    QTest.keyClicks(palette.line, words)

    def place() -> int:
        texts = [palette.list.item(row).text() for row in range(palette.list.count())]
        return next((row for row, text in enumerate(texts) if text.startswith(sign)), -1)

    qtbot.waitUntil(lambda: place() >= 0, timeout=30_000)
    palette.list.setCurrentRow(place())
    QTest.keyClick(palette.line, Qt.Key.Key_Return)


def test_a_found_pair_is_selected_in_the_table_and_of_an_audit_without_its_label(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with labelled(tmp_path / "p", CHANCES) as made:
        wanted = made.store.comparisons.select("1")[2]
        words = made.store.prompts.get_many([wanted.prompt_id])[wanted.prompt_id].text
        draw_sample(made.store, len(CHANCES))
    window = open_window(tmp_path / "p")
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    page.table.state.setCurrentIndex(page.table.state.findData("flagged"))
    page.table.words.setText("nowhere")
    page.table.table.horizontalHeader().setSortIndicator(1, Qt.SortOrder.DescendingOrder)
    window.show_page("overview")
    window.show_row("preferences", wanted.id)
    assert page.tabs.currentWidget() is page.table
    qtbot.waitUntil(lambda: page.table.prompt.toPlainText() == words, timeout=30_000)
    assert window.focusWidget() is page.table.table
    rows = page.table.table.selectionModel().selectedRows()
    assert [page.table.model.row_at(index.row()).comparison_id for index in rows] == [wanted.id]
    qtbot.waitUntil(lambda: "Shown when the whole sample is done." in window.inspector.text)
    assert "P(a)" not in window.inspector.text
    assert page.table.model.data(page.table.model.index(rows[0].row(), 1)) == "in audit"


def test_a_found_answer_is_shown_beside_another_models_in_its_evaluation(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with evaluated(tmp_path / "p") as made:
        newest = made.make_run("evaluation", {"base": "scripted", "judges": "feedback", "feedback": "scripted"})
        ended(newest)
        made.collect(newest)
        prompt = made.store.answers.select("model = 'rl_cai'")[7].prompt_id
    window = open_window(tmp_path / "p")
    window.show_row("evaluate", f"rl_cai-{prompt}")
    page = window.page
    assert isinstance(page, EvaluatePage)
    qtbot.waitUntil(lambda: page.regressions.after.toPlainText() == WORDS["rl_cai"], timeout=30_000)
    assert page.tabs.currentWidget() is page.regressions
    assert page.evaluation.currentText() == "evaluation-1"
    shown = page.regressions._found[page.regressions.list.currentRow()]
    assert (shown.prompt_id, shown.newer.model, shown.older.model) == (prompt, "rl_cai", "base")
    assert page.regressions.list.count() == 30
    assert "(lost)" not in page.regressions._after_title.text()
    page.models.item(1).setCheckState(Qt.CheckState.Unchecked)
    window.show_row("evaluate", f"base-{prompt}")
    qtbot.waitUntil(lambda: page.regressions.after.toPlainText() == WORDS["base"], timeout=30_000)
    assert page.models.marked == ("base", "rl_cai")


def test_a_found_sample_is_shown_at_its_step_in_its_run(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with project(tmp_path / "p") as made:
        for coefficient in ("0.02", "0.5"):
            run = rl_run(made, tmp_path, coefficient)
            ended(run)
            made.collect(run)
    window = open_window(tmp_path / "p")
    search(qtbot, window, "win 4", "Sample, step 4")
    qtbot.waitUntil(lambda: isinstance(window.page, TrainingPage), timeout=30_000)
    page = window.page
    assert isinstance(page, TrainingPage)
    qtbot.waitUntil(lambda: page.samples.step.text().startswith("Step 4 "), timeout=30_000)
    assert page.tabs.currentWidget() is page.samples
    first = page.run.run.id if page.run else ""
    other = next(one.run.id for one in window.session.runs if one.run.stage == "rl" and one.run.id != first)
    window.show_row("training", f"{other}-4")
    qtbot.waitUntil(lambda: page.run is not None and page.run.run.id == other)
    qtbot.waitUntil(lambda: page.samples.step.text().startswith("Step 4 "), timeout=30_000)
    window.show_row("training", f"{other}-8")
    qtbot.waitUntil(lambda: page.samples.step.text().startswith("Step 8 "), timeout=30_000)
