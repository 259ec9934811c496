"""Where a person is in the pairs of a blind comparison: the sample in hand, what is judged of it, and what was judged last."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workbench.project.judging import pair_id

if TYPE_CHECKING:
    from workbench.project.judging import JudgingQueue, Pair
    from workbench.records.evaluation import PersonJudgement

#: So many pairs are read at once.
_AHEAD = 20


@dataclass
class JudgeCourse:
    """All pairs in the order drawn, of which the first `size` are the sample; given are the judgements, newest last."""

    pairs: tuple[tuple[str, str], ...] = ()
    size: int = 0
    judged: "dict[str, PersonJudgement]" = field(default_factory=dict)
    items: "dict[tuple[str, str], Pair]" = field(default_factory=dict)
    place: int = 0
    given: "list[tuple[int, PersonJudgement]]" = field(default_factory=list)

    @classmethod
    def through(cls, queue: "JudgingQueue") -> "JudgeCourse":
        """Begin with a queue as it was read; what was judged on an earlier day can be taken back as well."""
        places = {pair_id(*pair): place for place, pair in enumerate(queue.pairs)}
        judged = {name: made for name, made in queue.judged.items() if name in places}
        given = [(places[name], made) for name, made in judged.items()]
        return cls(queue.pairs, judged=judged, given=given)

    @property
    def sample(self) -> tuple[tuple[str, str], ...]:
        """The pairs that are to be judged."""
        return self.pairs[: self.size]

    @property
    def item(self) -> "Pair | None":
        """The pair in hand, once it is read."""
        return self.items.get(self.pairs[self.place]) if self.place < len(self.sample) else None

    @property
    def done(self) -> int:
        """How many pairs of the sample are judged."""
        return sum(pair_id(*pair) in self.judged for pair in self.sample)

    @property
    def over(self) -> bool:
        """Whether the whole sample is judged."""
        return bool(self.sample) and self.place >= len(self.sample)

    def begun(self, sizes: Sequence[int]) -> int:
        """Return the smallest of these samples that holds every pair judged so far, so that who comes back goes on in it."""
        at = [place for place, pair in enumerate(self.pairs, start=1) if pair_id(*pair) in self.judged]
        return next((size for size in sizes if size >= max(at, default=0)), len(self.pairs))

    def resize(self, size: int) -> None:
        """Take a sample of another size, and go to its first pair that is not judged."""
        self.size = size
        self._go_on(0)

    def take(self, made: "PersonJudgement") -> None:
        """Take a judgement of the pair in hand, and go on to the next that is not judged; those passed by come last."""
        self.judged[pair_id(*self.pairs[self.place])] = made
        self.given.append((self.place, made))
        self._go_on(self.place + 1)

    def undo(self) -> "PersonJudgement | None":
        """Go back to the pair that was judged last; return its judgement."""
        if not self.given:
            return None
        self.place, last = self.given.pop()
        self.judged.pop(pair_id(*self.pairs[self.place]), None)
        self.size = max(self.size, self.place + 1)
        return last

    def unread(self) -> list[tuple[str, str]]:
        """Return the pairs to read now: none while those that come next are there."""
        near = self.sample[self.place : self.place + _AHEAD // 2]
        if all(pair in self.items for pair in near):
            return []
        return [pair for pair in self.sample[self.place : self.place + _AHEAD] if pair not in self.items]

    def _go_on(self, place: int) -> None:
        open_ = [at for at, pair in enumerate(self.sample) if pair_id(*pair) not in self.judged]
        self.place = next((at for at in open_ if at >= place), open_[0] if open_ else len(self.sample))
