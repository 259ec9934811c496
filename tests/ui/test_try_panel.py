"""A principle tried from the page Constitution, by a scripted model in a process of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.test_constitution_page import TEXT
from ui.main_window import MainWindow
from ui.pages.constitution import ConstitutionPage
from ui.widgets.inspector import Facts
from workbench.interchange.constitution_yaml import read
from workbench.project import Project
from workbench.records.comparison import Comparison
from workbench.records.prompt import prompt_of
from workbench.runs.mailbox import Mailbox

Open = Callable[[Path], MainWindow]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with Project.create(tmp_path / "project", read(TEXT), TEXT) as project:
        project.import_prompts([prompt_of("What should I say to Tom?")])
    yield tmp_path / "project"
    Mailbox(tmp_path / "project").dismiss()


@pytest.fixture
def page(qtbot: QtBot, open_window: Open, folder: Path) -> ConstitutionPage:
    window = open_window(folder)
    window.show_page("constitution")
    found = window.page
    assert isinstance(found, ConstitutionPage)
    qtbot.waitUntil(lambda: found.list.list.count() == 2, timeout=30_000)
    found.trying.response.setEditText("scripted")
    return found


def done(qtbot: QtBot, page: ConstitutionPage) -> None:
    qtbot.waitUntil(lambda: page.trying.word.text().startswith("Done"), timeout=60_000)


def test_an_edit_is_tried_beside_the_committed_wording_before_it_is_even_saved(
    qtbot: QtBot, page: ConstitutionPage
) -> None:
    page.list.choose("kind")
    page.trying.prompt.setText("How do I greet him?")
    facts: list[Facts] = []
    page.inspect.connect(facts.append)
    wording = page.editor.wordings["revision_request"].text
    wording.setFocus()
    wording.selectAll()
    QTest.keyClicks(wording, "Be gentle.")
    QTest.keyClick(wording, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    done(qtbot, page)
    texts, headings = page.trying.result.texts, page.trying.result.headings
    assert headings["committed"].text() == "As committed"
    assert all(view.whole for view in texts.values())
    assert all(texts[part].isVisible() for part in ("committed/revision", "draft/revision"))
    assert texts["draft/critique"].geometry().bottom() < texts["draft/revision"].geometry().top()
    assert min(view.height() for view in texts.values()) > 4 * wording.fontMetrics().lineSpacing()
    sent = dict(facts[-1].lines)
    assert next(text for name, text in sent.items() if name.startswith("As edited: Revision")).endswith(
        "RevisionRequest: Be gentle.\n\nRevision:"
    )
    assert wording.toPlainText() == "Be gentle."


def test_two_wordings_get_room_unless_a_person_parted_the_page_and_what_is_typed_in_stays_in_view(
    qtbot: QtBot, page: ConstitutionPage
) -> None:
    question = page.editor.wordings["comparison_question"].text
    question.setFocus()
    page.trying.compares.emit()
    assert page.below.height() > page._down.height() / 2
    qtbot.waitUntil(lambda: question.visibleRegion().boundingRect().height() == question.height())
    page._down.moveSplitter(page._down.height() - 260, 1)
    before = page._down.sizes()
    page.trying.compares.emit()
    assert page._down.sizes() == before


def test_the_same_prompt_begins_from_the_same_response_and_another_draw_does_not(
    qtbot: QtBot, page: ConstitutionPage
) -> None:
    panel = page.trying
    heading = panel.result.headings["committed"]
    assert heading.text() == "As it stands"
    panel.prompt.setText("How do I greet him?")
    before = panel.go.geometry()
    panel.go.click()
    QTest.qWait(1)  # for the layout
    assert panel.stop.isVisible()
    assert panel.go.geometry() == before  # a second click meets no other button
    done(qtbot, page)
    assert heading.text() == "As it stands: neither request was edited"
    first, revision = panel.result.initial.whole, panel.result.texts["committed/revision"].whole
    assert not panel.result.texts["draft/revision"].isVisible()
    critique, revised = (panel.result.texts[f"committed/{step}"] for step in ("critique", "revision"))
    assert critique.geometry().right() < revised.geometry().left()  # in a row, each as high as there is room
    panel.go.click()
    assert panel.result.initial.whole == first
    done(qtbot, page)
    assert panel.result.texts["committed/revision"].whole == revision
    panel.redraw.click()
    done(qtbot, page)
    assert panel.result.initial.whole != first


def test_without_a_prompt_one_of_the_project_is_taken_and_changes_can_be_marked_or_not(
    qtbot: QtBot, page: ConstitutionPage
) -> None:
    panel = page.trying
    QTest.keyClick(panel.prompt, Qt.Key.Key_Return)
    done(qtbot, page)
    assert panel.prompt.text() == "What should I say to Tom?"
    revision = panel.result.texts["committed/revision"]
    marked = revision.toPlainText()
    panel.marks.click()
    assert revision.toPlainText() == revision.whole != marked
    window = page.window()
    assert isinstance(window, MainWindow)
    window.settings.change(cover=True)
    panel.go.click()
    done(qtbot, page)
    assert panel.cover.covered
    assert not revision.isVisible()
    assert "(covered)" in window.inspector.text
    panel.cover.reveal()
    assert revision.isVisible()
    assert "(covered)" not in window.inspector.text
    panel.prompt.setText("What is a tree?")  # which nobody imported as a red-team prompt
    panel.go.click()
    done(qtbot, page)
    assert revision.isVisible()


def test_what_was_remarked_on_a_trial_stands_to_its_end_and_goes_with_the_next(
    qtbot: QtBot, page: ConstitutionPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "they take about 1,300 tokens, and small holds 1,024 with its answer"
    monkeypatch.setattr("workbench.project.requesting.crowding", lambda *_: words)
    panel = page.trying
    panel.prompt.setText("How do I greet him?")
    panel.go.click()
    done(qtbot, page)
    remark = f"The constitution's 0 examples are left out: {words}."
    assert f"! {remark}" in panel.word.text()
    assert panel.word.property("part") == "warning"
    monkeypatch.setattr("workbench.project.requesting.crowding", lambda *_: "")
    panel.redraw.click()
    done(qtbot, page)
    assert remark not in panel.word.text()
    assert panel.word.property("part") == "muted"


def test_what_cannot_be_tried_is_said_in_place(qtbot: QtBot, page: ConstitutionPage) -> None:
    page.list.choose("kind")
    page.editor.wordings["revision_request"].text.setPlainText("")
    page.trying.prompt.setText("How do I greet him?")
    page.trying.go.click()
    qtbot.waitUntil(lambda: page.trying.word.text().startswith("✕"), timeout=60_000)
    assert "no revision request in the draft wording" in page.trying.word.text()
    assert page.trying.redraw.isVisible()


def test_what_would_change_tells_the_cost_first_and_labels_in_the_background(
    qtbot: QtBot, page: ConstitutionPage, folder: Path
) -> None:
    panel = page.changing
    panel.model = "scripted"
    page.list.choose("kind")
    page.below.setCurrentWidget(panel)
    qtbot.waitUntil(lambda: panel.word.text().startswith("No label would change"), timeout=30_000)
    assert not panel.go.isEnabled()
    prompt = prompt_of("What should I say to Tom?")
    pairs = [Comparison(f"c{place:02}", prompt.id, "one", "two") for place in range(25)]
    page._session.ask("Importing", lambda project: project.import_records([prompt], pairs))
    page.editor.wordings["comparison_question"].text.setPlainText("Which is gentler?")
    panel.sample.setValue(20)
    qtbot.waitUntil(panel.go.isEnabled, timeout=30_000)
    assert panel.word.text().startswith("20 comparisons, 0 of them reviewed: 80 calls")
    assert panel.review.isVisible()
    panel.go.click()
    qtbot.waitUntil(lambda: panel.rows.rowCount() == 20, timeout=60_000)
    assert panel.word.text().startswith("0 of 20 labels flip")
    facts: list[Facts] = []
    page.inspect.connect(facts.append)
    panel.table.clicked.emit(panel.rows.index(0, 0))
    assert "Which is gentler?" in dict(facts[-1].lines)["Asked as edited"]
    assert "review some, and label the sample again" in panel.word.text()
    asked: list[tuple[str, str]] = []
    page.wants_row.connect(lambda *what: asked.append(what))
    panel.review.click()
    assert asked == [("preferences", "principle kind")]
    panel.go.click()
    assert panel.going
    page._session.close()
    with qtbot.waitSignal(page._session.opened, timeout=60_000):
        page._session.open(folder)
    assert not panel.going, "what was asked of a project ends with it"
    assert panel.stop.isHidden()
    assert panel.rows.rowCount() == 0


def test_a_project_without_prompts_takes_none_in_the_place_of_one_that_was_written(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    Project.create(tmp_path / "bare", read(TEXT), TEXT).close()
    window = open_window(tmp_path / "bare")
    window.show_page("constitution")
    page = window.page
    assert isinstance(page, ConstitutionPage)
    page.trying.prompt.setText("How do I greet him?")
    page.trying.another.click()
    qtbot.waitUntil(lambda: page.trying.word.text().startswith("✕ There is no prompt yet"), timeout=30_000)
    assert page.trying.prompt.text() == "How do I greet him?"


def test_what_is_written_is_read_from_its_beginning(qtbot: QtBot, page: ConstitutionPage) -> None:
    page.trying.result.show_wordings(["committed"])
    view = page.trying.result.texts["committed/revision"]
    page.trying.result.finish("initial", "A response of other words. " * 10, "", "", True)
    for words in (20, 40):  # as it is written
        page.trying.result.grow("committed/revision", "Many words, and more of them. " * words)
        QTest.qWait(1)
    page.trying.result.finish("committed/revision", "Many words, and more of them. " * 40, "", "", True)
    QTest.qWait(1)
    assert view.verticalScrollBar().maximum() > 0
    assert view.verticalScrollBar().value() == 0
