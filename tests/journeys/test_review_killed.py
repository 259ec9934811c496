"""A window that is killed in the middle of a review: nothing it said was saved is lost."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.workbench.project.pairs import labelled
from workbench.project import Project
from workbench.project.auditing import audit_progress, draw_sample, sample_named
from workbench.records.preference import standing_reviews

pytest.importorskip("PySide6")

#: A window in a process of its own; its reviewer presses keys as fast as pairs come, and it tells what was answered and saved.
WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from ui.app import build
from ui.user_settings import UserSettings

application = QApplication(sys.argv[:1])
window = build(application, UserSettings(Path(sys.argv[2])), "light")
window.settings.change(reviewer="Ada")
window.show()
review = window.pages["preferences"].review
review.saved.connect(lambda name: print("saved", name, flush=True))
keys = "2431503"

def press():
    if review.item is None:
        return
    if not review.hasFocus():
        review.pair.left.setFocus()
    for key in keys:
        if review.item is not None:
            before = review.item.comparison.id
            QTest.keyClicks(review.pair.left, key)
            made = review._course.given[-1].review
            print("pressed", before, made.comparison_id, made.decision, made.id, flush=True)

timer = QTimer(interval=5)
timer.timeout.connect(press)
window.session.opened.connect(lambda _: (window.show_page("preferences"), timer.start()))
window.open_project(Path(sys.argv[1]))
application.exec()
"""


def sit(folder: Path, settings: Path, saved: int) -> list[list[str]]:
    """Let somebody review until so many answers are said to be saved, kill the window, and return what it told."""
    state = folder.parent / "state"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_STATE_HOME": str(state)}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    with tempfile.TemporaryFile() as told:
        command = [sys.executable, "-c", WINDOW, str(folder), str(settings)]
        window = subprocess.Popen(command, stdout=told, env=environment)
        try:
            until = time.monotonic() + 120
            while window.poll() is None and time.monotonic() < until and lines(told.fileno()).count("saved ") < saved:
                time.sleep(0.002)
        finally:
            window.kill()
            window.wait()
        return [line.split() for line in lines(told.fileno()).split("\n")[:-1]]


def lines(descriptor: int) -> str:
    return os.pread(descriptor, 1 << 24, 0).decode()


def test_a_window_killed_while_reviewing_loses_nothing_it_said_was_saved(tmp_path: Path) -> None:
    with labelled(tmp_path / "project", [0.8] * 40) as made:
        draw_sample(made.store, 40)
        ids = sample_named(made.store).comparison_ids
    first = sit(tmp_path / "project", tmp_path / "window.json", saved=9)
    with Project.open(tmp_path / "project") as made:
        answered = {one.comparison_id for one in made.store.reviews.select("1")}
    second = sit(tmp_path / "project", tmp_path / "window.json", saved=5)
    # The queue goes on at the first pair without an answer.
    assert next(line[1] for line in second if line[0] == "pressed") == next(
        name for name in ids if name not in answered
    )
    pressed = {line[4]: line[1:4] for line in first + second if line[0] == "pressed"}
    assert all(shown == answered for shown, answered, _ in pressed.values())
    said = {line[1]: pressed[line[1]] for line in first + second if line[0] == "saved"}
    assert len(said) >= 14
    with Project.open(tmp_path / "project") as made:
        kept = {one.id: one for one in made.store.reviews.select("1")}
        assert set(said) <= set(kept)
        assert all([kept[name].comparison_id, kept[name].decision] == said[name][1:] for name in said)
        # Each pair was answered once, by both sittings together.
        assert (
            len(standing_reviews(list(kept.values()))) == len(kept) == len({one.comparison_id for one in kept.values()})
        )
        assert audit_progress(made.store, sample_named(made.store)).done == {"Ada": len(kept)}
        assert made.check() == []
