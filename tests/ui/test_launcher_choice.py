"""The launcher of a new training, as it is chosen in the sheet and shown of a run."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from tests.ui.test_training_page import rl_run
from tests.workbench.project.projects import ended, model_folder, project
from ui.main_window import MainWindow
from ui.pages.training import TrainingPage
from workbench.runs.folder import LAUNCHER
from workbench.runs.launchers import launchers_folder

Open = Callable[[Path], MainWindow]


def _says(shown: QLabel, text: str) -> bool:
    return text in shown.text()


TWO = "distributed_type: MULTI_CPU\nnum_machines: 1\nnum_processes: 2\n"


def test_a_launcher_is_chosen_for_a_new_run_and_shown_in_its_configuration(
    open_window: Open, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    named, bad = launchers_folder() / "two.yaml", tmp_path / "bad.yaml"
    named.parent.mkdir(parents=True)
    named.write_text(TWO)
    bad.write_bytes(b"\xff\xfe\x00 no text")
    with project(tmp_path / "project") as made:
        rl_run(made, tmp_path)
    window = open_window(tmp_path / "project")
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    page.set_up("preference_model")
    sheet = page.sheet
    assert sheet is not None
    sheet.show_texts(sheet.texts() | {"policy": "demo"})
    assert "launcher" not in sheet.texts()
    assert not sheet.launcher.isVisible()
    sheet.unfold.click()  # which may be scrolled out of sight
    assert sheet.launcher.isVisible()
    box = sheet.launcher.box
    assert [box.itemText(at) for at in range(box.count())] == ["", "two"]
    for text, said in ((str(bad), "it is not text"), ("three", "accelerate config --config_file FILE")):
        box.setFocus()
        QTest.keyClick(box, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(box, text)
        qtbot.waitUntil(partial(_says, sheet.trouble, said))
    box.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "accelerate" not in sheet.trouble.text())
    assert sheet.texts()["launcher"] == "two"
    assert "--set launcher=two" in sheet.command()
    with qtbot.waitSignal(sheet.launcher.changed):
        sheet.launcher.file.click()
        dialog = sheet.launcher.findChild(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        dialog.fileSelected.emit(str(named))
        dialog.close()
    assert sheet.texts()["launcher"] == str(named)


def test_a_run_of_several_processes_says_so_and_is_set_up_again_by_its_own_copy(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    file, model = tmp_path / "two.yaml", model_folder(tmp_path / "model")
    file.write_text(TWO)
    with project(tmp_path / "project") as made:
        texts = {"policy": model, "reward": model, "override_readiness": "true", "launcher": str(file)}
        run = made.make_run("rl", texts)
        ended(run)
        made.collect(run)
    file.unlink()
    window = open_window(tmp_path / "project")
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    qtbot.waitUntil(lambda: page.run is not None)
    page.views.tabs.setCurrentWidget(page.views.config)
    shown = page.views.config.machine
    qtbot.waitUntil(lambda: "processes = 2 processes, the whole model each" in shown.toPlainText())
    assert f"launcher = {file}" in shown.toPlainText()
    page.head.buttons["again"].click()
    assert page.sheet is not None
    assert page.sheet.texts()["launcher"] == str(run.path / LAUNCHER)
    assert page.sheet.launcher.isVisible()
