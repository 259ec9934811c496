import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidgetItem
from pytestqt.qtbot import QtBot

from tests.workbench.project.projects import append, ended
from ui.main_window import MainWindow
from ui.pages.constitution import ConstitutionPage
from workbench.interchange.constitution_yaml import read
from workbench.project import Project
from workbench.records.chain import Step
from workbench.records.prompt import Prompt, prompt_of

Open = Callable[[Path], MainWindow]
TEXT = """\
# Ours, with remarks.
name: small
principles:
  # About manners.
  - id: kind
    title: Be kind
    tags: [manners]
    critique_request: Is it unkind?
    revision_request: Be kind.
    comparison_question: Which is kinder?
  - id: honest
    critique_request: Is it untrue?
    revision_request: Be true.  # short
    comparison_question: Which is more honest?
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Project.create(tmp_path / "project", read(TEXT), TEXT).close()
    return tmp_path / "project"


@pytest.fixture
def page(qtbot: QtBot, open_window: Open, folder: Path) -> ConstitutionPage:
    return shown(qtbot, open_window(folder))


def shown(qtbot: QtBot, window: MainWindow) -> ConstitutionPage:
    """Show the page, and return it when both principles are there."""
    window.show_page("constitution")
    found = window.page
    assert isinstance(found, ConstitutionPage)
    qtbot.waitUntil(lambda: found.state is not None and found.list.list.count() == 2, timeout=30_000)
    return found


def draft(folder: Path) -> str:
    with Project.read(folder) as project:
        return project.draft


def saved(qtbot: QtBot, page: ConstitutionPage) -> None:
    qtbot.waitUntil(lambda: page.saved.text() == "saved", timeout=30_000)


def test_what_is_typed_into_a_wording_reaches_the_draft_and_comments_stay(
    qtbot: QtBot, page: ConstitutionPage, folder: Path
) -> None:
    page.list.choose("honest")
    wording = page.editor.wordings["revision_request"].text
    wording.setFocus()
    wording.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(wording, " And brief.")
    assert page.saved.text() == "saving…"
    saved(qtbot, page)
    assert draft(folder) == TEXT.replace("Be true.", "Be true. And brief.")
    assert wording.textCursor().position() == len("Be true. And brief.")
    assert page.edits.text() == "draft, 1 edit"
    assert "edited" in page.list.list.item(1).text()


def test_what_is_typed_last_stays_with_its_project(
    qtbot: QtBot, page: ConstitutionPage, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    Project.create(other, read(TEXT), TEXT).close()
    page.list.choose("honest")
    wording = page.editor.wordings["revision_request"].text
    wording.setFocus()
    wording.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(wording, " And brief.")
    window = page.window()
    assert isinstance(window, MainWindow)
    with qtbot.waitSignal(window.session.opened, timeout=60_000):
        window.open_project(other)
    shown(qtbot, window)
    assert draft(folder) == TEXT.replace("Be true.", "Be true. And brief.")
    page.list.choose("honest")
    assert wording.toPlainText() == "Be true."
    wording.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(wording, " Truly.")
    saved(qtbot, page)
    assert draft(other) == TEXT.replace("Be true.", "Be true. Truly.")


def test_typing_in_one_principle_and_going_to_another_saves_each_to_its_own(
    qtbot: QtBot, page: ConstitutionPage, folder: Path
) -> None:
    for name in ("kind", "honest", "kind", "honest"):
        page.list.choose(name)
        QTest.keyClicks(page.editor.wordings["critique_request"].text, f"({name})")
        page.editor.title.end(False)
        QTest.keyClicks(page.editor.title, name[0])
    saved(qtbot, page)
    kind, honest = read(draft(folder)).principles
    assert (kind.title, honest.title) == ("Be kindkk", "hh")
    assert kind.critique_request.count("(kind)") == honest.critique_request.count("(honest)") == 2
    assert "honest" not in kind.critique_request


def test_switching_weighing_tagging_and_moving(qtbot: QtBot, page: ConstitutionPage, folder: Path) -> None:
    page.list.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    page.editor.weight.setValue(2.5)
    assert page.editor.tags.cursorPosition() == 0, "it is read from its beginning"
    page.editor.tags.setFocus()
    QTest.keyClick(page.editor.tags, Qt.Key.Key_End)
    QTest.keyClicks(page.editor.tags, ", respect")
    saved(qtbot, page)
    page.list.choose("kind")
    QTest.keyClick(page.list.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: page.list.list.item(1).text().startswith("Be kind"), timeout=30_000)
    saved(qtbot, page)
    honest, kind = read(draft(folder)).principles
    assert (honest.id, kind.id, kind.enabled, kind.weight, kind.tags) == (
        "honest", "kind", False, 2.5, ("manners", "respect"),
    )  # fmt: skip
    assert draft(folder).index("# About manners.") > draft(folder).index("honest")
    assert page.list.current == "kind"


def test_dragging_a_principle_moves_it(qtbot: QtBot, page: ConstitutionPage, folder: Path) -> None:
    model = page.list.list.model()
    assert model.moveRow(page.list.list.rootIndex(), 1, page.list.list.rootIndex(), 0)
    saved(qtbot, page)
    assert [one.id for one in read(draft(folder)).principles] == ["honest", "kind"]


def test_adding_and_removing(qtbot: QtBot, page: ConstitutionPage, folder: Path) -> None:
    page.list.filter.setText("untrue")
    page.list.new.click()
    qtbot.waitUntil(lambda: page.list.current == "principle-1", timeout=30_000)
    assert not page.list.list.isRowHidden(page.list.list.currentRow())
    assert "no wording" in page.editor._general.text()
    page.list.remove.click()
    qtbot.waitUntil(lambda: page.list.list.count() == 2, timeout=30_000)
    assert draft(folder) == TEXT
    assert page.list.current == "honest"  # the nearest one
    told: list[str] = []
    page.told.connect(told.append)
    page.list.remove.click()
    qtbot.waitUntil(lambda: not page.list.remove.isEnabled(), timeout=30_000)
    assert "add another first" in page.list.remove.toolTip()
    with qtbot.waitSignal(page.keeper._session.failed):
        page.list.wants_removed.emit("kind")
    saved(qtbot, page)
    assert told == ["“honest” is out of the draft; Ctrl+Z brings it back."], "what was refused is not told as done"


def test_the_filter_narrows_by_words_and_by_tag(page: ConstitutionPage) -> None:
    page.list.filter.setText("untrue")
    assert [page.list.list.isRowHidden(row) for row in range(2)] == [True, False]
    page.list.filter.clear()
    page.list.tag.setCurrentIndex(page.list.tag.findData("manners"))
    assert [page.list.list.isRowHidden(row) for row in range(2)] == [False, True]


@pytest.mark.parametrize("words", ["kind", "be KIND", "manner", "unkind?", "Be kind.", "which is kinder"])
def test_the_filter_finds_a_principle_by_whatever_was_written_of_it(page: ConstitutionPage, words: str) -> None:
    page.list.filter.setText(words)
    assert [page.list.list.isRowHidden(row) for row in range(2)] == [False, True]


def test_doubtful_wordings_are_marked_where_they_stand(qtbot: QtBot, page: ConstitutionPage) -> None:
    page.list.choose("kind")
    editor = page.editor.wordings["critique_request"]
    editor.text.setPlainText("Is {respnse} unkind?")
    qtbot.waitUntil(lambda: "{respnse}" in editor.findings, timeout=30_000)
    assert editor.findings.startswith("! ")
    assert page.list.list.item(0).text().startswith("! ")
    block = editor.text.document().firstBlock()
    marked = [text.start for text in block.layout().formats()]
    assert marked == [3]


def test_the_file_itself_can_be_edited_and_a_mistake_is_told_with_its_line(
    qtbot: QtBot, page: ConstitutionPage, folder: Path
) -> None:
    page.tabs.setCurrentWidget(page.yaml)
    text = TEXT.replace("title: Be kind", "title: [Be kind")
    page.yaml.text.setPlainText(text)
    qtbot.waitUntil(lambda: "line" in page.yaml.problem.text(), timeout=30_000)
    (marked,) = page.yaml.text.extraSelections()
    assert f"line {marked.cursor.blockNumber() + 1}:" in page.yaml.problem.text()
    assert page.edits.text() == "draft, cannot be read"
    assert draft(folder) == text  # kept, though nobody can read it yet
    assert not page.commit.isEnabled()
    assert not page.editor.isEnabled()
    page.yaml.text.setPlainText(TEXT.replace("Be kind\n", "Be very kind\n"))
    qtbot.waitUntil(page.commit.isEnabled, timeout=30_000)
    assert page.yaml.text.extraSelections() == []
    assert page.list.list.item(0).text().startswith("Be very kind")


def test_committing_with_a_line_and_comparing_with_what_was(qtbot: QtBot, page: ConstitutionPage, folder: Path) -> None:
    page.list.choose("kind")
    page.editor.wordings["comparison_question"].text.setPlainText("Which is gentler?")
    page.message.setText("Gentler words")
    qtbot.waitUntil(page.commit.isEnabled, timeout=30_000)
    page.commit.click()
    qtbot.waitUntil(lambda: page.versions.after.count() == 3, timeout=30_000)
    with Project.read(folder) as project:
        assert project.constitution.message == "Gentler words"
        assert project.constitution.constitution.principles[0].comparison_question == "Which is gentler?"
    page.versions.before.setCurrentIndex(2)
    page.versions.after.setCurrentIndex(1)
    assert page.versions.view.toPlainText() == (
        "Principles: 1 changed\n\nBe kind (kind)\ncomparison question: Which is kindergentler?\n"
    )
    assert page.edits.text() == "as committed"


def test_return_in_the_line_commits_what_was_typed_the_moment_before(
    qtbot: QtBot, page: ConstitutionPage, folder: Path
) -> None:
    told: list[str] = []
    page.told.connect(told.append)
    page.message.setFocus()
    QTest.keyClick(page.message, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: told == ["There is nothing to commit."], timeout=30_000)
    page.list.choose("kind")
    wording = page.editor.wordings["comparison_question"].text
    wording.selectAll()
    QTest.keyClicks(wording, "Which is gentler?")
    QTest.keyClicks(page.message, "Gentler")
    assert not page.commit.isEnabled()  # the edit is not saved yet
    for _ in range(2):  # a key that is held down, or pressed by somebody impatient
        QTest.keyClick(page.message, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.versions.after.count() == 3, timeout=30_000)
    qtbot.waitUntil(lambda: page.edits.text() == "as committed", timeout=30_000)
    with Project.read(folder) as project:
        assert project.constitution.message == "Gentler"
        assert project.constitution.constitution.principles[0].comparison_question == "Which is gentler?"
    assert [one.split(" as ")[0] for one in told] == ["There is nothing to commit.", "Committed"]
    assert page.message.text() == ""


def test_a_draft_changed_by_a_command_is_seen_when_the_page_is_shown_again(
    qtbot: QtBot, page: ConstitutionPage, folder: Path, open_window: Open
) -> None:
    before = page.list.list.count()
    (folder / "constitution.yaml").write_text(TEXT.replace("Be kind\n", "Be patient\n"))
    page.refresh()
    qtbot.waitUntil(lambda: page.list.list.item(0).text().startswith("Be patient"), timeout=30_000)
    assert page.list.list.count() == before
    assert page.edits.text() != "as committed"
    assert (folder / "constitution.yaml").read_text().count("Be patient") == 1  # read, and not written over


def test_what_principles_did_stands_in_the_list_and_in_a_table_that_leads_to_them(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with Project.create(tmp_path / "p", read(TEXT), TEXT) as project:
        project.import_prompts([prompt_of("What now?")])
        run = project.make_run("chains", {"rounds": "1", "response": "scripted"})
        step = Step("c-0", "c", next(run.inputs(Prompt)).id, 0, 0, "initial", "Go away.")
        revised = dataclasses.replace(
            step, id="c-1", index=1, round=1, kind="revision", text="Go.", principle_id="honest"
        )
        append(run, [step, revised])
        ended(run)
    window = open_window(tmp_path / "p")
    window.show_page("constitution")
    page = window.page
    assert isinstance(page, ConstitutionPage)
    qtbot.waitUntil(lambda: "drawn 1" in (page.list.list.item(1) or QListWidgetItem()).text(), timeout=30_000)
    page.below.setCurrentWidget(page.coverage)
    table = page.coverage.table
    titles = table.horizontalHeader()
    assert titles.sectionSize(0) > 30 * titles.fontMetrics().averageCharWidth()  # room for a principle's title
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert [table.model().index(0, column).data() for column in (0, 1, 3)] == ["honest", 1, "0%"]
    table.clicked.emit(table.model().index(0, 0))
    assert page.list.current == "honest"


def test_edits_moves_and_removals_are_undone_and_redone(qtbot: QtBot, page: ConstitutionPage, folder: Path) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    undo, redo = window.actions_["undo"], window.actions_["redo"]
    assert not undo.isEnabled()
    page.list.choose("kind")
    page.editor.title.setFocus()
    page.editor.title.end(False)
    QTest.keyClicks(page.editor.title, "!")
    saved(qtbot, page)
    assert undo.text() == "Undo: edit the title of “Be kind”"
    page.list.remove.click()
    qtbot.waitUntil(lambda: page.list.list.count() == 1, timeout=30_000)
    assert undo.text() == "Undo: remove “Be kind!”"
    page.list.list.setFocus()
    QTest.keyClick(page.list.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.list.list.count() == 2, timeout=30_000)
    assert "Be kind!" in draft(folder)
    assert redo.text() == "Redo: remove “Be kind!”"
    # In a field, too, and one that has the keyboard shows what the draft says now.
    page.list.choose("kind")
    page.editor.title.setFocus()
    QTest.keyClick(page.editor.title, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: draft(folder) == TEXT, timeout=30_000)
    qtbot.waitUntil(lambda: page.editor.title.text() == "Be kind", timeout=30_000)
    redo.trigger()
    qtbot.waitUntil(lambda: redo.text() == "Redo: remove “Be kind!”", timeout=30_000)
    redo.trigger()
    qtbot.waitUntil(lambda: page.list.list.count() == 1, timeout=30_000)
    saved(qtbot, page)
    assert not redo.isEnabled()


def test_a_field_with_an_undo_of_its_own_goes_first(page: ConstitutionPage) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    undo = window.actions_["undo"]
    page.message.setFocus()
    QTest.keyClicks(page.message, "Why")
    window.undoing.refresh()  # as the menu does before it is shown
    assert undo.text() == "Undo: typing"
    undo.trigger()
    assert page.message.text() == ""
    assert not undo.isEnabled()
    assert undo.toolTip() == "There is nothing to undo here."


def test_what_is_typed_on_without_a_pause_is_one_step(
    qtbot: QtBot, page: ConstitutionPage, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.draft_keeper._ONE_STEP", 600.0)  # however slow the machine is
    page.list.choose("kind")
    wording = page.editor.wordings["critique_request"].text
    wording.setFocus()
    for word in (" Really?", " Truly?"):
        wording.moveCursor(QTextCursor.MoveOperation.End)
        QTest.keyClicks(wording, word)
        page.keeper.flush()
        qtbot.waitUntil(lambda word=word: word.strip() in draft(folder), timeout=30_000)  # type: ignore[misc]
    saved(qtbot, page)
    page.list.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    saved(qtbot, page)
    assert page.history.undo_name == "disable “Be kind”"
    QTest.keyClick(wording, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.history.undo_name.startswith("edit the critique"), timeout=30_000)
    QTest.keyClick(wording, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: draft(folder) == TEXT, timeout=30_000)
    qtbot.waitUntil(lambda: wording.toPlainText() == "Is it unkind?", timeout=30_000)


def test_looking_at_everything_is_no_edit(qtbot: QtBot, page: ConstitutionPage, folder: Path) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    said: list[str] = []
    page.keeper.told.connect(said.append)
    for tabs in (page.tabs, page.below):
        for place in range(tabs.count()):
            tabs.setCurrentIndex(place)
            for principle in ("honest", "kind"):
                page.list.choose(principle)
            window.session.settle()
    window.theme.choose("dark")
    window.theme.choose("light")
    window.show_page("chains")
    window.show_page("constitution")
    window.session.settle()
    qtbot.wait(500)  # longer than typing waits to be saved
    assert (said, page.history.undo_name, draft(folder)) == ([], "", TEXT)
