"""Many inputs walk through a stage side by side: each asks a model for one text after another, in prose order.

A walk is a generator that yields records, and Ask where it needs a text; the text comes back as the value of that yield. The
driver keeps every slot of the models busy: a walk that ends makes room at once.
"""

from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import NoRoomError
from workbench.models.language_model import LanguageModel, Sample, Sampler, SampleRequest

OnText = Callable[[Hashable, str], None]


@dataclass(frozen=True)
class Ask:
    """A walk's wish for one sample from the model in a role."""

    role: str
    request: SampleRequest


@dataclass(frozen=True)
class LeftOut:
    """What a walk ends with whose next text does not fit its model: the walk's key, and why in a sentence."""

    key: Hashable
    why: str


Walk = Generator[Any, Sample | None, None]


def ask(role: str, request: SampleRequest) -> Generator[Any, Sample | None, Sample]:
    """Ask from inside a walk: `sample = yield from ask(role, request)`."""
    sample = yield Ask(role, request)
    assert sample is not None
    return sample


def drive(
    models: Mapping[str, LanguageModel],
    walks: Iterable[tuple[Hashable, Walk]],
    slots: int = 0,
    on_text: OnText | None = None,
    breaths: bool = False,
    leave_out: bool = False,
) -> Iterator[Any]:
    """Walk all walks to their ends, at most `slots` at once (0: as many as the models hold); yield their records as they come.

    With breaths, None is yielded after every few tokens, so that whoever drives can do something else in between. Where a model
    has no room for what a walk asks, that walk ends there with a LeftOut, or all end with NoRoomError unless leave_out is set.
    """
    return _Driver(models, slots, on_text, leave_out).run(iter(walks), breaths)


class _Driver:
    """The samplers, and the walks under way."""

    def __init__(
        self, models: Mapping[str, LanguageModel], slots: int, on_text: OnText | None, leave_out: bool
    ) -> None:
        self.leave_out = leave_out
        made: dict[int, Sampler] = {}
        self.samplers: dict[str, Sampler] = {}
        for role, model in models.items():
            if id(model) not in made:
                made[id(model)] = model.sampler(on_text)
            self.samplers[role] = made[id(model)]
        self.distinct = list(made.values())
        capacity = min(sampler.slots for sampler in self.distinct)
        self.capacity = min(slots, capacity) if slots > 0 else capacity
        self.active: dict[Hashable, Walk] = {}
        self.used: dict[Hashable, set[str]] = {}

    def run(self, waiting: Iterator[tuple[Hashable, Walk]], breaths: bool) -> Iterator[Any]:
        while True:
            yield from self._fill(waiting)
            if not self.active:
                return
            for sampler in self.distinct:
                try:
                    drawn = sampler.advance()
                except NoRoomError as error:
                    yield self._left_out(error.walk, error)
                    continue
                for key, sample in drawn:
                    yield from self._resume(key, sample)
            if breaths:
                yield None

    def _fill(self, waiting: Iterator[tuple[Hashable, Walk]]) -> Iterator[Any]:
        while len(self.active) < self.capacity:
            following = next(waiting, None)
            if following is None:
                return
            key, walk = following
            self.active[key] = walk
            self.used[key] = set()
            yield from self._resume(key, None)

    def _resume(self, key: Hashable, sample: Sample | None) -> Iterator[Any]:
        walk = self.active[key]
        try:
            item = walk.send(sample) if sample is not None else next(walk)
            while not isinstance(item, Ask):
                yield item
                item = next(walk)
        except StopIteration:
            self._end(key)
            return
        self.used[key].add(item.role)
        try:
            self.samplers[item.role].submit(key, item.request)
        except NoRoomError as error:
            yield self._left_out(key, error)

    def _left_out(self, key: Hashable, error: NoRoomError) -> LeftOut:
        if not self.leave_out:
            raise error
        self.active[key].close()
        self._end(key)
        return LeftOut(key, error.why)

    def _end(self, key: Hashable) -> None:
        del self.active[key]
        for sampler in {id(self.samplers[role]): self.samplers[role] for role in self.used.pop(key)}.values():
            sampler.release(key)
