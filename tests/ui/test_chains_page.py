"""The page Red team & chains, by clicking and typing."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget
from pytestqt.qtbot import QtBot

from tests.workbench.project.projects import KIND, append, ended, project
from ui.main_window import MainWindow
from ui.pages.chains.page import ChainsPage
from workbench.project import Project
from workbench.records.chain import Step
from workbench.records.prompt import Prompt
from workbench.runs.folder import RunFolder
from workbench.runs.watching import WATCHED, Live
from workbench.worker.live import LiveText

Open = Callable[[Path], MainWindow]
TEXTS = (
    "Take what you like.",
    "That is unkind.",
    "Ask before you take it.",
    "Still rude.",
    "Please ask before you take it.",
)


def chain(run: str, prompt: Prompt, count: int = 5) -> list[Step]:
    kinds = ("initial", "critique", "revision", "critique", "revision")
    return [
        Step(f"{run}-{prompt.id}-{index}", f"{run}-{prompt.id}", prompt.id, index, (index + 1) // 2, kinds[index],  # type: ignore[arg-type]
             TEXTS[index], "kindness" if index else None, sent=f"sent {index}", seed=index, model="scripted")
        for index in range(count if prompt.kind == "red-team" else 1)
    ]  # fmt: skip


def made_run(made: Project, count: int = 5) -> RunFolder:
    folder = made.make_run("chains", {"response": "scripted", "rounds": "2"})
    append(folder, [step for prompt in folder.inputs(Prompt) for step in chain(folder.id, prompt, count)])
    made.collect(folder)
    return folder


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a finished run of chains, made once."""
    place = tmp_path_factory.mktemp("written") / "project"
    with project(place, number=3) as made:
        run = made_run(made)
        ended(run)
        made.collect(run)
    return place


@pytest.fixture
def folder(tmp_path: Path, own_state: Path, written: Path) -> Path:
    state = own_state / "constitution-workbench"
    state.mkdir(exist_ok=True)
    (state / "machine.json").write_text('{"device": "cpu", "dtype": "float32", "threads": 1}')
    shutil.copytree(written, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def page(qtbot: QtBot, open_window: Open, folder: Path) -> ChainsPage:
    return shown(qtbot, open_window(folder))


def shown(qtbot: QtBot, window: MainWindow) -> ChainsPage:
    window.show_page("chains")
    page = window.page
    assert isinstance(page, ChainsPage)
    qtbot.waitUntil(lambda: page.view.read is not None, timeout=30_000)
    window.activateWindow()
    page.list.table.setFocus()
    return page


def press(page: ChainsPage, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(page.list.table, key, modifier)


def undo(page: ChainsPage) -> None:
    press(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def read(folder: Path) -> Project:
    return Project.read(folder)


def test_the_list_shows_every_chain_and_the_view_what_each_revision_changed(qtbot: QtBot, page: ChainsPage) -> None:
    assert page.list.model.rowCount() == 12
    assert "All (12)" in page.list.filter.currentText()
    text = page.view.text.toPlainText()
    assert "① Initial response\nTake what you like." in text
    assert "③ Revision 1" in text
    marked = [piece for section in page.view.text._sections for piece in section.pieces if piece[0] != "same"]
    assert ("in", "Please ask") in marked
    assert all("".join(t for kind, t in s.pieces if kind != "out") in TEXTS for s in page.view.text._sections)
    page.view.ways.button(2).click()
    assert {kind for section in page.view.text._sections for kind, _ in section.pieces} == {"same"}


def test_a_chain_found_elsewhere_is_shown(qtbot: QtBot, page: ChainsPage) -> None:
    last = page.list.model.keys[-1]
    page.list.words.setText("something else")
    row = next(row for row in map(page.list.model.row_at, range(12)) if row.key == last)
    page.show_row(row.chain_id)
    qtbot.waitUntil(lambda: page.view.read is not None and page.view.read.id == row.chain_id, timeout=30_000)
    assert page.list.words.text() == ""


def test_a_chain_far_down_is_shown_to_whoever_comes_from_elsewhere(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with project(tmp_path / "long", number=40) as made:
        run = made_run(made, 1)
        ended(run)
        made.collect(run)
        last = f"{run.id}-{list(run.inputs(Prompt))[-1].id}"
    window = open_window(tmp_path / "long")
    window.show_row("chains", last)
    page = window.page
    assert isinstance(page, ChainsPage)
    qtbot.waitUntil(lambda: page.view.read is not None and page.view.read.id == last, timeout=5_000)
    assert window.focusWidget() is page.list.table, "J and K go on from there"


def test_j_and_k_go_through_the_list_and_brackets_through_the_rounds(qtbot: QtBot, page: ChainsPage) -> None:
    first = page.view.read
    press(page, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: page.view.read is not first)
    press(page, Qt.Key.Key_K)
    qtbot.waitUntil(lambda: page.view.read is not None and first is not None and page.view.read.prompt == first.prompt)
    assert page.view.round.value() == 2
    press(page, Qt.Key.Key_BracketLeft)
    assert page.view.step is not None
    assert page.view.step.text == TEXTS[2]
    window = page.window()
    assert isinstance(window, MainWindow)
    assert "sent 2" in window.inspector.text
    press(page, Qt.Key.Key_D)
    assert (page.view.side.before.toPlainText(), page.view.side.after.toPlainText()) == (TEXTS[0], TEXTS[2])
    assert page.view.side.between.toPlainText() == TEXTS[1]
    press(page, Qt.Key.Key_C)
    assert page.view.side.between.isHidden()


def test_an_edit_keeps_the_original_marks_the_person_and_can_be_undone(
    qtbot: QtBot, page: ChainsPage, folder: Path
) -> None:
    press(page, Qt.Key.Key_BracketLeft)
    press(page, Qt.Key.Key_E)
    assert page.view.editor.text.toPlainText() == TEXTS[2]
    page.view.editor.text.setPlainText("Ask first.")
    QTest.keyClick(page.view.editor.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "Ask first." in page.view.text.toPlainText(), timeout=30_000)
    assert "✎ worded by" in page.view.text.toPlainText()
    window = page.window()
    assert isinstance(window, MainWindow)
    assert f"What the model wrote\n{TEXTS[2]}" in window.inspector.text
    qtbot.waitUntil(page.list.stale.isVisible, timeout=30_000)  # revision 2 follows the old wording
    assert "1" in page.list.stale.text()
    qtbot.waitUntil(lambda: "follow the old wording" in page.view.warning.text(), timeout=30_000)
    undo(page)
    qtbot.waitUntil(lambda: "Ask first." not in page.view.text.toPlainText(), timeout=30_000)
    qtbot.waitUntil(lambda: not page.list.stale.isVisible(), timeout=30_000)
    press(page, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "Ask first." in page.view.text.toPlainText(), timeout=30_000)
    with read(folder) as project_:
        assert [edit.text for edit in project_.store.edits.select("1")] == ["Ask first.", None, "Ask first."]


def test_excluding_is_seen_and_undone_by_a_row_that_supersedes(qtbot: QtBot, page: ChainsPage, folder: Path) -> None:
    press(page, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: "⊘" in page.view.warning.text(), timeout=30_000)
    assert page.view.buttons["exclude"].text() == "Include [X]"
    page.list.filter.setCurrentIndex(page.list.filter.findData("excluded"))
    page.list.read()
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 1, timeout=30_000)
    undo(page)
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 0, timeout=30_000)
    with read(folder) as project_:
        first, second = project_.store.exclusions.select("1")
    assert (first.excluded, second.excluded, second.supersedes) == (True, False, first.id)


def test_what_is_done_with_many_chains_is_done_with_those_no_page_of_which_was_read_too(
    qtbot: QtBot, page: ChainsPage, folder: Path
) -> None:
    page.list.model._rows.clear()
    page.list.table.selectAll()
    assert page.keys.text() == "12 chains are selected: X and R act on all of them."
    press(page, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: page.history.undo_name == "exclude 12 chains", timeout=30_000)
    qtbot.waitUntil(lambda: page.view.buttons["exclude"].text() == "Include [X]", timeout=30_000)
    undo(page)
    qtbot.waitUntil(lambda: page.view.buttons["exclude"].text() == "Exclude [X]", timeout=30_000)
    with qtbot.waitSignal(page.control.begun, timeout=30_000) as again:
        press(page, Qt.Key.Key_R)
    with read(folder) as project_:
        plan = project_.run(again.args[0]).plan
        assert sum(1 if one.excluded else -1 for one in project_.store.exclusions.select("1")) == 0
    assert plan is not None
    assert plan.total == 12
    page.list.step(1)
    assert "J K next" in page.keys.text()


def test_words_narrow_the_list_and_letters_typed_there_are_no_commands(qtbot: QtBot, page: ChainsPage) -> None:
    page.list.words.setFocus()
    QTest.keyClicks(page.list.words, "sft helpful")
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 3, timeout=30_000)
    page.list.words.clear()
    QTest.keyClicks(page.list.words, "exxbdr")
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 0, timeout=30_000)
    assert page.view.read is None
    assert page.history.undo_name == ""


def test_stale_chains_are_counted_and_only_these_redone(qtbot: QtBot, page: ChainsPage, folder: Path) -> None:
    session = page._session
    principle = dataclasses.replace(KIND.principles[0], revision_request="Be very kind.")
    changed = dataclasses.replace(KIND, principles=(principle,))
    session.ask(
        "Committing", lambda project_: project_.commit(changed), lambda version: session.committed.emit(version.hash)
    )
    qtbot.waitUntil(page.list.stale.isVisible, timeout=30_000)
    assert page.list.stale.text() == "Redo only these (6)"
    qtbot.waitUntil(lambda: "Writing all 6 again: 30 calls · " in page.list.stale_words.text())
    qtbot.waitUntil(lambda: "worded otherwise now" in page.view.warning.text(), timeout=30_000)
    page.strip.rounds.setValue(7)  # another run is being set up meanwhile
    page.strip.seed.setValue(3)
    with qtbot.waitSignal(page.control.begun, timeout=30_000) as begun:
        page.list.stale.click()
    assert page.list.table.hasFocus()
    with read(folder) as project_:
        plan, before = project_.run(begun.args[0]).plan, project_.run("chains-1").plan
    assert plan is not None
    assert before is not None
    assert (plan.settings["only"], plan.total, plan.amends) == ("stale", 6, ("chains-1",))
    assert {**plan.settings, "only": ""} == before.settings  # so that nothing but the wording makes a difference
    assert (plan.seed, plan.models) == (before.seed, before.models)


def test_writing_again_and_branching_take_another_seed_and_the_runs_settings(
    qtbot: QtBot, page: ChainsPage, folder: Path
) -> None:
    with qtbot.waitSignal(page.control.begun, timeout=30_000) as again:
        press(page, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: page.view.read is not None and page.view.read.run.id == again.args[0], timeout=30_000)
    page.list.run.setCurrentIndex(page.list.run.findData("chains-1"))
    page.list.read()
    qtbot.waitUntil(lambda: page.view.read is not None and page.view.read.complete, timeout=30_000)
    page.list.table.setFocus()
    press(page, Qt.Key.Key_BracketLeft)
    with qtbot.waitSignal(page.control.begun, timeout=30_000) as branch:
        press(page, Qt.Key.Key_B)
    with read(folder) as project_:
        first, second = (project_.run(one.args[0]).plan for one in (again, branch))
    assert first is not None
    assert second is not None
    assert (first.total, first.seed, first.settings["rounds"]) == (1, 1, 2)
    assert second.settings["branch"].endswith("-2")
    assert second.seed == 2


def test_covered_texts_are_shown_when_asked_for(qtbot: QtBot, page: ChainsPage) -> None:
    window = page.window()
    assert isinstance(window, MainWindow)
    window.pages["settings"].cover.click()  # type: ignore[attr-defined]
    page.refresh()
    assert page.view.cover.isVisible()
    assert not page.view.text.isVisible()
    assert "sent" not in window.inspector.text.split("as sent")[-1]
    press(page, Qt.Key.Key_S)
    assert page.view.text.isVisible()
    assert "sent 4" in window.inspector.text
    first, view = page.view.read, page.view
    assert first is not None
    press(page, Qt.Key.Key_E)
    view.editor.text.setPlainText("Half")
    for chain_read in (dataclasses.replace(first, run=dataclasses.replace(first.run, id="other")), first):
        view.show_chain(chain_read)
        assert view.cover.isVisible()  # also where a wording stands open
        view.reveal()
    assert view.editor.text.isVisible()


def test_a_chain_being_written_is_watched_and_its_words_come_in(
    qtbot: QtBot, open_window: Open, tmp_path: Path
) -> None:
    with project(tmp_path / "live", number=1) as made:
        run = made_run(made, count=2)
    page = shown(qtbot, open_window(tmp_path / "live"))
    read_ = page.view.read
    assert read_ is not None
    session = page._session
    session.watch(run.id, read_.prompt.id)
    qtbot.waitUntil((run.path / WATCHED).exists, timeout=30_000)
    live = LiveText(run.path, rhythm=0.0)
    live.saved(read_.prompt.id, 2)
    with qtbot.waitSignal(session.live, timeout=30_000) as told:
        live(read_.prompt.id, "Ask")
    assert told.args == [Live(read_.prompt.id, 2, "Ask")]
    live(read_.prompt.id, "Ask before")
    qtbot.waitUntil(lambda: page.view.text.toPlainText().endswith("● being written\nAsk before"), timeout=30_000)
    append(run, chain(run.id, read_.prompt, 3)[2:])
    live.saved(read_.prompt.id)
    session.ask("Collecting", lambda project_: project_.collect(run), lambda _: page._read())
    qtbot.waitUntil(lambda: "being written" not in page.view.text.toPlainText(), timeout=30_000)
    assert TEXTS[2].split()[-1] in page.view.text.toPlainText()
    session.watch("", "")
    qtbot.waitUntil(lambda: not (run.path / WATCHED).exists(), timeout=30_000)


def test_text_that_streams_takes_along_only_a_reader_at_the_end(qtbot: QtBot, page: ChainsPage) -> None:
    view, read_ = page.view, page.view.read
    assert read_ is not None
    begun = dataclasses.replace(read_, steps=read_.steps[:3], expected=5)
    view.show_chain(begun)
    view.resize(420, 300)

    def tell(lines: int) -> None:
        view.show_live(Live(read_.prompt.id, 3, "\n".join(f"line {number}" for number in range(lines))))

    tell(60)
    bar = view.text.verticalScrollBar()
    bar.setValue(5)
    tell(80)
    assert bar.value() == 5
    bar.setValue(bar.maximum())
    tell(120)
    assert bar.value() == bar.maximum()
    long = "\n".join(f"line {number} as it was kept" for number in range(150))
    kept = dataclasses.replace(read_.steps[3], step=dataclasses.replace(read_.steps[3].step, text=long))
    view.show_chain(dataclasses.replace(read_, steps=(*read_.steps[:3], kept), expected=5))
    assert bar.value() == bar.maximum() > 100  # the step that is written now is longer than it was as it grew
    bar.setValue(5)
    view.show_chain(dataclasses.replace(read_, steps=(*read_.steps[:3], kept, read_.steps[4])))
    assert bar.value() == 5


def test_a_chain_watched_from_nothing_is_at_its_last_round_when_it_is_whole(page: ChainsPage) -> None:
    view, read_ = page.view, page.view.read
    assert read_ is not None
    view.show_chain(None)
    for count in (0, 3, 5):  # more than one step may have come since the look before
        view.show_chain(dataclasses.replace(read_, steps=read_.steps[:count]))
    assert (view.index, view.round.value()) == (4, 2)
    view.show_chain(None)
    view.show_chain(dataclasses.replace(read_, steps=read_.steps[:3]))
    view.turn(-1)
    view.show_chain(read_)
    assert (view.index, view.round.value()) == (0, 0)  # somebody reads there


def test_a_wording_begun_stands_open_again_when_its_chain_is_shown_again(qtbot: QtBot, page: ChainsPage) -> None:
    first, editor = page.view.read, page.view.editor
    assert first is not None
    press(page, Qt.Key.Key_E)
    assert editor.title.text().startswith("⑤ Revision 2")
    editor.text.setPlainText("Half a thou")
    page.list.step(1)
    qtbot.waitUntil(lambda: page.view.read is not None and page.view.read.id != first.id, timeout=30_000)
    assert not editor.open
    assert page.list.table.hasFocus()  # where keys went before
    page.list.step(-1)
    qtbot.waitUntil(lambda: editor.open, timeout=30_000)
    press(page, Qt.Key.Key_E)
    assert editor.text.hasFocus()
    assert editor.text.toPlainText() == "Half a thou"
    editor.cancel.click()
    press(page, Qt.Key.Key_E)
    assert editor.text.toPlainText() == TEXTS[4]


def test_every_key_shown_has_its_button(page: ChainsPage) -> None:
    shown_keys = {"E", "X", "R", "B", "D", "C", "L"}
    texts = " ".join(one.property("text") or "" for one in page.findChildren(QWidget))
    assert {key for key in shown_keys if f"[{key}]" in texts} == shown_keys


def test_a_cell_is_painted_by_what_the_model_says_of_it(page: ChainsPage, qtbot: QtBot) -> None:
    table = page.list.table
    index = table.model().index(0, 2)
    qtbot.waitUntil(lambda: index.data() not in (None, ""))
    option = QStyleOptionViewItem()
    delegate = table.itemDelegate()
    assert isinstance(delegate, QStyledItemDelegate)
    delegate.initStyleOption(option, index)
    assert option.text == index.data()
    assert option.displayAlignment & Qt.AlignmentFlag.AlignRight
