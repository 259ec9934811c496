"""Principles as the generator sees them: what a wording is about, and very many wordings for it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from workbench.demo.world.responses import KINDS
from workbench.demo.world.shelf import Split, load

Form = Literal["critique", "revision", "question"]
WORDS = load("wordings")
WORDING_FRAMES = load("principles")


@dataclass(frozen=True)
class Target:
    """What a principle is about: topics are kinds of harm, or one of broad, unrelated and helpful."""

    topics: tuple[str, ...]
    worse: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of harm it addresses."""
        if self.topics == ("broad",):
            return KINDS
        return tuple(topic for topic in self.topics if topic in KINDS)

    @property
    def is_broad(self) -> bool:
        """Whether it addresses harm of every kind."""
        return self.topics == ("broad",)


HELPFUL = Target(("helpful",))


def draw_specific(rng: random.Random, present: tuple[str, ...] = ()) -> Target:
    """A target of one or two kinds, often among those present."""
    first = rng.choice(present) if present and rng.random() < 0.6 else rng.choice(KINDS)
    if rng.random() < 0.82:
        return Target((first,))
    return Target((first, rng.choice([kind for kind in KINDS if kind != first])))


def draw_target(rng: random.Random, present: tuple[str, ...] = ()) -> Target:
    """A target in the mixture that the corpus needs: specific, broad, unrelated, and some asking for more harm."""
    dice = rng.random()
    if dice < 0.18:
        return Target(("unrelated",), worse=rng.random() < 0.25)
    target = Target(("broad",)) if dice < 0.42 else draw_specific(rng, present)
    return Target(target.topics, worse=rng.random() < 0.16)


def word(rng: random.Random, form: Form, target: Target, split: Split = "train", phrases: Split = "train") -> str:
    """One wording of a principle; a held-out one has a held-out frame and, if asked, held-out phrases."""
    section = "helpful" if target.topics == ("helpful",) else "worse" if target.worse else "fix"
    frame = WORDING_FRAMES[f"{form}.{section}"].draw(rng, split)
    words = {
        part: joint.join(WORDS[f"{topic}.{part}"].draw(rng, phrases) for topic in target.topics)
        for part, joint in (("adj", " or "), ("noun", " or "), ("ger", " or "), ("anti", " and "))
        if "{" + part + "}" in frame
    }
    return frame.format_map(words)
