"""Templates on disk: sections of lines, each line kept for training or held out."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Split = Literal["train", "held_out"]

TEMPLATES = Path(__file__).parent / "templates"


@dataclass
class Pool:
    """The lines of one section, those for training apart from those held out."""

    train: list[str] = field(default_factory=list)
    held_out: list[str] = field(default_factory=list)

    def of(self, split: Split) -> list[str]:
        """The lines of a split; a section without held-out lines lends its training lines."""
        return self.train if split == "train" or not self.held_out else self.held_out

    def draw(self, rng: random.Random, split: Split = "train") -> str:
        """One line of a split, drawn evenly."""
        return rng.choice(self.of(split))


def parse(text: str) -> dict[str, Pool]:
    """Sections by name: `[name]`, then a line per template, `~ ` before a held-out one, `#` before a comment."""
    shelf: dict[str, Pool] = {}
    pool = Pool()
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("["):
            pool = shelf.setdefault(line.strip()[1:-1], Pool())
        elif line.startswith("~ "):
            pool.held_out.append(line[2:])
        else:
            pool.train.append(line)
    return shelf


def load(name: str) -> dict[str, Pool]:
    """The sections of one template file."""
    return parse((TEMPLATES / f"{name}.txt").read_text(encoding="utf-8"))
