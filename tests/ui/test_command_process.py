"""Commands beside the window end in a word, also where no process comes up."""

import sys

import pytest
from pytestqt.qtbot import QtBot

from ui.command_process import CommandProcess


def test_a_command_that_cannot_be_started_says_why(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    commands = CommandProcess()
    told: list[tuple[bool, str]] = []
    commands.run(["check"], lambda good, said: told.append((good, said)))
    qtbot.waitUntil(lambda: bool(told))
    ((good, said),) = told
    assert not good
    assert said
    commands.end()  # nothing is left to be ended
