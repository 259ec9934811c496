"""ScriptedModel: a language model without weights that keeps the whole protocol, for tests and for trying things out."""

import math
import random
import re
import zlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.models.language_model import UNSCORED, ChoiceRequest, Listener, Sample, SampleRequest, too_long, wanted
from workbench.records.endpoint import Reading
from workbench.records.transcript import Message, RoleNames, plain_stops, plain_text

SENTENCE = (
    "ask before you act and tell people plainly what you plan because trust grows slowly when everyone knows where they stand "
    "write it down share the cost thank your neighbour listen first then offer two ways forward"
)

#: A token of a scripted model: a word with the space before it.
TOKEN = re.compile(r"\s*\S+|\s+")

Answer = Callable[[SampleRequest], str]
Choice = Callable[[ChoiceRequest], Sequence[float]]


def seeded_answer(request: SampleRequest) -> str:
    """Return a sentence that depends on the request's seed alone (on its prompt, at temperature 0)."""
    draw = random.Random(request.seed if request.temperature else request.prompt)
    words = SENTENCE.split()
    drawn = [draw.choice(words) for _ in range(draw.randint(6, 24))]
    return f"{' '.join(drawn).capitalize()}."


def even_choice(request: ChoiceRequest) -> Sequence[float]:
    """Give every option the same probability."""
    return [0.0] * len(request.options)


def from_patterns(patterns: Mapping[str, str]) -> Answer:
    """Return an answer that looks the prompt up in a table of regular expressions, searched in order."""

    def answer(request: SampleRequest) -> str:
        for pattern, text in patterns.items():
            if re.search(pattern, request.prompt):
                return text
        return seeded_answer(request)

    return answer


def normalise(scores: Sequence[float]) -> tuple[float, ...]:
    """Return scores (log-weights) as log-probabilities over themselves."""
    top = max(scores)
    total = top + math.log(sum(math.exp(score - top) for score in scores))
    return tuple(score - total for score in scores)


@dataclass(frozen=True)
class ScriptedModel:
    """Answers by a function, a table of patterns, or a sentence from the seed; chooses by a function that returns log-weights."""

    answer: Answer | Mapping[str, str] = seeded_answer
    choose: Choice = even_choice
    name: str = "scripted"
    notes: tuple[str, ...] = ()
    slots: int = 4
    #: Tokens a walk grows by at each advance.
    stride: int = 8
    names: RoleNames = field(default_factory=RoleNames)
    reading: Reading = "exact"
    #: The longest text it holds, in tokens.
    room: int = 1 << 20

    def tokenise(self, text: str) -> list[int]:
        """Return one id per word."""
        return [zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in TOKEN.findall(text)]

    def render(self, messages: Sequence[Message], begin: str | None = None, prefix: str = "") -> str:
        """Return the paper's plain text."""
        return plain_text(messages, begin, self.names, prefix)

    def stops(self) -> tuple[str, ...]:
        """Return the headings of the plain dialect."""
        return plain_stops(self.names)

    def sampler(self, on_text: Listener | None = None) -> "ScriptedSampler":
        """Return a sampler whose walks grow word by word."""
        return ScriptedSampler(self, on_text)

    def choice_logprobs(self, requests: Sequence[ChoiceRequest]) -> list[tuple[float, ...]]:
        """Return the chooser's log-weights, normalised over each request's options."""
        return [normalise(self.choose(request)) if self._fits(request) else UNSCORED for request in requests]

    def _fits(self, request: ChoiceRequest) -> bool:
        return all(len(self.tokenise(request.prompt + option)) <= self.room for option in request.options)

    def complete(self, request: SampleRequest) -> Sample:
        """Return the whole completion: the answer up to the first stop string and no longer than max_tokens."""
        answer = self.answer if callable(self.answer) else from_patterns(self.answer)
        full = answer(request)
        cut = min((at for at in (full.find(stop) for stop in request.stop) if at >= 0), default=len(full))
        words = TOKEN.findall(full[:cut])
        kept = words[: request.max_tokens]
        return Sample(
            text="".join(kept),
            tokens=len(kept),
            finish="stop" if len(kept) == len(words) else "length",
            logprob=-float(len(kept)),
            prompt_tokens=len(self.tokenise(request.prompt)),
        )


class ScriptedSampler:
    """Slots as a real sampler has them: longer answers take more advances."""

    def __init__(self, model: ScriptedModel, on_text: Listener | None = None) -> None:
        self._model = model
        self._on_text = on_text
        #: Walk -> its sample in the making and the tokens shown so far; None while the walk rests.
        self._walks: dict[Hashable, tuple[Sample, int] | None] = {}

    @property
    def slots(self) -> int:
        """How many walks can be held at once."""
        return self._model.slots

    def submit(self, walk: Hashable, request: SampleRequest) -> None:
        """Queue the walk's next request; ValueError if it still has one or no slot is free, NoRoomError if it is too long."""
        if (tokens := len(self._model.tokenise(request.prompt))) >= self._model.room:
            raise too_long(tokens, self._model.room)
        if self._walks.get(walk) is not None:
            raise ValueError(f"walk {walk!r} has an unfinished request")
        if walk not in self._walks and len(self._walks) >= self.slots:
            raise ValueError(f"all {self.slots} slots are taken")
        self._walks[walk] = (self._model.complete(request), 0)

    def advance(self) -> list[tuple[Hashable, Sample]]:
        """Grow every busy walk by a few words and return those that are done."""
        done: list[tuple[Hashable, Sample]] = []
        for walk, state in self._walks.items():
            if state is None:
                continue
            sample, shown = state[0], state[1] + self._model.stride
            if self._on_text and wanted(self._on_text, walk):
                self._on_text(walk, "".join(TOKEN.findall(sample.text)[:shown]))
            if shown >= sample.tokens:
                done.append((walk, sample))
            self._walks[walk] = (sample, shown)
        for walk, _ in done:
            self._walks[walk] = None
        return done

    def release(self, walk: Hashable) -> None:
        """Give the walk's slot back, dropping what it had not finished."""
        self._walks.pop(walk, None)
