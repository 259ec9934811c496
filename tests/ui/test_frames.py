"""Work behind frames, and a thread that waits little for its turn."""

import ctypes
import os
import struct
import subprocess
import sys

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QPaintEvent
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


class Painted(QWidget):
    """Notes when it is painted."""

    def __init__(self, course: list[str]) -> None:
        super().__init__()
        self._course = course

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Note it."""
        super().paintEvent(event)
        self._course.append("frame")


def slice_of_this_thread() -> int:
    """Return for how many nanoseconds this thread asks at a time; 0 where the system does not say."""
    answer = ctypes.create_string_buffer(48)
    ctypes.CDLL(None).syscall(_GET_ATTRIBUTES, 0, answer, len(answer), 0)
    return int(struct.unpack("=IIQiIQQQ", answer.raw)[5])


def test_work_is_done_at_once_where_the_window_rests(qtbot: QtBot) -> None:
    course: list[str] = []
    window = Painted(course)
    qtbot.addWidget(window)
    window.show()
    run_for(200)
    course.clear()
    Frames(window).after(lambda: course.append("work"))
    assert course == ["work"]


def test_work_comes_behind_the_next_frame_where_one_is_coming(qtbot: QtBot) -> None:
    course: list[str] = []
    window = Painted(course)
    qtbot.addWidget(window)
    frames = Frames(window)
    window.show()
    run_for(50)
    window.update()
    run_for(1)
    course.clear()
    frames.after(lambda: course.append("first"))
    frames.after(lambda: course.append("second"))
    assert not course
    window.update()
    run_for(10)
    assert course == ["frame", "first", "second"]


def test_work_is_not_kept_waiting_for_a_frame_that_does_not_come(qtbot: QtBot) -> None:
    course: list[str] = []
    window = Painted(course)
    qtbot.addWidget(window)
    frames = Frames(window)
    window.show()
    run_for(50)
    window.update()
    run_for(1)
    course.clear()
    frames.after(lambda: course.append("work"))
    run_for(100)
    assert course == ["work"]


def test_of_two_movements_the_longer_rest_between_them_is_taken(qtbot: QtBot) -> None:
    course: list[int] = []
    window, now = QWidget(), [0.0]
    qtbot.addWidget(window)
    frames = Frames(window, clock=lambda: now[0])
    for milliseconds in (15, 16, 31, 32, 47, 48):
        now[0] = milliseconds / 1000
        if milliseconds == 31:
            frames.after(lambda: course.append(round(now[0] * 1000)))
        frames.eventFilter(window, QEvent(QEvent.Type.UpdateRequest))
        run_for(1)
    assert course == [32]  # what is begun at 31 would be in the way of the frame at 32


@pytest.mark.skipif(
    sys.platform != "linux" or os.uname().machine != "x86_64" or not slice_of_this_thread(),
    reason="only Linux from 6.12 on tells for how long a thread asks",
)
def test_the_window_s_thread_alone_takes_short_turns() -> None:
    told = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True).stdout.split()
    assert int(told[0]) == 100_000 < int(told[1])
