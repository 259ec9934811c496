"""Choice scoring: every common beginning of the requests is computed once, and only the logits that decide are made.

Requests become texts (prompt and option, tokenised together), texts become a tree, and one forward computes many branches packed
into one row without padding. Options that differ in one token need that token's logits alone: normalised over the options, the
partition sum over the vocabulary cancels.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workbench.models.attention import merge, weighed_part
from workbench.models.engine import Engine
from workbench.models.prefixes import WORTH, Prefix, Prefixes
from workbench.models.trie import Node, Tokens, Trie, build
from workbench.models.walks import shared

#: Tokens in one forward: enough for the matrix products, few enough to bound memory.
BUDGET = 2048


@dataclass(frozen=True)
class Question:
    """What one request asks of the model: options as token texts that agree up to `fork`."""

    options: tuple[Tokens, ...]
    fork: int

    @property
    def single(self) -> bool:
        """Whether the options differ in exactly one token, the last."""
        return all(len(option) == self.fork + 1 for option in self.options)

    def texts(self) -> list[Tokens]:
        """Return the texts whose last states are needed."""
        if self.single:
            return [self.options[0][: self.fork]]
        return [self.text(option) for option in self.options]

    def text(self, option: Tokens) -> Tokens:
        """Return the text that ends where the option's last token is predicted."""
        return option[: max(len(option) - 1, self.fork)]

    def places(self) -> Iterator[tuple[Tokens, int]]:
        """Yield text and place of each state that predicts something wanted."""
        yield self.texts()[0], self.fork - 1
        for option in self.options:
            for place in range(self.fork, len(option) - 1):
                yield self.text(option), place


def question(options: Sequence[Sequence[int]]) -> Question:
    """Return the question of some tokenised options; ValueError unless they have a common beginning."""
    first = options[0]
    fork = min((shared(first, other) for other in options[1:]), default=len(first) - 1)
    if fork < 1:
        raise ValueError("options must have a common, non-empty prompt")
    return Question(tuple(tuple(option) for option in options), fork)


class _TreeStep:
    """A forward over a packed tree: each node attends to itself and to the nodes above it.

    In the last layer only the wanted tokens attend; nobody looks at the others' states.
    """

    def __init__(self, nodes: Sequence[Node], prefix: Prefix, wanted: Sequence[int], last: int) -> None:
        self._nodes = nodes
        self._prefix = prefix
        self._wanted = wanted
        self._last = last

    def attend(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float | None) -> Tensor:
        """Attend within nodes, then let all that lies below a node attend to it."""
        out = query.new_zeros((query.shape[1], query.shape[0], value.shape[-1]))
        if layer == self._last:
            wanted = torch.tensor(self._wanted, device=query.device)
            out[wanted] = self._attend(layer, query[:, wanted], key, value, scale, self._wanted)
            return out
        return self._attend(layer, query, key, value, scale, None)

    def _attend(
        self, layer: int, query: Tensor, key: Tensor, value: Tensor, scale: float | None, rows: Sequence[int] | None
    ) -> Tensor:
        """Attend from all tokens of the tree, or from some rows of it, given in order."""
        out = query.new_empty((query.shape[1], query.shape[0], value.shape[-1]))
        weight = torch.empty(out.shape[:2], dtype=torch.float32, device=query.device)
        for node in self._nodes:
            self._attend_within(node, rows, out, weight, (query, key, value), scale)
        for node in self._nodes:
            end = node.offset + len(node.tokens)
            own, under = slice(node.offset, end), _span(rows, end, node.below)
            if under.start < under.stop:
                more = weighed_part(query[:, under], key[:, own], value[:, own], False, scale)
                merge(out[under], weight[under], *more)
        if len(self._prefix):
            merge(out, weight, *weighed_part(query, self._prefix.keys[layer], self._prefix.values[layer], False, scale))
        return out

    def _attend_within(
        self,
        node: Node,
        rows: Sequence[int] | None,
        out: Tensor,
        weight: Tensor,
        parts: tuple[Tensor, Tensor, Tensor],
        scale: float | None,
    ) -> None:
        query, key, value = parts
        end = node.offset + len(node.tokens)
        own = _span(rows, node.offset, end)
        if rows is None:
            out[own], weight[own] = weighed_part(query[:, own], key[:, own], value[:, own], True, scale)
            return
        for at in range(own.start, own.stop):
            seen, row = slice(node.offset, rows[at] + 1), slice(at, at + 1)
            out[row], weight[row] = weighed_part(query[:, row], key[:, seen], value[:, seen], False, scale)


def _span(rows: Sequence[int] | None, start: int, end: int) -> slice:
    """Return where the tokens from start to end lie among rows (None: all tokens)."""
    return slice(start, end) if rows is None else slice(bisect_left(rows, start), bisect_left(rows, end))


class TreeScorer:
    """Scores questions on an engine in groups of neighbouring texts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._prefixes = Prefixes(engine)

    def score(self, questions: Sequence[Question]) -> list[tuple[float, ...]]:
        """Return for each question its options' log-probabilities, normalised over them."""
        order = sorted(range(len(questions)), key=lambda at: questions[at].options[0])
        results: list[tuple[float, ...]] = [()] * len(questions)
        groups = list(_groups([questions[at] for at in order]))
        done = 0
        for number, group in enumerate(groups):
            after = groups[number + 1][0].options[0] if number + 1 < len(groups) else ()
            for at, logprobs in zip(order[done:], self._score_group(group, after), strict=False):
                results[at] = logprobs
            done += len(group)
        return results

    def _score_group(self, group: Sequence[Question], after: Tokens) -> list[tuple[float, ...]]:
        prefix = self._prefix(group, after)
        trie = build([text for question in group for text in question.texts()], len(prefix))
        tokens = [token for node in trie.nodes for token in node.tokens]
        places = [place for node in trie.nodes for place in range(node.depth, node.end)]
        wanted = sorted({trie.index(text, place) for question in group for text, place in question.places()})
        states = self._engine.states(
            _TreeStep(trie.nodes, prefix, wanted, self._engine.last_layer), tokens, places, wanted
        )
        return _Reader(self._engine, states, trie, wanted).read(group)

    def _prefix(self, group: Sequence[Question], after: Tokens) -> Prefix:
        """Return the group's common beginning where others share it too: those before, or those after."""
        texts = [text for question in group for text in question.texts()]
        low, high = min(texts), max(texts)
        # The token before each fork is computed with the group: its state is wanted.
        common = min(shared(low, high), *(question.fork - 1 for question in group))
        useful = min(common, max(shared(low, after), self._prefixes.known(low)))
        return self._prefixes.get(low[:useful]) if useful >= WORTH else Prefix()


def _groups(ordered: Sequence[Question]) -> Iterator[list[Question]]:
    """Cut questions into groups of at most BUDGET tokens, shared ones counted once."""
    group: list[Question] = []
    size = 0
    last: Tokens = ()
    for question in ordered:
        texts = question.texts()
        new = sum(len(text) - shared(text, before) for before, text in zip([last, *texts], texts, strict=False))
        if group and size + new > BUDGET:
            yield group
            group, size = [], 0
            new = sum(len(text) for text in texts)
        group.append(question)
        size += new
        last = texts[-1]
    if group:
        yield group


class _Reader:
    """Reads options' log-probabilities off the wanted states of a packed tree."""

    def __init__(self, engine: Engine, states: Tensor, trie: Trie, wanted: Sequence[int]) -> None:
        self._engine = engine
        self._states = states
        self._trie = trie
        self._rows = {index: row for row, index in enumerate(wanted)}

    def read(self, group: Sequence[Question]) -> list[tuple[float, ...]]:
        """Return each question's normalised log-probabilities."""
        forks = [self._row(question.texts()[0], question.fork - 1) for question in group]
        rows = [
            [option[question.fork] if len(option) > question.fork else -1 for option in question.options]
            for question in group
        ]
        scores = self._at_forks(forks, rows)
        for at, question in enumerate(group):
            if not question.single:
                scores[at] = self._with_tails(scores[at], question)
        return [tuple(torch.tensor(score, dtype=torch.float64).log_softmax(0).tolist()) for score in scores]

    def _row(self, text: Tokens, place: int) -> int:
        return self._rows[self._trie.index(text, place)]

    def _at_forks(self, forks: list[int], rows: list[list[int]]) -> list[list[float]]:
        """Return the logits of each question's options where they fork; of no token (-1), the log of all of them together."""
        states = self._states[torch.tensor(forks, device=self._states.device)]
        weights = self._engine.option_rows
        whole = any(-1 in options for options in rows)
        if weights is None or whole:
            logits = self._engine.project(states).float()
            everything = logits.logsumexp(-1).tolist()
            return [
                [everything[at] if token < 0 else float(logits[at, token]) for token in options]
                for at, options in enumerate(rows)
            ]
        flat = torch.tensor([token for options in rows for token in options], device=states.device)
        spread = torch.tensor([at for at, options in enumerate(rows) for _ in options], device=states.device)
        with torch.inference_mode():
            logits = (states[spread].float() * weights[flat].float()).sum(-1)
        return list(_regrouped(logits.tolist(), rows))

    def _with_tails(self, scores: list[float], question: Question) -> list[float]:
        """Add the log-probabilities of the tokens after the fork, each over the whole vocabulary."""
        return [
            score + self._tail(option, question.fork + 1)
            for score, option in zip(scores, question.options, strict=True)
        ]

    def _tail(self, option: Tokens, start: int) -> float:
        if start >= len(option):
            return 0.0
        at = [self._row(option[:-1], place - 1) for place in range(start, len(option))]
        logprobs = self._engine.project(self._states[at]).float().log_softmax(-1)
        return float(logprobs.gather(1, torch.tensor(option[start:], device=logprobs.device)[:, None]).double().sum())


def _regrouped(flat: list[float], like: Iterable[Sequence[int]]) -> Iterator[list[float]]:
    at = 0
    for options in like:
        yield flat[at : at + len(options)]
        at += len(options)
