"""The desk: one thread owns the model; requests of all connections are drawn side by side in its slots."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import BusyError, WorkbenchError
from workbench.models.language_model import LanguageModel, Sample, SampleRequest

#: Requests that wait for a slot; more are told to come back.
MOST_WAITING = 512


@dataclass
class Order:
    """A completion to draw, and where its texts so far, its sample or its error go."""

    request: SampleRequest
    stream: bool
    out: "queue.SimpleQueue[tuple[str, Any]]" = field(default_factory=queue.SimpleQueue)
    #: Set by a reader that has gone away.
    dropped: bool = False

    def events(self) -> Iterator[tuple[str, Any]]:
        """Yield ("text", text so far), then ("sample", sample); raises what the model refused."""
        while True:
            kind, value = self.out.get()
            if kind == "error":
                raise value
            yield kind, value
            if kind == "sample":
                return


@dataclass
class _Errand:
    """Something to be computed with the model between two steps of drawing."""

    work: Callable[[], Any]
    out: "queue.SimpleQueue[tuple[str, Any]]" = field(default_factory=queue.SimpleQueue)


class Desk:
    """Draws completions and runs errands until it is closed."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self._inbox: queue.SimpleQueue[Order | _Errand | None] = queue.SimpleQueue()
        self._waiting: deque[Order] = deque()
        self._drawn: dict[int, Order] = {}
        self._told: dict[int, str] = {}
        self._number = 0
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)
        self._thread.start()

    def order(self, request: SampleRequest, stream: bool = False) -> Order:
        """Have a completion drawn."""
        if len(self._waiting) >= MOST_WAITING:
            raise BusyError("Too many requests are waiting; come back later.")
        made = Order(request, stream)
        self._inbox.put(made)
        return made

    def compute(self, work: Callable[[], Any]) -> Any:
        """Run a function that uses the model, and return what it returns."""
        errand = _Errand(work)
        self._inbox.put(errand)
        kind, value = errand.out.get()
        if kind == "error":
            raise value
        return value

    def close(self) -> None:
        """Finish nothing more."""
        self._inbox.put(None)
        self._thread.join()

    def _work(self) -> None:
        self._sampler = self.model.sampler(self._tell)
        while not self._closing:
            self._take_in(block=not self._drawn and not self._waiting)
            while self._waiting and len(self._drawn) < self._sampler.slots:
                self._begin(self._waiting.popleft())
            if self._drawn:
                self._advance()

    def _take_in(self, block: bool) -> None:
        while True:
            try:
                item = self._inbox.get(block=block)
            except queue.Empty:
                return
            block = False
            if item is None:
                self._closing = True
            elif isinstance(item, Order):
                self._waiting.append(item)
            else:
                self._run(item)

    def _run(self, errand: _Errand) -> None:
        try:
            errand.out.put(("done", errand.work()))
        except Exception as error:  # noqa: BLE001 - it is raised again in the thread that asked
            errand.out.put(("error", error))

    def _begin(self, order: Order) -> None:
        if order.dropped:
            return
        self._number += 1
        try:
            self._sampler.submit(self._number, order.request)
        except (WorkbenchError, ValueError) as error:
            order.out.put(("error", error))
            return
        self._drawn[self._number] = order

    def _advance(self) -> None:
        for number in [number for number, order in self._drawn.items() if order.dropped]:
            del self._drawn[number]
            self._sampler.release(number)
        for walk, sample in self._sampler.advance():
            self._end(int(str(walk)), sample)

    def _end(self, walk: int, sample: Sample) -> None:
        self._sampler.release(walk)
        self._told.pop(walk, None)
        order = self._drawn.pop(walk, None)
        if order is not None:
            order.out.put(("sample", sample))

    def _tell(self, walk: object, text: str) -> None:
        order = self._drawn.get(int(str(walk)))
        if order is not None and order.stream:
            order.out.put(("text", text))
