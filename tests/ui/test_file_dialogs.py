"""Asking for a file: by typing its path, and without opening what lies beside it."""

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QTreeView, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.file_dialogs import ask_for_file, ask_for_folder, ask_for_folder_or_file, ask_where_to_save

_IN_OPEN = 0x20


@contextmanager
def opened(files: list[Path]) -> Iterator[Callable[[], bool]]:
    """Watch files for being opened by anybody."""
    c = ctypes.CDLL(None)
    watch = c.inotify_init1(os.O_NONBLOCK)
    for file in files:
        assert c.inotify_add_watch(watch, bytes(file), _IN_OPEN) >= 0

    def any_was() -> bool:
        try:
            return bool(os.read(watch, 4096))
        except BlockingIOError:
            return False

    yield any_was
    os.close(watch)


def dialog(qtbot: QtBot) -> QFileDialog:
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), QFileDialog))
    shown = QApplication.activeModalWidget()
    assert isinstance(shown, QFileDialog)
    return shown


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has both such locks and inotify")
def test_no_file_of_a_project_is_opened_to_be_listed(qtbot: QtBot, parent: QWidget, tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("project.db", "project.db-wal", "project.db-shm")]
    for file in files:
        file.write_bytes(b"SQLite format 3\0")
    with opened(files) as any_was:
        ask_for_file(parent, "Which?", "All (*)", lambda _: None, tmp_path)
        shown = dialog(qtbot)
        tree = shown.findChild(QTreeView)
        assert tree is not None
        qtbot.waitUntil(lambda: tree.model().rowCount(tree.rootIndex()) == 3)
        kinds = [tree.model().index(row, 2, tree.rootIndex()).data() for row in range(3)]
        assert kinds == ["db", "db-shm", "db-wal"]
        shown.reject()
        assert not any_was()
        files[0].read_bytes()
        assert any_was()


def test_a_path_is_typed(qtbot: QtBot, parent: QWidget, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").touch()
    (tmp_path / "inner").mkdir()
    chosen: list[Path] = []
    asked: tuple[tuple[Callable[[], None], str], ...] = (
        (lambda: ask_for_file(parent, "Which?", "Text (*.txt)", chosen.append, tmp_path), "prompts.txt"),
        (lambda: ask_for_folder(parent, "Where?", chosen.append, tmp_path / "gone"), "inner"),
        (lambda: ask_for_folder_or_file(parent, "Which?", chosen.append, tmp_path), "inner"),
        (lambda: ask_for_folder_or_file(parent, "Which?", chosen.append, tmp_path), "prompts.txt"),
        (lambda: ask_where_to_save(parent, "As?", "Tables (*.csv)", chosen.append, tmp_path / "x.csv"), "loss"),
    )
    for ask, typed in asked:
        ask()
        line = dialog(qtbot).focusWidget()
        assert line.accessibleName() == "Name or path"
        assert isinstance(line, QLineEdit)
        assert line.text() == ("x.csv" if typed == "loss" else "")  # no folder is proposed that is not there
        QTest.keyClicks(line, typed)
        QTest.keyClick(line, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: QApplication.activeModalWidget() is None)
    names = ("prompts.txt", "inner", "inner", "prompts.txt", "loss.csv")
    assert chosen == [tmp_path / name for name in names]
