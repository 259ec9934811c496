"""The protocol the stages speak to; ScriptedModel, LocalModel and endpoints all keep it."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from workbench.errors import NoRoomError
from workbench.records.endpoint import Reading
from workbench.records.run import NO_ROOM
from workbench.records.transcript import Message
from workbench.sentences import said

Finish = Literal["stop", "length"]
#: Told a walk's text so far as it grows.
Listener = Callable[[Hashable, str], None]


@runtime_checkable
class Choosy(Protocol):
    """A listener that says whose text it wants, so that the others' need not be spelt; a plain function is told of all."""

    def __call__(self, walk: Hashable, text: str) -> None:
        """Take a walk's text so far."""
        ...

    def wants(self, walk: Hashable) -> bool:
        """Say whether this walk's text is wanted now."""
        ...


def wanted(listener: Listener | None, walk: Hashable) -> bool:
    """Say whether there is a listener that wants a walk's text."""
    return listener is not None and (not isinstance(listener, Choosy) or listener.wants(walk))


@dataclass(frozen=True)
class SampleRequest:
    """One completion to draw: the prompt exactly as sent, its own random stream, and when to stop.

    seed is the stream of this draw alone (records.draws.stream_seed); temperature 0 is greedy. stop strings end the text and are
    not part of it; the end-of-turn token always ends it.
    """

    prompt: str
    seed: int
    max_tokens: int = 128
    temperature: float = 1.0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """A drawn completion: its text without stop string or special tokens, its length in tokens, how it ended.

    near_ties counts the tokens at which the two best noise-perturbed scores lay within 1e-4: up to the first of them, float32
    text is the same whatever the batch. logprob is the sum of the drawn tokens' log-probabilities (nats, at temperature 1).
    token_ids are the tokens as drawn, the end-of-turn token included; empty where the model has none to show.
    """

    text: str
    tokens: int
    finish: Finish
    near_ties: int = 0
    logprob: float = 0.0
    prompt_tokens: int = 0
    token_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ChoiceRequest:
    """A prompt and the strings that may continue it, for example ' (A)' and ' (B)'."""

    prompt: str
    options: tuple[str, ...]


#: What stands in place of a request's log-probabilities where the model has no room for it.
UNSCORED: tuple[float, ...] = ()


def too_long(tokens: int, room: int) -> NoRoomError:
    """Return what to raise for a prompt of so many tokens where a model holds `room` with its answer."""
    return NoRoomError(
        said(
            "A prompt of {tokens:,} tokens{no_room}, which holds {room:,} with its answer.",
            tokens=tokens,
            no_room=NO_ROOM,
            room=room,
        )
    )


class Sampler(Protocol):
    """Continuous batching over slots: walks come and go, each keeps its own cache from one request to its next.

    A walk is anything hashable, for example a chain's id. Submit one request per walk at a time, and no more walks at once
    than slots; advance until its sample comes back; submit the walk's next request (whatever its text shares with the walk's last
    is not computed again) or release it.
    """

    @property
    def slots(self) -> int:
        """How many walks can be held at once."""
        ...

    def submit(self, walk: Hashable, request: SampleRequest) -> None:
        """Queue the walk's next request, taking a slot if the walk has none; NoRoomError where it is known to be too long."""
        ...

    def advance(self) -> list[tuple[Hashable, Sample]]:
        """Do a little work (at most a few tokens per walk) and return what has finished, possibly nothing.

        Raises NoRoomError, which says of which walk, where only the server finds that a prompt is too long; what else has
        finished comes back next time.
        """
        ...

    def release(self, walk: Hashable) -> None:
        """Give the walk's slot back."""
        ...


class LanguageModel(Protocol):
    """What a stage may ask of a model."""

    @property
    def name(self) -> str:
        """What people read; recorded with everything the model makes."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences a run must say, for example that this model falls back to one-by-one generation."""
        ...

    @property
    def reading(self) -> Reading:
        """How choice_logprobs come about; recorded with every label."""
        ...

    def tokenise(self, text: str) -> list[int]:
        """Return token ids of text as sent (special tokens in it are recognised, none are added)."""
        ...

    def render(self, messages: Sequence[Message], begin: str | None = None, prefix: str = "") -> str:
        """Return the text as sent: the conversation, then, with begin, the opening of that role's turn followed by prefix.

        Chat models use their template (critique and revision requests are user turns); others the paper's plain text. The prefix
        follows the opening directly in a chat and for a comparison's answer, and after one space in the plain dialect.
        """
        ...

    def stops(self) -> tuple[str, ...]:
        """Return the stop strings that end a turn in this model's rendering."""
        ...

    def sampler(self, on_text: Listener | None = None) -> Sampler:
        """Return a sampler; on_text is told a walk's text so far as it grows, if it wants to know (see Choosy)."""
        ...

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[tuple[float, ...]]:
        """Return for each request the options' log-probabilities (nats), normalised over its options; UNSCORED for one too long.

        Prefixes that requests share are computed once: pass together what belongs together.
        """
        ...
