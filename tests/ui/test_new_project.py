"""The sheet for a new project says what each constitution is, and takes one from a file."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from ui.main_window import MainWindow
from ui.pages.new_project import NewProjectSheet
from workbench.interchange.bundled import bundled_folder
from workbench.sources.endpoints import Endpoints


def test_each_constitution_says_what_it_is_and_for_which_model(window: MainWindow) -> None:
    sheet = NewProjectSheet(window)
    assert sheet.constitution.currentText() == "Harmlessness"
    assert "16 principles. For a model of your own" in sheet.about.text()
    sheet.constitution.setCurrentIndex(sheet.constitution.findData("demo"))
    sheet.constitution.activated.emit(sheet.constitution.currentIndex())
    assert sheet.about.text().endswith("knows this world, and no other.")
    assert sheet.make.isEnabled()
    sheet.place.clear()
    assert not sheet.make.isEnabled()


def test_a_project_begins_with_a_constitution_of_a_file(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    file = tmp_path / "ours.yaml"
    file.write_text((bundled_folder() / "summaries.yaml").read_text("utf-8"), "utf-8")
    sheet = NewProjectSheet(window)
    sheet.place.setText(str(tmp_path))
    sheet.take_file(file)
    assert (sheet.constitution.currentText(), sheet.about.text()) == ("ours.yaml", str(file))
    sheet.accepted.connect(lambda: window.session.open(sheet.folder, sheet.project))
    with qtbot.waitSignal(window.session.opened, timeout=60_000):
        sheet.make.click()
    qtbot.waitUntil(lambda: window.session.overview is not None)
    assert window.session.overview is not None
    assert window.session.overview.constitution == "Good summaries"


def test_a_blank_project_begins_with_the_models_named(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    sheet = NewProjectSheet(window)
    sheet.place.setText(str(tmp_path))
    sheet.constitution.setCurrentIndex(sheet.constitution.findData("blank"))
    sheet.constitution.activated.emit(sheet.constitution.currentIndex())
    assert sheet.about.text().startswith("One principle without words")
    qtbot.waitUntil(lambda: sheet.judge.findText("demo") >= 0)
    sheet.judge.setText("demo")
    sheet.accepted.connect(lambda: window.session.open(sheet.folder, sheet.project))
    with qtbot.waitSignal(window.session.opened, timeout=60_000):
        sheet.make.click()
    wanted: list[dict[str, str]] = []
    window.session.ask("looking", lambda project: project.store.role_models.all(), wanted.append)
    qtbot.waitUntil(lambda: bool(wanted))
    assert wanted == [{"feedback": "demo"}]


def test_a_list_of_endpoints_that_cannot_be_read_is_told_beside_the_models(window: MainWindow, qtbot: QtBot) -> None:
    Endpoints().file.write_text("{")
    with qtbot.captureExceptions() as raised:
        sheet = NewProjectSheet(window)
        qtbot.waitUntil(lambda: "endpoints.json cannot be read" in sheet.models_trouble.text(), timeout=10_000)
    assert not raised
    assert sheet.make.isEnabled()
