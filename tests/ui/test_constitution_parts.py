"""What else the page of a constitution has: files in and out, examples, findings, moves under a filter, uses of versions."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from tests.ui.test_constitution_page import TEXT, Open, draft, saved, shown
from ui.pages.constitution import ConstitutionPage
from workbench.interchange.constitution_yaml import read
from workbench.project import Project
from workbench.records.prompt import prompt_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Project.create(tmp_path / "project", read(TEXT), TEXT).close()
    return tmp_path / "project"


@pytest.fixture
def page(qtbot: QtBot, open_window: Open, folder: Path) -> ConstitutionPage:
    return shown(qtbot, open_window(folder))


def test_a_file_comes_into_the_draft_and_the_draft_or_the_version_goes_out(
    qtbot: QtBot, page: ConstitutionPage, folder: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    told: list[str] = []
    page.told.connect(told.append)
    other.write_text(TEXT.replace("small", "other").replace("Be kind", "Be gentle"))
    page.file.bring_in(str(other))
    qtbot.waitUntil(lambda: page.list.list.item(0).text().startswith("Be gentle"), timeout=30_000)
    page.file.write_out(str(tmp_path / "draft.yaml"), committed=False)
    page.file.write_out(str(tmp_path / "committed.yaml"), committed=True)
    qtbot.waitUntil((tmp_path / "committed.yaml").exists, timeout=30_000)
    assert (tmp_path / "draft.yaml").read_text() == draft(folder) == other.read_text()
    assert (tmp_path / "committed.yaml").read_text() == TEXT
    assert told[0] == "Imported other.yaml into the draft: 3 changes, 2 principles now. Ctrl+Z takes that back."
    lost = "2 principles now. Ctrl+Z brings back the draft before, whose 3 edits are in no version."
    for text, place, words in (
        ("", other, "The draft says what other.yaml says already; nothing was changed."),
        ("# long", other, f"Imported other.yaml into the draft: other remarks or layout alone, {lost}"),
        ("# long", tmp_path / "committed.yaml", f"Imported committed.yaml into the draft: 3 changes, {lost}"),
    ):
        other.write_text(other.read_text().replace("# short", text or "# short"))
        page.file.bring_in(str(place))
        qtbot.waitUntil(partial(told.__contains__, words), timeout=30_000)
    page.keeper.undo()
    qtbot.waitUntil(lambda: draft(folder) == other.read_text(), timeout=30_000)


def test_the_next_file_is_looked_for_where_the_last_one_lay(
    qtbot: QtBot, page: ConstitutionPage, tmp_path: Path
) -> None:
    for name, title, proposed in (
        ("Export the draft…", "Export the draft", Path.home() / "small.yaml"),
        ("Export the committed version…", "Export the committed version", tmp_path / "small.yaml"),
    ):
        next(action for action in page.file.button.menu().actions() if action.text() == name).trigger()
        asking = page.findChild(QFileDialog)
        assert isinstance(asking, QFileDialog)
        assert (asking.windowTitle(), asking.selectedFiles()) == (title, [str(proposed)])
        with qtbot.waitSignal(page.told):
            asking.fileSelected.emit(str(tmp_path / "small.yaml"))
        asking.reject()
        qtbot.waitUntil(lambda: page.findChild(QFileDialog) is None)


def test_where_a_version_was_used_stands_beside_it(qtbot: QtBot, open_window: Open, folder: Path) -> None:
    with Project.open(folder) as project:
        project.import_prompts([prompt_of("What now?")])
        project.make_run("chains", {"response": "scripted"})
    page = open_window(folder).pages["constitution"]
    assert isinstance(page, ConstitutionPage)
    page.refresh()
    qtbot.waitUntil(lambda: "1 × Chains" in page.versions.used.text(), timeout=30_000)
    assert page.versions.used.text().endswith("no run: a draft makes none")


def test_findings_take_a_line_until_all_of_them_are_wanted(qtbot: QtBot, page: ConstitutionPage, folder: Path) -> None:
    assert page.findings.isHidden()
    page.keeper.type_whole("name: small\nprinciples:\n  - id: first\n")
    qtbot.waitUntil(page.findings.isVisible, timeout=30_000)
    hints = [wording.text.placeholderText() for wording in page.editor.wordings.values()]
    assert all("“" in hint for hint in hints), "each empty wording shows how one reads"
    first, *rest = page.findings.text().split("\n")
    assert first.startswith("! No enabled principle has a revision request")
    assert page.findings.all.text() == f"{len(rest)} more"
    line = page.findings.height()
    page.findings.all.click()
    qtbot.waitUntil(lambda: page.findings.height() > line, timeout=30_000)
    assert page.findings.all.text() == "Fewer"


def test_examples_are_added_edited_and_removed(qtbot: QtBot, page: ConstitutionPage, folder: Path) -> None:
    page.tabs.setCurrentWidget(page.examples)
    assert not page.examples.remove.isEnabled()
    page.examples.wants_new.emit("revision")
    qtbot.waitUntil(lambda: page.examples.current == 1, timeout=30_000)
    QTest.keyClicks(page.examples.texts["critique"].text, "It is rude.")
    page.examples.wants_new.emit("comparison")
    qtbot.waitUntil(lambda: page.examples.current == 2, timeout=30_000)
    assert page.examples.texts["response_a"].isVisible()
    assert not page.examples.texts["critique"].isVisible()
    page.examples.answer.setCurrentText("B")
    page.examples.texts["prompt"].text.setPlainText("")  # kept until there is one
    saved(qtbot, page)
    first, second = read(draft(folder)).few_shots
    assert (first.critique, second.prompt, second.answer) == ("It is rude.", "What is asked", "B")
    assert page.edits.text() == "draft, 2 edits"
    page.examples.choose(1)
    needs = page.examples.texts["critique_request"].findings
    assert needs == "✕ An example of critique and revision needs its critique request."
    assert page.examples.list.item(0).text().startswith("! 1. Revision")
    assert page.findings.isHidden()  # it is told beside each
    assert "There is no example of comparison with reasons" in page.examples._general.text()
    page.tabs.setCurrentWidget(page.versions)
    qtbot.waitUntil(lambda: "✕ Examples: 7 things to mend, told on their tab." in page.findings.text(), timeout=30_000)
    page.tabs.setCurrentWidget(page.examples)
    page.examples.remove.click()
    qtbot.waitUntil(lambda: page.examples.list.count() == 1, timeout=30_000)
    saved(qtbot, page)
    assert [shot.use for shot in read(draft(folder)).few_shots] == ["comparison"]


def test_a_principle_moves_past_what_a_filter_hides_and_is_told_to_have_moved(
    qtbot: QtBot, page: ConstitutionPage, folder: Path
) -> None:
    page.keeper.type_whole(
        TEXT + "  - id: warm\n    title: Be warm\n    tags: [manners]\n    revision_request: Be warm.\n"
    )
    qtbot.waitUntil(lambda: page.list.list.count() == 3, timeout=30_000)
    assert page.list.list.item(2).text() == "! Be warm  (new)"
    page.list.tag.setCurrentIndex(page.list.tag.findData("manners"))
    page.list.choose("kind")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down):  # past the one that is hidden, and no further than the end
        QTest.keyClick(page.list.list, key, Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(lambda: page.list.list.item(2).text().startswith("Be kind"), timeout=30_000)
    saved(qtbot, page)
    assert [one.id for one in read(draft(folder)).principles] == ["honest", "warm", "kind"]
    assert [page.list.list.item(row).text().partition("  ")[2] for row in range(3)] == ["(moved)", "(new)", ""]
