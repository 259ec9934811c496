"""The window is killed while somebody edits a constitution."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from workbench.interchange.constitution_yaml import read
from workbench.project import Project

TEXT = """\
name: small
principles:
  - id: kind
    title: Be kind
    critique_request: Is it unkind?
    revision_request: Be kind.
    comparison_question: Which is kinder?
"""


def test_killing_the_window_loses_nothing_typed_more_than_a_second_before(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    Project.create(folder, read(TEXT), TEXT).close()
    program = f"""
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ui.app import build
from ui.user_settings import UserSettings
application = QApplication([])
window = build(application, UserSettings(Path({str(folder.parent / "window.json")!r})), "light")
window.show()
page = window.pages["constitution"]
def begin(_):
    window.show_page("constitution")
    page.keeper.changed.connect(shown)
def shown(state):
    if page.editor.title.text() == "Be kind":
        page.editor.title.setText("Be patient")
        page.editor.title.textEdited.emit("Be patient")
        QTimer.singleShot(1000, lambda: print("typed", flush=True))
window.session.opened.connect(begin)
window.open_project(Path({str(folder)!r}))
application.exec()
"""
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "typed\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    with Project.open(folder) as project:
        assert read(project.draft).principles[0].title == "Be patient"
