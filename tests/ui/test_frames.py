"""Work behind frames, and a thread that waits little for its turn."""

import ctypes
import os
import struct
import subprocess
import sys

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.benchmarks.event_loop import run_for
from ui.frames import Frames

_GET_ATTRIBUTES = 315
#: Says the slice of the thread that took short turns, and that of one started afterwards.
_PROGRAM = """
import threading
from tests.ui.test_frames import slice_of_this_thread
from ui.turns import take_short_turns
take_short_turns()
print(slice_of_this_thread())
other = threading.Thread(target=lambda: print(slice_of_this_thread()))
other.start()
other.join()
"""


def slice_of_this_thread() -> int:
    """Return for how many nanoseconds this thread asks at a time; 0 where the system does not say."""
    answer = ctypes.create_string_buffer(48)
    ctypes.CDLL(None).syscall(_GET_ATTRIBUTES, 0, answer, len(answer), 0)
    return int(struct.unpack("=IIQiIQQQ", answer.raw)[5])


class Course:
    """Frames asked for at given milliseconds, and what is done when."""

    def __init__(self, qtbot: QtBot) -> None:
        self._now = 0
        self.done: list[tuple[str, int]] = []
        self._window = QWidget()
        qtbot.addWidget(self._window)
        self._frames = Frames(self._window, clock=lambda: self._now / 1000)
        self._frames.patience.setInterval(10_000)

    def frame(self, milliseconds: int) -> None:
        """Let a frame be asked for, and the loop do what comes after it."""
        self._now = milliseconds
        self._frames.eventFilter(self._frames, QEvent(QEvent.Type.UpdateRequest))
        QCoreApplication.processEvents()

    def work(self, milliseconds: int, name: str = "work") -> None:
        """Have something done."""
        self._now = milliseconds
        self._frames.after(lambda: self.done.append((name, self._now)))

    def be_impatient(self) -> None:
        """Let the time be up that work waits for a frame."""
        self._frames.patience.setInterval(0)
        run_for(20)


@pytest.mark.parametrize("frames", [(), (0,), (0, 100)])
def test_work_is_done_at_once_where_the_window_rests(qtbot: QtBot, frames: tuple[int, ...]) -> None:
    course = Course(qtbot)
    for milliseconds in (1000 + frame for frame in frames):
        course.frame(milliseconds)
    course.work(1110)  # one frame, as after a click, is no movement
    assert course.done == [("work", 1110)]


@pytest.mark.parametrize("pace", [7, 16, 40])
def test_work_comes_behind_the_next_frame_of_a_movement(qtbot: QtBot, pace: int) -> None:
    course = Course(qtbot)
    for number in range(3):
        course.frame(1000 + number * pace)
    course.work(1002 + 2 * pace, "first")
    course.work(1003 + 2 * pace, "second")
    assert not course.done
    course.frame(1000 + 3 * pace)
    assert course.done == [("first", 1000 + 3 * pace), ("second", 1000 + 3 * pace)]


@pytest.mark.parametrize(
    ("before", "coming", "chosen"),
    [
        ((0, 15, 16, 31, 32), (47, 48), 48),  # two of one pace: what began at 47 would be in the way of the next
        ((0, 3, 16, 19, 32, 35), (48, 51), 51),
        ((0, 13, 16, 32, 45, 48, 64), (77, 80), 80),  # one of half the other's pace
        ((0, 13, 16, 32, 45, 48), (64, 77), 64),
    ],
)
def test_of_two_movements_a_longer_rest_between_them_is_taken(
    qtbot: QtBot, before: tuple[int, ...], coming: tuple[int, ...], chosen: int
) -> None:
    course = Course(qtbot)
    for milliseconds in before:
        course.frame(1000 + milliseconds)
    course.work(1001 + before[-1])
    for milliseconds in coming:
        course.frame(1000 + milliseconds)
    assert course.done == [("work", 1000 + chosen)]


def test_work_is_not_kept_waiting_for_a_frame_that_does_not_come(qtbot: QtBot) -> None:
    course = Course(qtbot)
    course.frame(1000)
    course.frame(1016)
    course.work(1020)
    assert not course.done
    course.be_impatient()
    assert course.done == [("work", 1020)]


def test_a_window_that_paints_tells_its_frames(qtbot: QtBot) -> None:
    window, done = QWidget(), list[str]()
    qtbot.addWidget(window)
    frames = Frames(window, clock=lambda: 0.0)  # no time passes: all frames are of one movement
    frames.patience.setInterval(10_000)
    window.show()
    frames.after(lambda: done.append("work"))
    assert not done
    window.update()
    qtbot.waitUntil(lambda: done == ["work"])


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64" or not slice_of_this_thread(),
    reason="only Linux from 6.12 on tells for how long a thread asks",
)
def test_the_window_s_thread_alone_takes_short_turns() -> None:
    told = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    assert int(told[0]) == 100_000 < int(told[1])
