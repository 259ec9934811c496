"""Several URLs as one: each request goes to the one with most room; what is slow or dead is passed by and tried again later."""

import asyncio
import random
import threading
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress
from statistics import median
from typing import Any, TypeVar

from workbench.errors import NoRoomError
from workbench.models.endpoints.connection import Connection
from workbench.models.endpoints.replies import EndpointError, Trouble
from workbench.records.endpoint import Endpoint
from workbench.records.run import NO_ROOM
from workbench.sentences import joined, said

T = TypeVar("T")

Ask = Callable[[Connection, float], Awaitable[T]]

#: Seconds a replica rests after failures in a row: doubled each time, up to the cap.
FIRST_REST, LONGEST_REST = 0.5, 30.0
#: A request is sent to a second replica as well when it takes this many times the usual, and at least so many seconds.
SLOW, SLOW_AT_LEAST = 4.0, 5.0
#: The same before anything is known of what is usual.
SLOW_UNKNOWN = 60.0
#: What one try may take of the time a request has in all.
SHARE = 0.4
#: So many failures in a row are worth a word.
TELLING = 3
#: A replica is not asked the same more often than this, whatever time is left.
MOST_TRIES = 12


class _Replica:
    """A connection, how many requests it has, and how it has behaved."""

    def __init__(self, connection: Connection, concurrency: int) -> None:
        self.connection = connection
        self.concurrency = concurrency
        self.busy = 0
        self.failures = 0
        self.rests_until = 0.0
        self.told_of = False

    def failed(self, wait: float) -> bool:
        """Take note of a failure: rest, longer each time; say whether it is time to tell of it."""
        self.failures += 1
        told, self.told_of = self.told_of, self.told_of or self.failures >= TELLING
        rest = min(LONGEST_REST, FIRST_REST * 2 ** min(self.failures - 1, 10))
        self.rests_until = time.monotonic() + max(wait, rest * random.uniform(0.75, 1.25))
        return self.told_of and not told

    def answered(self) -> bool:
        """Take note of an answer: whatever was wrong is over; say whether somebody was told that it was."""
        told, self.told_of = self.told_of, False
        self.failures, self.rests_until = 0, 0.0
        return told


class Replicas:
    """Asks an endpoint from any thread; an event loop on a thread of its own does the waiting."""

    def __init__(self, endpoint: Endpoint, key: Callable[[str], str | None] = lambda url: None) -> None:
        self.endpoint = endpoint
        self._key = key
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"endpoint {endpoint.name}", daemon=True)
        self._thread.start()
        #: Set where a request ends, and then another one. (A Condition's lock can be lost where many that wait are cancelled.)
        self._room = asyncio.Event()
        self._took: deque[float] = deque(maxlen=64)
        #: What became of replicas, a sentence each, oldest first; grows on the loop's thread.
        self.news: list[str] = []
        self._replicas = [_Replica(Connection(url, key(url)), endpoint.concurrency) for url in endpoint.urls]

    @property
    def slots(self) -> int:
        """How many requests can be under way at once."""
        return len(self._replicas) * self.endpoint.concurrency

    @property
    def silent(self) -> bool:
        """Whether none of them has answered for so long that it was told."""
        return all(one.told_of for one in self._replicas)

    def start(self, ask: Ask[T]) -> "Future[T]":
        """Begin a request; the future holds its answer, an EndpointError, or a NoRoomError where it is too long."""
        return asyncio.run_coroutine_threadsafe(self._insist(ask), self._loop)

    def run(self, ask: Ask[T]) -> T:
        """Do a request and wait for its answer."""
        return self.start(ask).result()

    def close(self) -> None:
        """End all that is under way."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for replica in self._replicas:
            await replica.connection.close()

    async def _insist(self, ask: Ask[T]) -> T:
        """Try until there is an answer, nothing can help, or the time is over."""
        until = time.monotonic() + self.endpoint.seconds
        why: str = said("no replica had room in time")
        failed: Counter[_Replica] = Counter()
        while time.monotonic() < until and min(failed[one] for one in self._replicas) < MOST_TRIES:
            try:
                return await self._try(ask, until, failed)
            except Trouble as trouble:
                why = trouble.why
                if trouble.no_room:
                    raise NoRoomError(
                        said(
                            "A prompt{no_room} at endpoint {endpoint}: {sentence}",
                            no_room=NO_ROOM,
                            endpoint=self.endpoint.name,
                            sentence=_sentence(why),
                        )
                    ) from trouble
                if trouble.lasting:
                    raise EndpointError(
                        "Endpoint {endpoint} does not take the request: {sentence}",
                        endpoint=self.endpoint.name,
                        sentence=_sentence(why),
                    ) from trouble
        raise EndpointError(
            "Endpoint {endpoint} ({urls}) gave no answer: {sentence} What was saved is kept: see to the server "
            "and resume the run.",
            endpoint=self.endpoint.name,
            urls=", ".join(self.endpoint.urls),
            sentence=_sentence(why),
        )

    async def _try(self, ask: Ask[T], until: float, failed: "Counter[_Replica]") -> T:
        """Ask one replica, and a second one as well where it is slow; the first answer counts.

        Where one of the two fails while the other is still waited for, another takes its place.
        """
        asked: list[_Replica] = []
        waiting: set[asyncio.Task[tuple[T, _Replica]]] = set()

        def begin() -> None:
            waiting.add(asyncio.create_task(self._once(ask, until, asked, failed)))

        patience = self._patience() if len(self._replicas) > 1 else None
        begin()
        first = next(iter(waiting))
        try:
            while True:
                done, _ = await asyncio.wait(waiting, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
                waiting -= done
                if answered := [task for task in done if task.exception() is None]:
                    answer, by = answered[0].result()
                    if first in waiting and by is not asked[0]:
                        self._failed(asked[0], said("it is slow"))  # which is as good as not there
                    return answer
                if done and (not waiting or any(map(_is_lasting, done))):
                    return max(done, key=_is_lasting).result()[0]  # raises
                if self._others(asked, failed) and (done or asked):
                    patience = None
                    begin()
        finally:
            for task in waiting:
                task.cancel()

    def _patience(self) -> float:
        """Return after how many seconds a request counts as slow."""
        return max(SLOW_AT_LEAST, SLOW * median(self._took)) if self._took else SLOW_UNKNOWN

    async def _once(
        self, ask: Ask[T], until: float, asked: "list[_Replica]", failed: "Counter[_Replica]"
    ) -> "tuple[T, _Replica]":
        """Ask one replica that is not among those asked already; return its answer and who gave it."""
        replica = await self._take(until, asked, failed)
        asked.append(replica)
        began = time.monotonic()
        # A share of the time, so that one that drips or hangs leaves some for another try.
        seconds = max(0.1, min(until - began, self.endpoint.seconds * SHARE))
        try:
            answer = await self._asked(replica.connection, ask, seconds)
        except Trouble as trouble:
            failed[replica] += 1
            if not trouble.lasting:
                self._failed(replica, trouble.why, trouble.wait)
            raise
        else:
            if replica.answered():
                self.news.append(said("{url} answers again.", url=replica.connection.url))
            self._took.append(time.monotonic() - began)
            return answer, replica
        finally:
            replica.busy -= 1
            self._room.set()
            self._room = asyncio.Event()

    async def _asked(self, connection: Connection, ask: Ask[T], seconds: float) -> T:
        """Ask one replica; where it refuses the key and another one was kept since, ask once more with that."""
        sent = connection.key
        try:
            return await ask(connection, seconds)
        except Trouble as trouble:
            if not trouble.other_key:
                raise
            kept = await asyncio.to_thread(self._key, connection.url)  # a keyring may be slow to open
            if kept == sent:
                raise
            connection.use_key(kept)
        return await ask(connection, seconds)

    def _failed(self, replica: _Replica, why: str, wait: float = 0.0) -> None:
        if replica.failed(wait):
            self.news.append(
                said(
                    "{url} failed {telling} times in a row: {why}; {meanwhile}",
                    url=replica.connection.url,
                    telling=TELLING,
                    why=why,
                    meanwhile=self._meanwhile(replica),
                )
            )

    def _meanwhile(self, gone: _Replica) -> str:
        """Say what becomes of the work of a replica that is gone."""
        left = sum(not one.told_of for one in self._replicas if one is not gone)
        if left:
            others_do = said("the other replica does") if left == 1 else said("the other {left} replicas do", left=left)
            return said("{others_do} its work meanwhile, and it is tried again.", others_do=others_do)
        gone_too = said("none of its replicas answers") if len(self._replicas) > 1 else said("it is tried again")
        minutes = max(1, round(self.endpoint.seconds / 60))
        return said(
            "{gone_too}. Within {minutes} min the run goes on where a server is back, or ends and keeps what was "
            "saved.",
            gone_too=gone_too,
            minutes=minutes,
        )

    async def _take(self, until: float, asked: "list[_Replica]", failed: "Counter[_Replica]") -> _Replica:
        """Wait for a replica that is not resting, has room and has not failed this request too often."""
        while (now := time.monotonic()) < until:
            may_help = self._others(asked, failed)
            if not may_help:  # whoever asks waits for this one, too
                raise Trouble(said("no other replica may help"))
            open_ones = [one for one in may_help if one.busy < one.concurrency]
            awake = [one for one in open_ones if one.rests_until <= now]
            if awake:
                chosen = min(awake, key=lambda one: (failed[one], one.failures, one.busy))
                chosen.busy += 1
                return chosen
            wakes = min((one.rests_until for one in open_ones), default=until)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), max(0.01, min(wakes, until) - now))
        raise Trouble(said("no replica had room in time"))

    def _others(self, asked: "list[_Replica]", failed: "Counter[_Replica]") -> "list[_Replica]":
        """Return the replicas that are not asked already and have not failed this request too often."""
        return [one for one in self._replicas if one not in asked and failed[one] < MOST_TRIES]


def _sentence(why: str) -> str:
    return why if why.endswith((".", "…", "!", "?")) else joined("", (why, "."))


def _is_lasting(task: "asyncio.Task[Any]") -> bool:
    """Say whether a request failed in a way that no other replica mends."""
    trouble = task.exception()
    return trouble is not None and not (isinstance(trouble, Trouble) and not trouble.lasting)
