"""Objects that only hold each other end in the window's thread, and what is there to stay is walked no more."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ui.garbage import Garbage

#: Far more than the collector waits for.
MANY = 100_000


class Ring:
    """Holds itself."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[QObject]:
    gc.unfreeze()
    window = QObject()
    yield window
    window.deleteLater()
    qtbot.waitUntil(gc.isenabled)
    assert gc.get_freeze_count() == 0


def settled(window: QObject, room: Callable[[Callable[[], None]], None] = lambda work: work()) -> Garbage:
    """Return a collector of which the window's beginnings are over."""
    garbage = Garbage(window, room)
    while not gc.get_freeze_count():
        garbage.look()
    return garbage


def test_a_ring_made_beside_ends_in_the_windows_thread(qtbot: QtBot, window: QObject) -> None:
    garbage = settled(window)
    ended: list[int] = []

    def allocate() -> None:
        ring = Ring()
        weakref.finalize(ring, lambda: ended.append(threading.get_ident()))
        del ring
        kept: list[list[int]] = [[] for _ in range(MANY)]
        assert kept
        assert not ended

    with ThreadPoolExecutor(1) as threads:
        threads.submit(allocate).result()
    more: list[list[int]] = [[] for _ in range(MANY)]
    garbage.look()
    assert more
    assert ended == [threading.get_ident()]


def test_what_was_there_at_first_is_walked_no_more(window: QObject) -> None:
    there = Ring()
    assert any(one is there for one in gc.get_objects())
    settled(window)
    assert not any(one is there for one in gc.get_objects())


def test_it_waits_for_room_and_asks_once(window: QObject) -> None:
    asked: list[Callable[[], None]] = []
    garbage = settled(window, asked.append)
    gone = weakref.ref(Ring())
    kept: list[list[int]] = [[] for _ in range(MANY)]
    garbage.look()
    garbage.look()
    assert len(asked) == 1
    assert gone() is not None
    asked[0]()
    assert gone() is None
    assert kept
