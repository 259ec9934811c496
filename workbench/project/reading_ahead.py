"""Reading a batch while the one before is written: Python reads on while SQLite, which needs no Python, works."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

B = TypeVar("B")

#: Who writes gets the interpreter back this soon, some statements of SQLite later; usually it would wait ten times as long.
_TURN_SECONDS = 0.0005


class Ahead(Generic[B]):
    """An iterator's items, the next of which is made in another thread while one is worked with."""

    def __init__(self, items: Iterator[B]) -> None:
        self._items = items
        self._reader = ThreadPoolExecutor(1, "reading ahead")
        self._turn = sys.getswitchinterval()

    def __enter__(self) -> "Ahead[B]":
        sys.setswitchinterval(min(_TURN_SECONDS, self._turn))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.shutdown(wait=True, cancel_futures=True)
        sys.setswitchinterval(self._turn)

    def __iter__(self) -> Iterator[B]:
        coming = self._read_on()
        while (item := coming.result()) is not None:
            coming = self._read_on()
            yield item

    def _read_on(self) -> "Future[B | None]":
        return self._reader.submit(next, self._items, None)
