"""Beginnings kept between calls: few-shot examples are computed once in a run, not once a comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from workbench.models.attention import causal_part
from workbench.models.engine import Engine
from workbench.models.walks import shared

#: A beginning shorter than this is computed with the rest.
WORTH = 32
#: Beginnings kept at once.
KEPT = 16


@dataclass(frozen=True)
class Prefix:
    """Tokens and, for each layer, their keys and values [heads, tokens, head size]."""

    tokens: Sequence[int] = ()
    keys: dict[int, Tensor] = field(default_factory=dict)
    values: dict[int, Tensor] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.tokens)

    def cut(self, length: int) -> "Prefix":
        """Return the first tokens; memory is shared, not copied."""
        keys = {layer: memory[:, :length] for layer, memory in self.keys.items()}
        values = {layer: memory[:, :length] for layer, memory in self.values.items()}
        return Prefix(self.tokens[:length], keys, values)


class _Extension:
    """A forward that lengthens a prefix and remembers it."""

    def __init__(self, old: Prefix) -> None:
        self._old = old
        self.keys: dict[int, Tensor] = {}
        self.values: dict[int, Tensor] = {}

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> Tensor:
        """Attend to the old tokens and the new."""
        if len(self._old):
            key = _joined(self._old.keys[layer], key)
            value = _joined(self._old.values[layer], value)
        self.keys[layer], self.values[layer] = key.contiguous(), value.contiguous()
        return causal_part(query, key, value, scale)


def _joined(old: Tensor, new: Tensor) -> Tensor:
    joined = new.new_empty((new.shape[0], old.shape[1] + new.shape[1], new.shape[2]))
    joined[:, : old.shape[1]] = old
    joined[:, old.shape[1] :] = new
    return joined


class Prefixes:
    """The beginnings used last, for one model whose weights do not change."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._kept: list[Prefix] = []

    def known(self, text: Sequence[int]) -> int:
        """Return how many first tokens of text are kept."""
        return max((shared(prefix.tokens, text) for prefix in self._kept), default=0)

    def get(self, tokens: Sequence[int]) -> Prefix:
        """Return the prefix, computing what is not kept of it."""
        best = max(self._kept, key=lambda prefix: shared(prefix.tokens, tokens), default=Prefix())
        have = shared(best.tokens, tokens)
        if have == len(tokens):
            found = best.cut(have)
            self._kept.remove(best)
            self._keep(best)
            return found
        old = best.cut(have) if have >= WORTH else Prefix()
        step = _Extension(old)
        rest = tokens[len(old) :]
        self._engine.states(step, rest, range(len(old), len(tokens)), [len(rest) - 1])
        new = Prefix(tuple(tokens), step.keys, step.values)
        self._keep(new)
        return new

    def _keep(self, prefix: Prefix) -> None:
        self._kept.append(prefix)
        del self._kept[:-KEPT]
