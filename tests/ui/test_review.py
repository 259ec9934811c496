from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.workbench.project.projects import append, comparison, ended, label, project
from ui.main_window import MainWindow
from ui.pages.preferences import PreferencesPage
from ui.pages.review import ReviewPane
from workbench.project import Project
from workbench.project.reviewing import side_of
from workbench.records.comparison import Review
from workbench.records.preference import standing_reviews
from workbench.records.prompt import Prompt

Open = Callable[[Path], MainWindow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with project(tmp_path / "project", number=10) as made:
        pairs = made.make_run("comparisons", {"response": "scripted"})
        found = [comparison(pairs.id, prompt) for prompt in pairs.inputs(Prompt)]
        append(pairs, found)
        ended(pairs)
        made.collect(pairs.id)
        labels = made.make_run("labels", {"feedback": "scripted"})
        append(labels, [label(labels.id, one, made.constitution.hash, 0.9) for one in found])
        ended(labels)
        made.collect(labels.id)
    return tmp_path / "project"


@pytest.fixture
def pane(qtbot: QtBot, open_window: Open, folder: Path) -> ReviewPane:
    window = open_window(folder)
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    qtbot.waitUntil(lambda: page.review.item is not None, timeout=30_000)
    window.activateWindow()
    page.review.left.setFocus()
    return page.review


def reviews(folder: Path) -> list[Review]:
    with Project.read(folder) as found:
        return found.store.reviews.select("1")


def test_an_answer_is_about_the_response_that_stood_there(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    sides = set()
    for _ in range(12):
        item = pane.item
        assert item is not None
        texts = {"ab": ("one", "two"), "ba": ("two", "one")}
        side = side_of(pane._settings.reviewer, item.comparison.id)
        assert (pane.left.toPlainText(), pane.right.toPlainText()) == texts[side]
        assert pane.label_now.text() == ""
        with qtbot.waitSignal(pane.saved, timeout=30_000):
            QTest.keyClick(pane.left, Qt.Key.Key_A)
        made = reviews(folder)[-1]
        assert (made.comparison_id, made.decision, made.side_shown) == (item.comparison.id, side[0], side)
        assert made.blind
        assert "probability of A 0.90" in pane.last.text() or "probability of A 0.10" in pane.last.text()
        sides.add(side)
        qtbot.waitUntil(lambda: pane.item is not None, timeout=30_000)
    assert sides == {"ab", "ba"}


def test_however_fast_the_keys_come_each_pair_gets_one_answer(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    seen = []
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_0, Qt.Key.Key_Space):
        assert pane.item is not None
        seen.append(pane.item.comparison.id)
        QTest.keyClick(pane.left, key)
    qtbot.waitUntil(lambda: pane.state.text() == "saved", timeout=30_000)
    made = reviews(folder)
    assert [one.comparison_id for one in made] == seen
    assert len(set(seen)) == 7
    assert [one.decision for one in made][-2:] == ["both_bad", "skip"]


def test_undo_supersedes_and_shows_the_pair_again(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    first = pane.item
    assert first is not None
    QTest.keyClick(pane.left, Qt.Key.Key_T)
    QTest.keyClick(pane.left, Qt.Key.Key_Backspace)
    assert pane.item is first
    qtbot.waitUntil(lambda: pane.state.text() == "saved", timeout=30_000)
    tie, taken_back = reviews(folder)
    assert (tie.decision, taken_back.decision, taken_back.supersedes) == ("tie", "withdrawn", tie.id)
    QTest.keyClick(pane.left, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: pane.state.text() == "saved", timeout=30_000)
    assert [one.decision for one in standing_reviews(reviews(folder))] == ["tie"]


def test_a_note_is_typed_without_answering_and_kept_with_the_answer(
    qtbot: QtBot, pane: ReviewPane, folder: Path
) -> None:
    QTest.keyClick(pane.left, Qt.Key.Key_N)
    QTest.keyClicks(pane.note, "about 2 abstract facts")
    assert reviews(folder) == []
    QTest.keyClick(pane.note, Qt.Key.Key_Return)
    with qtbot.waitSignal(pane.saved, timeout=30_000):
        QTest.keyClick(pane.left, Qt.Key.Key_B)
    assert [one.reason for one in reviews(folder)] == ["about 2 abstract facts"]
    assert pane.note.text() == ""


def test_coming_back_goes_on_where_one_was(qtbot: QtBot, pane: ReviewPane, folder: Path, open_window: Open) -> None:
    with qtbot.waitSignal(pane.saved, timeout=30_000):
        QTest.keyClick(pane.left, Qt.Key.Key_A)
    pane.begin()
    qtbot.waitUntil(lambda: pane.progress.text().startswith("1 of"), timeout=30_000)
    qtbot.waitUntil(lambda: pane.item is not None, timeout=30_000)
    assert pane.item is not None
    assert pane.item.comparison.id != reviews(folder)[0].comparison_id


def test_without_the_blindfold_the_label_is_there_and_the_review_says_so(
    qtbot: QtBot, pane: ReviewPane, folder: Path
) -> None:
    pane.blind.setChecked(False)
    assert "The label said" in pane.label_now.text()
    with qtbot.waitSignal(pane.saved, timeout=30_000):
        QTest.keyClick(pane.left, Qt.Key.Key_A)
    assert not reviews(folder)[0].blind
