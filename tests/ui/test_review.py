from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.workbench.project.pairs import labelled
from ui.main_window import MainWindow
from ui.pages.preferences import PreferencesPage
from ui.pages.review import ReviewPane
from ui.widgets.inspector import Facts
from ui.widgets.review_keys import ReviewKeys
from ui.widgets.review_sheets import GuidelinesSheet, KeysSheet, RuleSheet
from workbench.project import Project, reviewing
from workbench.project.auditing import audit_progress, audit_report, draw_sample, sample_named
from workbench.project.reviewing import side_of
from workbench.records.comparison import Review
from workbench.records.preference import standing_reviews

Open = Callable[[Path], MainWindow]
KEYS = {"a_much": Qt.Key.Key_1, "a": Qt.Key.Key_2, "tie": Qt.Key.Key_3, "b": Qt.Key.Key_4}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with labelled(tmp_path / "project", [0.9] * 14, flips=(3,)) as made:
        draw_sample(made.store, 10)
    return tmp_path / "project"


@pytest.fixture
def pane(qtbot: QtBot, open_window: Open, folder: Path) -> ReviewPane:
    window = open_window(folder)
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    qtbot.waitUntil(lambda: page.review.item is not None, timeout=30_000)
    window.activateWindow()
    page.review.pair.left.setFocus()
    return page.review


def press(pane: ReviewPane, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(pane.pair.left, key)


def take(qtbot: QtBot, pane: ReviewPane, queue: str) -> None:
    pane.queue.setCurrentIndex(pane.queue.findData(queue))
    qtbot.waitUntil(lambda: pane._course.name == queue and pane.item is not None, timeout=30_000)
    pane.pair.left.setFocus()


def reviews(qtbot: QtBot, pane: ReviewPane, folder: Path) -> list[Review]:
    qtbot.waitUntil(lambda: pane.state.text() in ("", "saved"), timeout=30_000)
    with Project.read(folder) as found:
        return found.store.reviews.select("1")


def test_an_audit_is_blind_to_its_end_and_then_estimates(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    sides: set[str] = set()
    told: list[Facts] = []
    pane.inspect.connect(told.append)
    for place in range(10):
        item = pane.item
        assert item is not None
        side = side_of(pane._settings.reviewer, item.comparison.id)
        texts = {"ab": ("one", "two"), "ba": ("two", "one")}
        assert (pane.pair.left.toPlainText(), pane.pair.right.toPlainText()) == texts[side]
        press(pane, Qt.Key.Key_2)
        last = place == 9  # with it the sample is done, and labels may be seen
        assert ("0.9" in pane.strip.text) is last
        assert ("when the whole sample is done" in pane.strip.text) is not last
        assert ("P(a) = 0.900" in dict(told[-1].lines)["Label"]) is last
        assert any("label" in one.accessibleName() for one in pane.strip.recent) is last
        assert not pane.strip.change_button.isVisible()
        sides.add(side)
        qtbot.waitUntil(lambda: pane.item is not None or pane.card.isVisible(), timeout=30_000)
    assert sides == {"ab", "ba"}
    made = reviews(qtbot, pane, folder)
    assert {(one.decision, one.side_shown) for one in made} <= {("a", "ab"), ("b", "ba")}
    assert {(one.blind, one.queue, one.after_reveal) for one in made} == {(True, "audit", False)}
    assert "The sample is done" in pane.card._missing.text()
    with Project.read(folder) as found:
        sample = sample_named(found.store)
        assert audit_progress(found.store, sample).complete
        figures = audit_report(found.store, sample).figures
        assert figures is not None
        assert figures.decided == 10
    pane.change()
    press(pane, Qt.Key.Key_2)
    changed = reviews(qtbot, pane, folder)[-1]
    assert (changed.blind, changed.after_reveal) == (False, True)


def test_an_answer_given_as_the_project_is_closed_is_saved_and_no_longer_on_its_way(
    qtbot: QtBot, pane: ReviewPane, folder: Path
) -> None:
    press(pane, Qt.Key.Key_2)
    assert pane.state.text() == "saving…"
    window, session = pane.window(), pane._session
    assert isinstance(window, MainWindow)
    session.close()
    with qtbot.waitSignal(session.opened, timeout=60_000):
        session.open(folder)
    window.show_page("preferences")
    qtbot.waitUntil(lambda: pane.item is not None and len(pane._course.given) == 1, timeout=30_000)
    press(pane, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: pane.state.text() == "saved", timeout=5_000)
    assert len(reviews(qtbot, pane, folder)) == 2


def test_however_fast_the_keys_come_each_pair_gets_one_answer(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    seen, wanted = [], []
    for name, key in zip(["a_much", "a", "tie", "b", "b_much", "both_bad", "skip", "flag"],
                         "123450 F", strict=True):  # fmt: skip
        assert pane.item is not None
        seen.append((pane.item.comparison.id, side_of(pane._settings.reviewer, pane.item.comparison.id)))
        wanted.append(name)
        QTest.keyClicks(pane.pair.left, key)
    made = reviews(qtbot, pane, folder)
    swapped = {"a_much": "b_much", "a": "b", "b": "a", "b_much": "a_much"}
    expected = [swapped.get(name, name) if side == "ba" else name for name, (_, side) in zip(wanted, seen, strict=True)]
    assert [(one.comparison_id, one.decision) for one in made] == [
        (name, decision) for (name, _), decision in zip(seen, expected, strict=True)
    ]


def test_a_key_held_down_answers_once(pane: ReviewPane) -> None:
    assert all(not shortcut.autoRepeat() for shortcut in pane.answers._shortcuts.values())
    for kind, time in ((QEvent.Type.KeyRelease, 5000), (QEvent.Type.ShortcutOverride, 5000)):
        event = QKeyEvent(kind, Qt.Key.Key_2, Qt.KeyboardModifier.NoModifier, "2")
        event.setTimestamp(time)
        QApplication.sendEvent(pane.pair.left, event)
    pane.answers._shortcuts["a"].activated.emit()
    assert pane._course.given == []
    later = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_2, Qt.KeyboardModifier.NoModifier, "2")
    later.setTimestamp(5040)
    QApplication.sendEvent(pane.pair.left, later)
    pane.answers._shortcuts["a"].activated.emit()
    assert len(pane._course.given) == 1


def test_undo_supersedes_and_shows_the_pair_again(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    first, told = pane.item, list[Facts]()
    pane.inspect.connect(told.append)
    pane.note.setText("Both say little.")
    press(pane, Qt.Key.Key_3, Qt.Key.Key_Backspace)
    assert pane.item is first
    assert pane.note.text() == "Both say little."  # what was typed is not lost with the answer
    assert ["Your review" in dict(facts.lines) for facts in told] == [True, False]
    tie, taken_back = reviews(qtbot, pane, folder)
    assert (tie.decision, taken_back.decision, taken_back.supersedes) == ("tie", "withdrawn", tie.id)
    press(pane, Qt.Key.Key_3)
    made = reviews(qtbot, pane, folder)
    assert [one.decision for one in standing_reviews(made)] == ["tie"]
    assert made[-1].blind


def test_answers_are_taken_back_one_by_one_also_by_who_comes_back(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    take(qtbot, pane, "uncertain")
    press(pane, Qt.Key.Key_2, Qt.Key.Key_4)
    press(pane, Qt.Key.Key_C)
    press(pane, Qt.Key.Key_3, Qt.Key.Key_Backspace)  # another answer on the second, and back to the one before
    before = [one.decision for one in standing_reviews(reviews(qtbot, pane, folder))]
    pane.begin()
    assert pane._session.settle()
    assert [one.review.decision for one in pane._course.given] == before
    assert [one.isVisible() for one in pane.strip.recent[:3]] == [True, True, False]
    pane.strip.recent[0].click()
    qtbot.waitUntil(lambda: pane.item is not None)
    pane.pair.left.setFocus()
    press(pane, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: pane.item is not None)
    press(pane, Qt.Key.Key_Backspace)
    assert standing_reviews(reviews(qtbot, pane, folder)) == []
    assert pane._course.given == []
    for key in (Qt.Key.Key_2, Qt.Key.Key_C, Qt.Key.Key_3, Qt.Key.Key_Backspace, Qt.Key.Key_Backspace):
        press(pane, key)
    assert standing_reviews(reviews(qtbot, pane, folder)) == []


def test_other_queues_reveal_and_a_change_is_marked(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    take(qtbot, pane, "uncertain")
    first = pane.item
    assert first is not None
    assert not pane.pair.label_words.isVisible()
    press(pane, Qt.Key.Key_2)
    assert "AI: P(A)" in pane.strip.text
    assert "kindness" in pane.strip.text
    assert ("agree" in pane.strip.text) == (first.label is not None)
    press(pane, Qt.Key.Key_C)
    assert pane.item is first
    assert "after reveal" in pane.pair.hint.text()
    press(pane, Qt.Key.Key_4)
    before, after = reviews(qtbot, pane, folder)
    assert (before.blind, before.after_reveal) == (True, False)
    assert (after.blind, after.after_reveal, after.supersedes) == (False, True, before.id)
    press(pane, Qt.Key.Key_Backspace, Qt.Key.Key_2)
    assert [one.decision for one in standing_reviews(reviews(qtbot, pane, folder))] == [before.decision]


def test_what_was_seen_is_never_blind_again(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    take(qtbot, pane, "uncertain")
    press(pane, Qt.Key.Key_2, Qt.Key.Key_Backspace, Qt.Key.Key_4)
    assert [one.blind for one in reviews(qtbot, pane, folder)][-1] is False
    pane.blind.setChecked(False)
    assert "AI: P(A)" in pane.pair.label_words.text()
    press(pane, Qt.Key.Key_2)
    made = reviews(qtbot, pane, folder)[-1]
    assert (made.blind, made.after_reveal) == (False, False)


def test_the_last_ten_bring_a_pair_back(qtbot: QtBot, pane: ReviewPane) -> None:
    first = pane.item
    press(pane, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)
    assert [one.isVisible() for one in pane.strip.recent].count(True) == 3
    pane.strip.recent[2].click()
    assert pane.item is first
    press(pane, Qt.Key.Key_Return)
    assert pane.item is not first


def test_going_on_after_an_answer_has_a_button_with_its_key(qtbot: QtBot, pane: ReviewPane) -> None:
    pane._settings.change(review_waits=True)
    take(qtbot, pane, "uncertain")
    assert not pane.strip.next_button.isVisible()
    before = pane.item
    press(pane, Qt.Key.Key_2)
    assert pane.item is before
    assert pane.strip.next_button.isVisible()
    assert pane.strip.next_button.text() == "Next [⏎]"
    pane.strip.next_button.click()
    assert pane.item is not before
    assert not pane.strip.next_button.isVisible()
    pane.strip.show_keys(ReviewKeys({"next": "X"}))
    assert pane.strip.next_button.text() == "Next [X]"


def test_the_review_waits_where_it_is_told_to(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    pane._settings.change(review_waits=True)
    take(qtbot, pane, "uncertain")
    first = pane.item
    press(pane, Qt.Key.Key_2, Qt.Key.Key_2, Qt.Key.Key_4)
    assert pane.item is first
    assert "AI: P(A)" in pane.pair.label_words.text()
    press(pane, Qt.Key.Key_Return)
    assert pane.item is not first
    assert len(reviews(qtbot, pane, folder)) == 1


def test_a_note_is_typed_without_answering_and_kept_with_the_answer(
    qtbot: QtBot, pane: ReviewPane, folder: Path
) -> None:
    press(pane, Qt.Key.Key_N)
    QTest.keyClicks(pane.note, "about 2 facts")
    assert reviews(qtbot, pane, folder) == []
    QTest.keyClick(pane.note, Qt.Key.Key_Return)
    press(pane, Qt.Key.Key_F)
    assert [(one.decision, one.reason) for one in reviews(qtbot, pane, folder)] == [("flag", "about 2 facts")]
    pane.note.setFocus()
    pane.answers._shortcuts["next"].activated.emit()
    assert pane.pair.left.hasFocus()
    assert pane.note.text() == ""


def test_keys_are_chosen_and_stand_on_the_buttons(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    sheet = KeysSheet(pane._settings, pane)
    sheet.open()
    assert sheet.focusWidget() is sheet.name
    sheet.name.setText("Ada")
    for name, key in (("a", Qt.Key.Key_J), ("b", Qt.Key.Key_3)):
        QTest.keyClick(sheet.edits[name], key)
    for key, held in (
        (Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F4, Qt.KeyboardModifier.NoModifier),
    ):
        QTest.keyClick(sheet.edits["skip"], key, held)
        assert "something else in this window" in sheet.wrong.text()
        assert sheet.edits["skip"].keySequence().toString() == "Space"
    QTest.keyClick(sheet.edits["tie"], Qt.Key.Key_4)
    assert sheet.wrong.isHidden()
    sheet.edits["skip"].clear()
    sheet.edits["skip"].editingFinished.emit()
    assert [sheet.edits[name].keySequence().toString() for name in ("a", "tie", "skip")] == ["J", "4", "Space"]
    sheet.accept()
    pane.window().activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    pane.take_keys()
    assert pane.answers.buttons["a"].text() == "A better [J]"
    assert pane.answers.buttons["tie"].text() == "Tie [4]"
    pane.begin()
    qtbot.waitUntil(lambda: pane._course.reviewer == "Ada" and pane.item is not None, timeout=30_000)
    press(pane, Qt.Key.Key_2)
    press(pane, Qt.Key.Key_J, Qt.Key.Key_4)
    assert [(one.reviewer, one.decision.removesuffix("_much") in "ab") for one in reviews(qtbot, pane, folder)] == [
        ("Ada", True), ("Ada", False),
    ]  # fmt: skip


def test_escape_in_a_field_of_the_keys_closes_the_sheet(pane: ReviewPane) -> None:
    sheet = KeysSheet(pane._settings, pane)
    sheet.open()
    QTest.keyClick(sheet.edits["a"], Qt.Key.Key_X)
    QTest.keyClick(sheet.edits["a"], Qt.Key.Key_Escape)
    assert not sheet.isVisible()
    assert ReviewKeys(pane._settings.now.review_keys).of("a") == "2"


def test_a_key_that_is_taken_changes_places() -> None:
    keys = ReviewKeys({}).changed("tie", "1")
    assert (keys.of("tie"), keys.of("a_much")) == ("1", "3")
    assert keys.changed("tie", "3").chosen == {}


def test_the_rule_and_the_guidelines_are_the_projects(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    assert "better 0.75" in pane.rule_words.text()
    assert pane._rule is not None
    rule = RuleSheet(pane._rule, pane._change_rule, pane)
    rule.values["better"].setValue(0.99)
    rule.accept()
    assert "0.5 ≤ better" in rule.wrong.text()
    rule.values["better"].setValue(0.8)
    rule.accept()
    assert "better 0.8" in pane.rule_words.text()
    text = GuidelinesSheet("", pane._write_guidelines, pane)
    text.open()
    QTest.keyClicks(text.focusWidget(), "Read both.")
    text.accept()
    pane.window().activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    pane.begin()
    qtbot.waitUntil(lambda: bool(pane.item and pane._course.queue and pane._course.queue.guidelines), timeout=30_000)
    press(pane, Qt.Key.Key_2)
    assert reviews(qtbot, pane, folder)[-1].guidelines.startswith("guidelines-")


def test_without_a_sample_one_is_drawn_here(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    labelled(tmp_path / "fresh", [0.7] * 4).close()
    window = open_window(tmp_path / "fresh")
    window.show_page("preferences")
    page = window.page
    assert isinstance(page, PreferencesPage)
    qtbot.waitUntil(page.review.card.isVisible, timeout=30_000)
    page.review.card.button.click()
    qtbot.waitUntil(lambda: page.review.item is not None, timeout=30_000)
    with Project.read(tmp_path / "fresh") as found:
        assert sample_named(found.store).size == 4


def test_ten_pairs_are_reviewed_and_one_is_taken_back(qtbot: QtBot, pane: ReviewPane, folder: Path) -> None:
    for key in "24315":
        QTest.keyClicks(pane.pair.left, key)
    QTest.keyClick(pane.pair.left, Qt.Key.Key_Backspace)
    for key in "503124":
        QTest.keyClicks(pane.pair.left, key)
    qtbot.waitUntil(pane.card.isVisible, timeout=30_000)
    made = reviews(qtbot, pane, folder)
    assert len(made) == 12
    assert [one.decision for one in made].count("withdrawn") == 1
    assert len({one.comparison_id for one in standing_reviews(made)}) == 10
    assert "10 of 10" in pane.progress.text()
    pane.card.button.click()
    page = pane.window().findChild(PreferencesPage)
    assert page is not None
    assert page.tabs.currentWidget() is page.quality
    qtbot.waitUntil(lambda: "Sample of 10" in page.quality.sample.text(), timeout=30_000)


def test_a_queue_that_is_read_in_parts_goes_on_by_itself(
    qtbot: QtBot, pane: ReviewPane, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviewing, "MOST_OPEN", 2)
    take(qtbot, pane, "uncertain")
    assert pane.progress.text() == "0 of the first 2"
    for _ in range(4):
        qtbot.waitUntil(lambda: pane.item is not None, timeout=30_000)
        press(pane, Qt.Key.Key_2)
    qtbot.waitUntil(pane.card.isVisible, timeout=30_000)
    assert pane.progress.text() == "4 of 4"
    assert len(reviews(qtbot, pane, folder)) == 4
