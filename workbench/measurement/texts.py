"""Diversity of texts: distinct answers, and the sentence that most answers share."""

import re
from collections import Counter
from collections.abc import Sequence

_ENDS = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][\"”’')\]])\s+|\n+")


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, marks kept; a text without words has none."""
    return [part.strip() for part in _ENDS.split(text) if part.strip()]


def normalised(text: str) -> str:
    """Return a text with case and runs of spaces evened out, as texts are compared by."""
    return " ".join(text.casefold().split())


def distinct_share(texts: Sequence[str]) -> float:
    """Return distinct texts / texts, case and spacing aside; 0 where there are none."""
    return len({normalised(text) for text in texts}) / len(texts) if texts else 0.0


def top_sentence(texts: Sequence[str]) -> tuple[str, float]:
    """Return the sentence that occurs in the most texts and the share of texts that hold it; ("", 0) where there is none."""
    counts = Counter(sentence for text in texts for sentence in {normalised(one) for one in sentences(text)})
    if not counts:
        return "", 0.0
    sentence, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
    return sentence, count / len(texts)


def top_sentence_share(texts: Sequence[str]) -> float:
    """Return the share of texts that hold the most common sentence; 0 where there is none."""
    return top_sentence(texts)[1]


def changed_share(before: str, after: str) -> float:
    """Return how much of two texts is not shared, from 0 (the same words) to 1 (none), by counted words (1 - Dice)."""
    if before == after:
        return 0.0
    old, new = (Counter(normalised(text).split()) for text in (before, after))
    total = old.total() + new.total()
    return 1.0 - 2.0 * (old & new).total() / total if total else 0.0
