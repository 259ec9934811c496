"""A window with a state directory of its own, and projects to open in it."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.workbench.project.projects import project
from ui.app import build
from ui.main_window import MainWindow
from ui.user_settings import UserSettings


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    return state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project(tmp_path / "project").close()
    return tmp_path / "project"


@pytest.fixture
def window(qtbot: QtBot, own_state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    made = build(application, UserSettings(own_state / "window.json"), "light")
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()


@pytest.fixture
def open_window(qtbot: QtBot, window: MainWindow) -> Callable[[Path], MainWindow]:
    def open_(folder: Path) -> MainWindow:
        with qtbot.waitSignal(window.session.opened, timeout=60_000):
            window.open_project(folder)
        return window

    return open_
