"""A window with a state directory of its own, and projects to open in it."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from tests.workbench.project.projects import project
from ui.app import build
from ui.main_window import MainWindow
from ui.user_settings import UserSettings

PATIENCE_MS = 60_000


class Patient(QtBot):
    """Waits where a test does not say how long for as long as a machine may need that has other things to do."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(  # noqa: N802
        self,
        signal: Any,
        *,
        timeout: int = PATIENCE_MS,
        raising: bool | None = None,
        check_params_cb: Callable[..., bool] | None = None,
    ) -> SignalBlocker:
        return super().waitSignal(signal, timeout=timeout, raising=raising, check_params_cb=check_params_cb)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return Patient(request)


@pytest.fixture(autouse=True)
def own_state(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    # What a machine does best is measured at its first run; these machines are all the same, and quick to know.
    measured = {"device": "cpu", "dtype": "float32", "threads": 1, "attention": "sdpa", "processes": 1}
    known = {**measured, "training_dtype": "float32", "training_threads": 1}
    (state / "constitution-workbench").mkdir()
    (state / "constitution-workbench" / "machine.json").write_text(json.dumps(known))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    return state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project(tmp_path / "project").close()
    return tmp_path / "project"


@pytest.fixture
def start_window(qtbot: QtBot, own_state: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], MainWindow]]:
    """Start the window as often as a person does, one after the other."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    windows: list[MainWindow] = []

    def start() -> MainWindow:
        made = build(application, UserSettings(own_state / "window.json"), "light")
        windows.append(made)
        qtbot.addWidget(made)
        with qtbot.waitExposed(made, timeout=PATIENCE_MS):
            made.show()
        return made

    yield start
    for made in windows:
        made.close()
    windows.clear()
    # Now, or the next window's style is given to all of this one first.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(start_window: Callable[[], MainWindow]) -> MainWindow:
    return start_window()


@pytest.fixture
def open_window(qtbot: QtBot, window: MainWindow) -> Callable[[Path], MainWindow]:
    def open_(folder: Path) -> MainWindow:
        with qtbot.waitSignal(window.session.opened, timeout=60_000):
            window.open_project(folder)
        return window

    return open_
