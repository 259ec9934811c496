"""Coined words, put together from pieces of the training lines' own words: what cannot be remembered must be copied."""

from __future__ import annotations

import random
import re
import zlib

from workbench.demo.world.shelf import TEMPLATES, load

HELD_OUT_SHARE = 8


def is_held_out(word: str) -> bool:
    """Whether a name or coined word is kept out of training: decided by a checksum, so that it needs no list."""
    return zlib.crc32(word.encode()) % HELD_OUT_SHARE == 0


def _words_of(lines: list[str]) -> set[str]:
    return {word for line in lines for word in re.findall(r"[a-z]{2,}", re.sub(r"\{\w+\}", " ", line.lower()))}


# Names are kept out: which of them are held out is not marked in their file.
SHELVES = sorted(path.stem for path in TEMPLATES.glob("*.txt") if path.stem != "names")
POOLS = [pool for shelf in SHELVES for pool in load(shelf).values()]
TRAINING_WORDS = frozenset(_words_of([line for pool in POOLS for line in pool.train]))
WORD_LIST = tuple(sorted(TRAINING_WORDS))
HELD_OUT_WORDS = frozenset(_words_of([line for pool in POOLS for line in pool.held_out]))


def _piece(rng: random.Random) -> str:
    word = rng.choice(WORD_LIST)
    length = rng.choice((1, 2, 2, 3, 3, 4))
    start = rng.randrange(max(1, len(word) - length + 1))
    return word[start : start + length]


def _is_free(word: str) -> bool:
    """Whether a word is held out neither as it stands nor as a name."""
    return word not in HELD_OUT_WORDS and not is_held_out(word) and not is_held_out(word.capitalize())


def coin(rng: random.Random) -> str:
    """A word of four to eleven small letters that is in no list and not held out."""
    while True:
        word = "".join(_piece(rng) for _ in range(rng.choice((2, 3, 3, 4))))
        if 4 <= len(word) <= 11 and re.search("[aeiouy]", word) and _is_free(word):
            return word


def jumble(rng: random.Random, count: int) -> str:
    """Words in no order, coined ones among them."""
    words = [coin(rng) if rng.random() < 0.5 else rng.choice(WORD_LIST) for _ in range(count)]
    words = [word.capitalize() if rng.random() < 0.2 else word for word in words]
    return " ".join(word + rng.choice(("", "", "", "", ",", ".")) for word in words)
