"""A walk's request in the making: what is known of its text, what is computed, what was drawn, and when it is over."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import torch

from workbench.models.language_model import Finish, Sample, SampleRequest
from workbench.models.sampling import stream
from workbench.models.spelling import Speller, find_stop


@dataclass
class Draft:
    """One request being answered: drawn holds every token drawn, the end-of-turn token included."""

    request: SampleRequest
    prompt_tokens: int
    drawn: list[int] = field(default_factory=list)
    near_ties: int = 0
    logprob: float = 0.0
    text: str = ""
    finish: Finish | None = None
    noise: torch.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.noise = stream(self.request.seed)

    def take(self, token: int, near: bool, logprob: float, ends: frozenset[int], speller: Speller, room: int) -> None:
        """Add a drawn token and see whether the request is answered; room is how many tokens the model can hold in all."""
        self.drawn.append(token)
        self.near_ties += near
        self.logprob += logprob
        if token in ends:
            self._end("stop", speller.text(self.drawn[:-1]))
        elif speller.may_complete(token, self.request.stop):
            text = speller.text(self.drawn)
            at = find_stop(text, self.request.stop)
            if at >= 0:
                self._end("stop", text[:at])
        if self.finish is None and (
            len(self.drawn) >= self.request.max_tokens or self.prompt_tokens + len(self.drawn) >= room
        ):
            self._end("length", speller.text(self.drawn))

    def _end(self, finish: Finish, text: str) -> None:
        self.finish, self.text = finish, text

    def sample(self, ends: frozenset[int]) -> Sample:
        """Return the finished sample."""
        if self.finish is None:
            raise ValueError("the request is not answered yet")
        return Sample(
            text=self.text,
            tokens=len(self.drawn) - (self.drawn[-1] in ends),
            finish=self.finish,
            near_ties=self.near_ties,
            logprob=self.logprob,
            prompt_tokens=self.prompt_tokens,
            token_ids=tuple(self.drawn),
        )


@dataclass
class Slot:
    """A row of memory: of the known tokens the first `computed` are in it; a draft while the walk is busy."""

    index: int
    walk: Hashable | None = None
    taken: bool = False
    known: list[int] = field(default_factory=list)
    computed: int = 0
    draft: Draft | None = None
    #: Whether the slot has looked for a prefix that another slot can give it.
    settled: bool = True
    turn: int = 0

    def begin(self, prompt: list[int], request: SampleRequest, turn: int) -> None:
        """Take up a request, keeping what its prompt shares with what is computed; the last token is always computed anew."""
        self.computed = min(shared(self.known[: self.computed], prompt), len(prompt) - 1)
        self.known = prompt
        self.draft = Draft(request, len(prompt))
        self.settled = False
        self.turn = turn

    @property
    def missing(self) -> int:
        """Tokens known and not computed."""
        return len(self.known) - self.computed

    def rest(self) -> None:
        """Let the request go and keep what is computed."""
        self.draft = None
        del self.known[self.computed :]


def shared(first: Sequence[int], second: Sequence[int]) -> int:
    """Return the length of the longest common beginning."""
    low, high = 0, min(len(first), len(second))
    if first[:high] == second[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if first[low:middle] == second[low:middle]:
            low = middle
        else:
            high = middle
    return low
