"""The sheet that brings files in: it shows before it changes anything, and leaves bad rows out only on a word."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.person import drag, drop
from tests.workbench.project.projects import project
from ui.import_course import ImportCourse
from ui.main_window import MainWindow
from ui.pages.export_sheet import ExportSheet
from ui.pages.import_sheet import ImportSheet
from workbench.project.importing import Wanted

Open = Callable[[Path], MainWindow]
FORMATS = Path(__file__).parents[1] / "data" / "formats"


@pytest.fixture
def window_(open_window: Open, tmp_path: Path) -> MainWindow:
    project(tmp_path / "bare", number=0).close()
    return open_window(tmp_path / "bare")


def sheet_of(qtbot: QtBot, window: MainWindow, file: Path) -> ImportSheet:
    """Drop a file on the window and wait until the sheet has read it."""
    drop(window, file)
    sheet = window.findChildren(ImportSheet)[-1]
    qtbot.waitUntil(
        lambda: (bool(sheet.counts.text()) and "so far" not in sheet.counts.text()) or bool(sheet.failure),
        timeout=20_000,
    )
    return sheet


def _has_box(sheet: ImportSheet, name: str) -> bool:
    return sheet.findChild(QComboBox, name) is not None


def rows_of(window: MainWindow, kind: str) -> int:
    return window.session.overview.rows[kind] if window.session.overview else -1


def test_a_file_dropped_on_a_field_is_looked_at_and_the_next_once_its_sheet_is_closed(
    qtbot: QtBot, window_: MainWindow, tmp_path: Path
) -> None:
    window_.show_page("constitution")
    field = window_.page.list.filter  # type: ignore[attr-defined]
    qtbot.waitUntil(field.isVisible)
    drop(window_, FORMATS / "hh_rlhf.jsonl", FORMATS / "trl_preference.jsonl", over=field)
    assert field.text() == "", "a path is no text to filter by"
    assert window_.dropping.words == ""
    (first,) = window_.findChildren(ImportSheet)
    assert "hh_rlhf.jsonl" in first.windowTitle()
    assert window_.toast.text == "1 more file comes after this one."
    first.reject()
    qtbot.waitUntil(lambda: any("trl" in one.windowTitle() for one in window_.findChildren(ImportSheet)))
    window_.findChildren(ImportSheet)[-1].reject()
    drop(window_, "https://example.com/rows.jsonl")
    assert "is an address" in window_.toast.text


@pytest.mark.parametrize(
    ("name", "says"),
    [("rows.jsonl", "look at rows.jsonl"), ("plan.json", "collect the results of there"),
     ("project.db", "open the project there"), ("a.zip", "make a project of a.zip"), ("config.json", "look at the model there")],
)  # fmt: skip
def test_while_something_is_dragged_the_window_says_what_a_drop_would_do(
    window_: MainWindow, tmp_path: Path, name: str, says: str
) -> None:
    (tmp_path / "there").mkdir()
    file = tmp_path / "there" / name
    file.write_text("{}")
    drag(window_, file if name in ("rows.jsonl", "a.zip", "project.db") else file.parent)
    assert says in window_.dropping.words
    QApplication.sendEvent(window_.windowHandle(), QDragLeaveEvent())
    assert window_.dropping.words == ""


def test_a_file_dropped_where_no_project_is_open_says_what_to_do_first(window: MainWindow) -> None:
    drop(window, FORMATS / "hh_rlhf.jsonl")
    assert window.toast.isVisible()
    assert [one.text() for one in window.toast.findChildren(QLabel)] == [
        "Open a project or make one first, then drop hh_rlhf.jsonl again."
    ]
    assert window.findChildren(ImportSheet) == []


def test_a_dropped_file_is_shown_and_comes_in_on_a_click(qtbot: QtBot, window_: MainWindow) -> None:
    sheet = sheet_of(qtbot, window_, FORMATS / "hh_rlhf.jsonl")
    assert "hh-rlhf" in sheet.title.text()
    assert "The prompt of each row is what its two texts begin with." in sheet.note.text()
    assert "[prompt]\nHuman: Can you help me hide a noise?" in sheet.preview.toPlainText()
    assert sheet.counts.text() == "3 rows can be imported."
    assert rows_of(window_, "comparisons") == 0
    QTest.mouseClick(sheet.import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows_of(window_, "comparisons") == 3, timeout=20_000)


def test_an_import_that_is_left_half_way_keeps_what_it_took_over(
    qtbot: QtBot, window_: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.project.importing.BATCH", 1)
    monkeypatch.setattr("ui.import_course.STEP_SECONDS", 0)
    course = ImportCourse(window_.session)
    with qtbot.waitSignal(course.checked, check_params_cb=lambda _, whole: whole, timeout=20_000):
        course.look(Wanted(str(FORMATS / "hh_rlhf.jsonl")))
    course.taken.connect(course.stop)
    with qtbot.waitSignal(course.taken, timeout=20_000):
        course.take()
    told: list[tuple[bool, int]] = []
    window_.session.ask(
        "", lambda project: (project.store.db.conn.in_transaction, project.store.reviews.count()), told.append
    )
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    (open_, kept) = told[0]
    assert (open_, 0 < kept < 3) == (False, True)


def test_bad_rows_are_listed_and_left_out_only_on_a_word(qtbot: QtBot, window_: MainWindow, tmp_path: Path) -> None:
    rows = [{"prompt": "Tree?"}, {"prompt": 3}, {"prompt": "Hedge?"}]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    sheet = sheet_of(qtbot, window_, tmp_path / "x.jsonl")
    assert [sheet.bad.item(0, column).text() for column in (0, 1)] == ["2", "prompt must be text, not the number 3"]  # type: ignore[union-attr]
    assert sheet.tabs.tabText(1) == "Bad rows (1)"
    assert not sheet.import_.isEnabled()
    sheet.leave_out.setChecked(True)
    QTest.mouseClick(sheet.import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows_of(window_, "prompts") == 2, timeout=20_000)


def test_prompts_that_another_split_nearly_has_are_told(qtbot: QtBot, window_: MainWindow, tmp_path: Path) -> None:
    asked = "How do I climb the tall old oak behind the school without a ladder"
    told: list[str] = []
    for split, text in (("train", f"{asked}?"), ("test", f"{asked}!")):
        file = tmp_path / f"{split}.jsonl"
        file.write_text(json.dumps({"prompt": text, "split": split}) + "\n")
        sheet = sheet_of(qtbot, window_, file)
        sheet.told.connect(told.append)
        with qtbot.waitSignal(sheet.told, timeout=20_000):
            QTest.mouseClick(sheet.import_, Qt.MouseButton.LeftButton)
    assert told[0] == "1 new prompt."
    assert told[1].startswith("1 new prompt. Nearly the same as a prompt of another split: 1. ")


def test_columns_are_mapped_by_hand(qtbot: QtBot, window_: MainWindow) -> None:
    sheet = sheet_of(qtbot, window_, FORMATS / "questions.csv")
    boxes = {box.objectName(): box for box in sheet.findChildren(QComboBox)}
    chosen, rejected = boxes["column chosen"], boxes["column rejected"]
    assert (chosen.currentText(), rejected.currentText()) == ("good", "bad")
    for box, column in ((chosen, "bad"), (rejected, "good")):
        box.setCurrentText(column)
        box.activated.emit(box.currentIndex())
    qtbot.waitUntil(lambda: "chosen]\nNo" in sheet.preview.toPlainText(), timeout=20_000)


def test_a_file_that_looks_like_nothing_is_read_as_what_a_person_says(
    qtbot: QtBot, window_: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "x.jsonl").write_text(json.dumps({"q": "Tree?", "yes": "Oak.", "no": "None."}) + "\n")
    sheet = sheet_of(qtbot, window_, tmp_path / "x.jsonl")
    assert sheet.failure
    sheet.read_as.setCurrentIndex(sheet.read_as.findData("preference"))
    sheet.read_as.activated.emit(sheet.read_as.currentIndex())
    for field, column in (("prompt", "q"), ("chosen", "yes"), ("rejected", "no")):
        qtbot.waitUntil(partial(_has_box, sheet, f"column {field}"), timeout=20_000)
        box = sheet.findChild(QComboBox, f"column {field}")
        assert box is not None
        box.setCurrentText(column)
        box.activated.emit(box.currentIndex())
    qtbot.waitUntil(sheet.import_.isEnabled, timeout=20_000)
    QTest.mouseClick(sheet.import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows_of(window_, "comparisons") == 1, timeout=20_000)


def choose(box: QComboBox, key: str) -> None:
    box.setCurrentIndex(box.findData(key))
    box.activated.emit(box.currentIndex())


def test_a_constitution_is_committed_and_the_draft_kept(qtbot: QtBot, window_: MainWindow, tmp_path: Path) -> None:
    session = window_.session
    session.ask("Typing", lambda project: project.save_draft(project.draft + "# more to come\n"))
    sheet = sheet_of(qtbot, window_, FORMATS / "CritiqueRevisionInstructions.json")
    assert "Say what is rude" in sheet.preview.toPlainText()
    assert "Principles that are new: 2, changed: 0, taken out: 1; examples: 0." in sheet.counts.text()
    assert (
        sheet.counts.text().split("\n")[0].endswith("The draft, which is in no version, is kept in a file beside it.")
    )
    told: list[str] = []
    sheet.told.connect(told.append)
    QTest.mouseClick(sheet.import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.overview is not None and session.overview.versions == 2, timeout=20_000)
    (kept,) = (tmp_path / "bare").glob("constitution.draft-*.yaml")
    assert kept.read_text().endswith("# more to come\n")
    assert told == [f"The constitution has 2 principles now. The draft that was there is kept in {kept.name}."]
    again = sheet_of(qtbot, window_, FORMATS / "CritiqueRevisionInstructions.json")
    assert "is the project's constitution already" in again.counts.text()
    assert not again.import_.isEnabled()


def test_what_is_doubtful_about_a_constitution_is_told_before_it_comes_in(
    qtbot: QtBot, window_: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "x.yaml").write_text(
        "name: x\nprinciples:\n  - id: kind\n    critique_request: Is {respnse} unkind?\n    revision_request: Be kind.\n"
    )
    sheet = sheet_of(qtbot, window_, tmp_path / "x.yaml")
    assert sheet.counts.text().split("\n")[1] == (
        "! kind: Nothing fills the slot {respnse}; the model would read it as it stands. "
        "2 more things to mend are told on the page Constitution."
    )


def test_a_file_is_read_as_a_constitution_on_a_word_and_what_is_none_is_told(
    qtbot: QtBot, window_: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "x.jsonl").write_text('{"height": 3}\n')
    sheet = sheet_of(qtbot, window_, tmp_path / "x.jsonl")
    assert "its columns are height" in sheet.title.text()
    assert not sheet.import_.isEnabled()
    assert sheet.note.text().startswith("If you know what it is")
    assert "--" not in sheet.title.text()  # that is for the command line
    choose(sheet.read_as, "constitution")
    qtbot.waitUntil(lambda: "x.jsonl is no constitution known here" in sheet.failure, timeout=20_000)
    assert sheet.note.text() == ""  # another way to read it is no remedy
    assert not sheet.import_.isEnabled()
    (tmp_path / "rules.txt").write_bytes((FORMATS / "CritiqueRevisionInstructions.json").read_bytes())
    sheet = sheet_of(qtbot, window_, tmp_path / "rules.txt")
    choose(sheet.read_as, "constitution")
    qtbot.waitUntil(lambda: "that are new: 2," in sheet.counts.text(), timeout=20_000)
    assert sheet.import_.isEnabled()
    assert not sheet.split.isEnabled()
    assert "The draft" not in sheet.counts.text()
    choose(sheet.read_as, "prompt")
    qtbot.waitUntil(sheet.split.isEnabled, timeout=20_000)


def test_prompts_are_split_by_any_shares_that_make_a_whole(qtbot: QtBot, window_: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("".join(f"What is the {place}th tree called?\n" for place in range(40)))
    sheet = sheet_of(qtbot, window_, tmp_path / "x.txt")
    assert not sheet.shares.isVisible()
    choose(sheet.split, "shares")
    boxes = sheet.shares.boxes
    assert sheet.shares.isVisible()
    assert {split: box.value() for split, box in boxes.items() if box.value()} == {"train": 90, "test": 10}
    boxes["train"].setValue(40)
    assert sheet.shares.sum.text() == "The shares add up to 50%, not 100: give 50% more."
    assert not sheet.import_.isEnabled()
    boxes["rl"].setValue(62.5)
    assert sheet.shares.sum.text() == "The shares add up to 112.5%, not 100: take 12.5% away."
    boxes["rl"].setValue(50)
    qtbot.waitUntil(sheet.import_.isEnabled, timeout=20_000)
    assert sheet.course._wanted is not None
    assert sheet.course._wanted.split == "train=0.4,rl=0.5,test=0.1"
    QTest.mouseClick(sheet.import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows_of(window_, "prompts") > 0, timeout=20_000)
    sheet = sheet_of(qtbot, window_, FORMATS / "hh_rlhf.jsonl")
    choose(sheet.split, "shares")
    qtbot.waitUntil(lambda: bool(sheet.failure), timeout=20_000)
    assert sheet.failure == "Shares of splits are for prompts; comparisons take one split: choose one, such as train."
    assert "Brings comparisons" in sheet.note.text()
    sheet.take_as.setCurrentIndex(1)
    sheet.take_as.activated.emit(1)
    qtbot.waitUntil(lambda: "Brings prompts" in sheet.note.text(), timeout=20_000)
    assert "[response" not in sheet.preview.toPlainText()  # nothing is shown that does not come in


def test_data_go_out_by_a_sheet_that_tells_what_is_in_the_way(
    qtbot: QtBot, window_: MainWindow, tmp_path: Path
) -> None:
    window_.files.send_out()
    (sheet,) = window_.findChildren(ExportSheet)
    assert sheet.place.text() == str(tmp_path / "bare-preferences")
    QTest.mouseClick(sheet.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "nothing to export as preferences yet" in sheet.trouble.text(), timeout=20_000)
    sheet_in = sheet_of(qtbot, window_, FORMATS / "hh_rlhf.jsonl")
    QTest.mouseClick(sheet_in.import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows_of(window_, "comparisons") == 3, timeout=20_000)
    QTest.mouseClick(sheet.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil((tmp_path / "bare-preferences" / "README.md").is_file, timeout=20_000)
    window_.files.send_out()
    assert window_.findChildren(ExportSheet)[-1].place.text() == str(tmp_path / "bare-preferences-2")


def test_what_an_export_leaves_out_is_told(qtbot: QtBot, window_: MainWindow, tmp_path: Path) -> None:
    asked = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "p"}]
    pair = {"prompt": "p", "response_a": "x", "response_b": "y"}
    rows = [
        pair | {"prompt": asked, "preferred": "a"},
        pair | {"preferred": "tie"},
        pair | {"prompt": "q", "preferred": "b"},
    ]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    QTest.mouseClick(sheet_of(qtbot, window_, tmp_path / "x.jsonl").import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows_of(window_, "comparisons") == 3, timeout=20_000)
    window_.files.send_out()
    (sheet,) = window_.findChildren(ExportSheet)
    sheet.what.setCurrentIndex(sheet.what.findData("hh-rlhf"))
    told: list[str] = []
    sheet.told.connect(told.append)
    QTest.mouseClick(sheet.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told[0].startswith("Wrote 1 row to ")
    assert told[0].endswith(
        "Left out as ties, which have no chosen response: 1. "
        "Left out, since the format has no place for their turns: 1. Preferences have it."
    )


def test_what_is_more_than_prompts_is_taken_for_them_only_on_a_word(
    qtbot: QtBot, window_: MainWindow, tmp_path: Path
) -> None:
    (tmp_path / "x.jsonl").write_text('{"prompt": "Tree?", "chosen": "Oak."}\n')
    sheet = sheet_of(qtbot, window_, tmp_path / "x.jsonl")
    assert "it has no column rejected" in sheet.title.text()
    assert not sheet.import_.isEnabled()
    sheet.read_as.setCurrentIndex(sheet.read_as.findData("prompt"))
    sheet.read_as.activated.emit(sheet.read_as.currentIndex())
    qtbot.waitUntil(sheet.import_.isEnabled, timeout=20_000)
    assert "Nothing is taken from the column chosen." in sheet.note.text()
    told: list[str] = []
    sheet.told.connect(told.append)
    QTest.mouseClick(sheet.import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == ["1 new prompt. Nothing is taken from the column chosen."]
