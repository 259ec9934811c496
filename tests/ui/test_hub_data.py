"""A data set of the hub comes in by the window: fetched by a process, seen before it is imported; and what goes to others."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from tests.ui.person import drop
from tests.workbench.project.projects import project
from tests.workbench.sources.hub_stand_in import COMMIT, REPO, hub
from ui.main_window import MainWindow
from ui.pages.import_sheet import ImportSheet
from ui.widgets.fetch_sheet import FetchSheet
from ui.widgets.push_sheet import PushSheet

Open = Callable[[Path], MainWindow]
FORMATS = Path(__file__).parents[1] / "data" / "formats"


def _has_box(sheet: ImportSheet, name: str) -> bool:
    return sheet.findChild(QComboBox, name) is not None


@pytest.fixture
def window_(open_window: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    project(tmp_path / "bare", number=0).close()
    return open_window(tmp_path / "bare")


def test_a_data_set_is_fetched_seen_and_imported(
    qtbot: QtBot, window_: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "offered").mkdir()
    rows = "".join(json.dumps({"q": f"Tree {n}?", "yes": "Oak.", "no": "None."}) + "\n" for n in range(7))
    (tmp_path / "offered" / "train.jsonl").write_text(rows)
    window_.actions_["import hub"].trigger()
    (sheet,) = window_.findChildren(FetchSheet)
    QTest.keyClicks(sheet.id, REPO)
    QTest.keyClick(sheet.id, Qt.Key.Key_Return)
    qtbot.waitUntil(sheet.fetch.isEnabled, timeout=60_000)
    assert "127.0.0.1:9 cannot be reached; data sets that were fetched before can be used" in sheet.says.text()
    with hub(tmp_path / "offered", kind="dataset") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        sheet.fetch.click()
        qtbot.waitUntil(lambda: bool(window_.findChildren(ImportSheet)), timeout=60_000)
    (come,) = window_.findChildren(ImportSheet)
    assert come.windowTitle() == f"Import hub:{REPO}@{COMMIT[:12]}"
    qtbot.waitUntil(lambda: bool(come.failure), timeout=20_000)
    come.read_as.setCurrentIndex(come.read_as.findData("preference"))
    come.read_as.activated.emit(come.read_as.currentIndex())
    for field, column in (("prompt", "q"), ("chosen", "yes"), ("rejected", "no")):
        qtbot.waitUntil(partial(_has_box, come, f"column {field}"), timeout=20_000)
        box = come.findChild(QComboBox, f"column {field}")
        assert box is not None
        box.setCurrentText(column)
        box.activated.emit(box.currentIndex())
    qtbot.waitUntil(come.import_.isEnabled, timeout=20_000)
    assert come.preview.toPlainText().count("— row") == 5
    QTest.mouseClick(come.import_, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(
        lambda: window_.session.overview is not None and window_.session.overview.rows["comparisons"] == 7,
        timeout=20_000,
    )


def test_nothing_goes_to_the_hub_before_it_was_seen(qtbot: QtBot, window_: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name in ("README.md", "train.jsonl", ".env"):
        (tmp_path / "set" / name).write_text("x")
    window_.actions_["push"].trigger()
    (sheet,) = window_.findChildren(PushSheet)
    QTest.keyClicks(sheet.folder, str(tmp_path / "set"))
    QTest.keyClicks(sheet.repository, "ann")
    sheet.show_.click()
    qtbot.waitUntil(sheet.show_.isEnabled, timeout=60_000)
    assert "OWNER/NAME" in sheet.says.text()
    assert not sheet.send.isEnabled()
    QTest.keyClicks(sheet.repository, "/set")
    sheet.show_.click()
    qtbot.waitUntil(sheet.send.isEnabled, timeout=60_000)
    assert sheet.files.toPlainText().split() == ["1", "README.md", "1", "train.jsonl"]
    assert "would be sent to the private data set ann/set. Nothing was sent." in sheet.says.text()
    sheet.public.click()
    assert not sheet.send.isEnabled(), "what was shown was a private repository"


def test_a_project_goes_into_one_file_and_is_opened_from_it(qtbot: QtBot, window_: MainWindow, tmp_path: Path) -> None:
    bundle = tmp_path / "walk.zip"
    window_.files.bundles.write_to(bundle)
    qtbot.waitUntil(bundle.is_file, timeout=60_000)
    drop(window_, bundle)
    qtbot.waitUntil(lambda: window_.session.folder == tmp_path / "walk", timeout=60_000)
    with qtbot.waitSignal(
        window_.files.bundles.told, timeout=60_000, check_params_cb=lambda said: said == "0 runs done."
    ):
        window_.actions_["replay"].trigger()
