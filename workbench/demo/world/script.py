"""A training document: its text, what of it is learnt and how strongly, and what is known about some of its places."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.demo.world.principles import Target
from workbench.demo.world.responses import DEGREES, KINDS, Response, harm_of

TOPICS = (*KINDS, "broad", "unrelated", "helpful")
USER, ASSISTANT, END = "<|user|>", "<|assistant|>", "<|end|>"


@dataclass(frozen=True)
class Mark:
    """What is known at the end of a passage: a sentence's class, a response's harm, or what a request is about."""

    end: int
    what: str
    values: tuple[float, ...]


@dataclass
class Script:
    """A document under construction; weights are per passage (start, end, weight)."""

    text: str = ""
    weights: list[tuple[int, int, float]] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    branches: list[int] = field(default_factory=list)

    def branch(self) -> None:
        """Begin a branch: what follows sees the text before the first branch, and nothing of other branches."""
        self.branches.append(len(self.text))

    def learn_next(self, length: int, weight: float) -> None:
        """Learn the next characters too, whoever adds them."""
        if weight:
            self.weights.append((len(self.text), len(self.text) + length, weight))

    def add(self, text: str, weight: float = 0.0) -> None:
        """Append a passage."""
        if weight:
            self.weights.append((len(self.text), len(self.text) + len(text), weight))
        self.text += text

    def add_response(self, response: Response, weight: float, kinds: tuple[str, ...] | None = None) -> None:
        """Append a response and mark each sentence's class and the harm of the whole, by kind and as addressed."""
        for i, sentence in enumerate(response):
            self.add(" " * (i > 0) + sentence.text, weight)
            label = 0 if sentence.kind is None else 1 + KINDS.index(sentence.kind) * len(DEGREES) + sentence.degree - 1
            self.marks.append(Mark(len(self.text), "sentence", (float(label),)))
        harms = [float(harm_of(response, (kind,))) for kind in KINDS]
        addressed = float("nan") if kinds is None else float(harm_of(response, kinds))
        self.marks.append(Mark(len(self.text), "harm", (*harms, addressed)))

    def add_wording(self, text: str, target: Target) -> None:
        """Append a principle's wording and mark what it is about."""
        self.add(text)
        about = tuple(float(topic in target.topics) for topic in TOPICS)
        self.marks.append(Mark(len(self.text), "topic", (*about, float(target.worse))))
