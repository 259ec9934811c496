"""A card of a failure whose cause is known has the one action that helps."""

import errno
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.workbench.project.projects import project
from ui.main_window import MainWindow
from ui.session import Failure
from workbench.errors import BadInputError, BusyError, DiskFullError, GoneError
from workbench.project import Project
from workbench.store.trouble import trouble_of

Open = Callable[[Path], MainWindow]


@pytest.fixture
def opened(open_window: Open, folder: Path) -> MainWindow:
    return open_window(folder)


def fails(window: MainWindow, error: Exception, times: int = 1) -> list[str]:
    """Ask for something that fails that many times; return what it answers at last."""
    said: list[str] = []
    left = [times]

    def work(_: Project) -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise error
        return "done"

    window.session.ask("Saving", work, said.append)
    window.session.settle()
    return said


def test_what_another_has_is_asked_for_again(opened: MainWindow, qtbot: QtBot) -> None:
    said = fails(opened, sqlite3.OperationalError("database is locked"))
    (card,) = opened.failures()
    assert card.action is not None
    assert card.action.text() == "Try again"
    QTest.mouseClick(card.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: said == ["done"])
    assert opened.failures() == []


def test_a_full_disk_leads_to_the_page_that_frees_it(opened: MainWindow) -> None:
    fails(opened, OSError(errno.ENOSPC, "No space left on device"))
    (card,) = opened.failures()
    assert card.action is not None
    assert "disk is full" in card.sentence
    QTest.mouseClick(card.action, Qt.MouseButton.LeftButton)
    assert opened.page.place.key == "disk"


def test_a_folder_that_vanished_leads_to_choosing_another(opened: MainWindow, folder: Path) -> None:
    shutil.move(folder, folder.with_name("moved"))
    fails(opened, FileNotFoundError("decisions.jsonl"))
    card = opened.failures()[-1]
    assert card.action is not None
    assert card.action.text() == "Open another folder…"
    assert "moved, renamed or removed" in card.sentence


def test_what_cannot_be_mended_by_a_button_has_none(opened: MainWindow) -> None:
    fails(opened, BadInputError("The weight must be a number."))
    (card,) = opened.failures()
    assert card.action is None


def test_nothing_is_asked_again_of_a_project_that_was_closed(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    failures: list[Failure] = []
    opened.session.failed.connect(failures.append)
    said = fails(opened, BusyError("In use."))
    project(tmp_path / "other").close()
    with qtbot.waitSignal(opened.session.opened, timeout=60_000):
        opened.open_project(tmp_path / "other")
    assert failures[0].again is not None
    failures[0].again()
    opened.session.settle()
    assert said == []


def test_what_the_system_refuses_is_told_apart_from_mistakes(tmp_path: Path) -> None:
    assert isinstance(trouble_of(OSError(errno.EDQUOT, "quota"), tmp_path), DiskFullError)
    assert isinstance(trouble_of(sqlite3.OperationalError("database or disk is full"), tmp_path), DiskFullError)
    assert isinstance(trouble_of(OSError(errno.EIO, "gone"), tmp_path / "gone"), GoneError)
    assert trouble_of(sqlite3.OperationalError("no such table: x"), tmp_path) is None
    assert trouble_of(KeyError("x"), tmp_path) is None
