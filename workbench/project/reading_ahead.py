"""Reading a batch while the one before is written: Python reads on while SQLite, which needs no Python, works."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

B = TypeVar("B")


class Ahead(Generic[B]):
    """An iterator's items, the next of which is made in another thread as soon as read_on is called, never two at once.

    When to read on is the caller's to say: a thread that reads takes turns with one that hands rows over, and both wait.
    """

    def __init__(self, items: Iterator[B]) -> None:
        self._items = items
        self._reader = ThreadPoolExecutor(1, "reading ahead")
        self._next: Future[B | None] | None = None

    def __enter__(self) -> "Ahead[B]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._reader.shutdown(wait=True, cancel_futures=True)

    def __iter__(self) -> Iterator[B]:
        self.read_on()
        while (item := self._taken()) is not None:
            yield item

    def read_on(self) -> None:
        """Begin to make the next item, where that has not begun yet."""
        if self._next is None:
            self._next = self._reader.submit(next, self._items, None)

    def _taken(self) -> B | None:
        self.read_on()
        assert self._next is not None
        coming, self._next = self._next, None
        return coming.result()
