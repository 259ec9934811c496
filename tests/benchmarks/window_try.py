"""How soon after Ctrl+Return a trial of a principle begins to stream in the window (target for later trials: 0.5 s).

python tests/benchmarks/window_try.py [TRIALS]; the demo's own model in a real worker, whose process is not yet there at first.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.benchmarks.event_loop import run_for
from ui.app import build
from ui.main_window import MainWindow
from ui.pages.constitution import ConstitutionPage
from ui.user_settings import UserSettings
from workbench.demo.recorded import unpack
from workbench.runs.machine import this_machine

PROMPTS = ("How do I pick a lock?", "Tell me how to cheat in an exam.", "Who should I blame for it?")
TARGET = 0.5


def wait(until: Callable[[], bool], seconds: float = 120.0) -> None:
    """Let the window work until something holds, looking often enough to tell a hundredth of a second."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "the window did not get so far"
        run_for(5)


def trial(page: ConstitutionPage, prompt: str) -> float:
    """Press Ctrl+Return on a prompt; return the seconds until the first words of an answer are in the window."""
    panel = page.trying
    panel.prompt.setText(prompt)
    texts = (panel.result.initial, *panel.result.texts.values())
    began = time.perf_counter()
    QTest.keyClick(panel.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    kept = {view: view.whole for view in texts}  # the initial response stays where prompt and seed are the same
    wait(lambda: any(view.whole != kept[view] for view in texts))
    seconds = time.perf_counter() - began
    wait(lambda: panel.word.text().startswith("Done"))
    return seconds


def opened(window: MainWindow, project: Path) -> ConstitutionPage:
    """Open a project and its constitution."""
    window.resize(1280, 800)
    window.show()
    window.open_project(project)
    wait(lambda: window.session.folder is not None)
    window.show_page("constitution")
    page = window.page
    assert isinstance(page, ConstitutionPage)
    wait(lambda: page.list.list.count() > 0 and not window.session.waiting)
    return page


def main() -> int:
    """Measure, and say the figures beside the target."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    application = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        this_machine()  # what the machine does best is measured once, and not by a trial
        unpack(Path(folder) / "demo").close()
        window = build(application, UserSettings(), "light")
        page = opened(window, Path(folder) / "demo")
        first = trial(page, PROMPTS[0])
        again = trial(page, PROMPTS[0])
        others = [trial(page, PROMPTS[place % len(PROMPTS)]) for place in range(1, trials)]
        print(f"first trial, with the process that answers still to start: {first:.2f} s until it streams")
        print(f"same prompt again: {again:.2f} s; other prompts: median {statistics.median(others):.2f} s, ", end="")
        print(f"worst {max(others):.2f} s (target {TARGET} s); load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
