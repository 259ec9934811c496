"""EndpointModel: a model behind an endpoint, keeping the protocol the stages speak to."""

import queue
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from typing import Any

from workbench.errors import NoRoomError
from workbench.models.endpoints import replies
from workbench.models.endpoints.choices import choose, tokenised
from workbench.models.endpoints.connection import Connection
from workbench.models.endpoints.dialect import as_sent, body_of
from workbench.models.endpoints.replicas import Replicas
from workbench.models.endpoints.replies import Trouble
from workbench.models.language_model import UNSCORED, ChoiceRequest, Listener, Sample, SampleRequest, wanted
from workbench.models.spelling import find_stop, without_begun_stop
from workbench.records.endpoint import Endpoint, Reading
from workbench.records.transcript import Message, RoleNames, plain_stops, plain_text
from workbench.sentences import said

#: Servers take few stop strings; more are looked for here, in what comes back.
_MOST_STOPS = 4
#: Seconds an advance waits for something to finish.
_WAIT = 0.05
_SAYS = {
    "exact": said("labels are exact: every token of an option is scored"),
    "top_logprobs": said("labels are read from its lists of likely tokens and normalised over the options"),
    "text": said("it gives no log-probabilities, so a label is a single answer"),
}


class EndpointModel:
    """Asks an endpoint; close it when it is no longer needed."""

    def __init__(
        self, endpoint: Endpoint, names: RoleNames | None = None, key: Callable[[str], str | None] = lambda url: None
    ) -> None:
        self.endpoint = endpoint
        self._names = names or RoleNames()
        self.replicas = Replicas(endpoint, key)

    @property
    def name(self) -> str:
        """What people read."""
        return f"{self.endpoint.model} at {self.endpoint.name}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences a run must say; what becomes of the replicas is added as it happens."""
        reading, votes = self.endpoint.reading, self.endpoint.votes
        says = said("it gives no log-probabilities, so a label is a vote of {votes} answers", votes=votes)
        notes = [said("{name} is asked over the network; {says}.", name=self.name, says=_SAYS.get(reading, says))]
        if not self.endpoint.can.seed_bits:
            notes.append(said("{name} does not keep seeds: run again, its texts will differ.", name=self.name))
        return (*notes, *self.replicas.news)

    @property
    def waits_for(self) -> str:
        """Return who is waited for while no server answers, in words; nothing where one does."""
        if not self.replicas.silent:
            return ""
        several = len(self.endpoint.urls) > 1
        who = "none of the servers" if several else "the server"
        return (
            f"{who} of endpoint {self.endpoint.name} answers"
            if several
            else f"{who} of {self.endpoint.name} does not answer"
        )

    @property
    def reading(self) -> Reading:
        """How the options' probabilities are read."""
        return self.endpoint.reading

    def tokenise(self, text: str) -> list[int]:
        """Return the server's tokens of a sent text."""

        async def ask(connection: Connection, seconds: float) -> list[int]:
            return await tokenised(self.endpoint, text, connection, seconds)

        return self.replicas.run(ask)

    def render(self, messages: Sequence[Message], begin: str | None = None, prefix: str = "") -> str:
        """Return the text as sent: for a chat its turns and the beginning of the next, else the paper's plain text."""
        if self.endpoint.can.dialect == "chat":
            return as_sent(messages, prefix)
        return plain_text(messages, begin, self._names, prefix)

    def stops(self) -> tuple[str, ...]:
        """Return the stop strings that end a turn: none in a chat."""
        return () if self.endpoint.can.dialect == "chat" else plain_stops(self._names)

    def sampler(self, on_text: Listener | None = None) -> "EndpointSampler":
        """Return a sampler that has as many slots as the replicas take requests."""
        return EndpointSampler(self.endpoint, self.replicas, on_text)

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[tuple[float, ...]]:
        """Return for each request the options' log-probabilities, normalised over its options; UNSCORED for one too long."""
        return [_scored(future) for future in [self._start(request) for request in requests]]

    def _start(self, request: ChoiceRequest) -> "Future[tuple[float, ...]]":
        async def ask(connection: Connection, seconds: float) -> tuple[float, ...]:
            return await choose(self.endpoint, request, connection, seconds)

        return self.replicas.start(ask)

    def close(self) -> None:
        """Let go of the connections."""
        self.replicas.close()


class EndpointSampler:
    """Requests under way, up to as many as the replicas take; what finishes first comes back first."""

    def __init__(self, endpoint: Endpoint, replicas: Replicas, on_text: Listener | None = None) -> None:
        self._endpoint = endpoint
        self._replicas = replicas
        self._on_text = on_text
        self._busy: dict[Hashable, Future[Sample]] = {}
        self._held: set[Hashable] = set()
        self._done: queue.SimpleQueue[tuple[Hashable, Future[Sample]]] = queue.SimpleQueue()
        #: Texts so far, written on the loop's thread and told on the caller's.
        self._texts: dict[Hashable, str] = {}

    @property
    def slots(self) -> int:
        """How many walks can be held at once."""
        return self._replicas.slots

    def submit(self, walk: Hashable, request: SampleRequest) -> None:
        """Send the walk's next request; ValueError if it still has one or no slot is free."""
        if walk in self._busy:
            raise ValueError(f"walk {walk!r} has an unfinished request")
        if walk not in self._held and len(self._held) >= self.slots:
            raise ValueError(f"all {self.slots} slots are taken")
        self._held.add(walk)
        future = self._replicas.start(self._asking(walk, request))
        self._busy[walk] = future
        future.add_done_callback(lambda done: self._done.put((walk, done)))

    def advance(self) -> list[tuple[Hashable, Sample]]:
        """Wait a moment for something to finish and return what has, before anything that went wrong is raised.

        NoRoomError names the walk whose prompt was found too long; an EndpointError says why no answer comes.
        """
        ended = self._ended()
        finished = [(walk, future.result()) for walk, future in ended if not _went_wrong(future)]
        wrong = [one for one in ended if _went_wrong(one[1])]
        for one in wrong if finished else wrong[1:]:
            self._done.put(one)  # next time
        for walk, _ in finished or wrong[:1]:
            del self._busy[walk]
        if wrong and not finished:
            _raise_for(*wrong[0])
        self._tell(finished)
        return finished

    def _ended(self) -> "list[tuple[Hashable, Future[Sample]]]":
        """Wait a moment for a request to end, well or not; return all that have."""
        ended: dict[Hashable, Future[Sample]] = {}
        until = time.monotonic() + _WAIT
        while len(ended) < len(self._busy):
            try:
                walk, future = self._done.get(timeout=max(0.0, until - time.monotonic()) if not ended else 0.0)
            except queue.Empty:
                break
            if self._busy.get(walk) is future:
                ended[walk] = future
        return list(ended.items())

    def release(self, walk: Hashable) -> None:
        """Give the walk's slot back, dropping what it had not finished."""
        self._held.discard(walk)
        self._texts.pop(walk, None)
        future = self._busy.pop(walk, None)
        if future is not None:
            future.cancel()

    def _tell(self, finished: Sequence[tuple[Hashable, Sample]]) -> None:
        if self._on_text is None:
            return
        for walk in list(self._texts):
            text = self._texts.pop(walk, None)
            if text is not None and walk in self._busy and wanted(self._on_text, walk):
                self._on_text(walk, text)
        for walk, sample in finished:
            if wanted(self._on_text, walk):
                self._on_text(walk, sample.text)

    def _asking(self, walk: Hashable, request: SampleRequest) -> Callable[[Connection, float], Any]:
        endpoint = self._endpoint
        path, body = body_of(endpoint, request.prompt)
        body |= {"max_tokens": request.max_tokens, "temperature": request.temperature}
        if endpoint.can.seed_bits:
            body["seed"] = request.seed & ((1 << endpoint.can.seed_bits) - 1)
        if request.stop:
            body["stop"] = list(request.stop[:_MOST_STOPS])

        async def ask(connection: Connection, seconds: float) -> Sample:
            if endpoint.can.streaming and self._on_text is not None:
                so_far: list[str] = []

                def on_piece(piece: str) -> None:
                    so_far.append(piece)
                    self._texts[walk] = without_begun_stop("".join(so_far), request.stop)

                data, pieces = await connection.stream(path, body, seconds, on_piece)
            else:
                data, pieces = await connection.post(path, body, seconds), 0
            return sample_of(data, request, pieces)

        return ask


def _went_wrong(future: "Future[Sample]") -> bool:
    return future.cancelled() or future.exception() is not None


def _raise_for(walk: Hashable, future: "Future[Sample]") -> None:
    """Raise what went wrong, if anything did; a prompt too long is named by its walk."""
    try:
        future.result()
    except NoRoomError as error:
        raise NoRoomError(error.why, walk) from error


def _scored(future: "Future[tuple[float, ...]]") -> tuple[float, ...]:
    try:
        return future.result()
    except NoRoomError:
        return UNSCORED


def sample_of(data: dict[str, Any], request: SampleRequest, pieces: int = 0) -> Sample:
    """Return what a server answered as a sample: cut at the first stop string, whichever side looked for it."""
    text, whole = replies.text_of(replies.first_choice(data))
    at = find_stop(text, request.stop)
    if at >= 0:
        text, whole = text[:at], True
    tokens = replies.usage(data, "completion_tokens") or pieces
    if not text and not tokens and not whole:
        raise Trouble(said("it answered nothing"))
    return Sample(
        text=text,
        tokens=min(tokens or len(text.split()), request.max_tokens),
        finish="stop" if whole else "length",
        prompt_tokens=replies.usage(data, "prompt_tokens"),
    )
