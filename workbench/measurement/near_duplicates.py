"""Near duplicates: texts that share most of their words and word pairs, found exactly and without comparing every two."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

#: Texts are near duplicates from this share of common words and word pairs on (Jaccard): one word in some fifteen differs.
THRESHOLD = 0.8
#: So many comparisons of two texts take some seconds; texts made from one template need one for every two of them.
MOST_COMPARISONS = 2_000_000

_ROUNDING = 1e-9
_WORD = re.compile(r"\w+")


class TooAlikeError(Exception):
    """So many texts resemble each other that comparing them would take very long."""


def near_duplicates(texts: Sequence[str], threshold: float = THRESHOLD, most: int = 0) -> Iterator[tuple[int, int]]:
    """Yield the places (smaller first) of every two texts whose words and word pairs have at least this Jaccard similarity.

    Case and punctuation aside. Two such sets of features must share one of the rarest few of each (prefix filtering), so only
    texts that do are compared. TooAlikeError where that takes more than most comparisons (0: as many as it takes).
    """
    compared = 0
    features = [_features(text) for text in texts]
    counts = Counter(feature for found in features for feature in found)
    seen: defaultdict[str, list[int]] = defaultdict(list)
    for place, mine in enumerate(features):
        rarest = sorted(mine, key=lambda feature: (counts[feature], feature))
        prefix = rarest[: len(mine) - math.ceil(threshold * len(mine) - _ROUNDING) + 1]
        candidates = {other for feature in prefix for other in seen[feature]}
        compared += len(candidates)
        if most and compared > most:
            raise TooAlikeError
        for other in sorted(candidates):
            if _similar(mine, features[other], threshold):
                yield other, place
        for feature in prefix:
            seen[feature].append(place)


def clusters(texts: Sequence[str], threshold: float = THRESHOLD, most: int = 0) -> list[int]:
    """Return for each text the place of the first text it is joined to by a chain of near duplicates."""
    first = list(range(len(texts)))
    for one, other in near_duplicates(texts, threshold, most):
        roots = sorted((_root(first, one), _root(first, other)))
        first[roots[1]] = roots[0]
    return [_root(first, place) for place in range(len(texts))]


def _features(text: str) -> frozenset[str]:
    words = _WORD.findall(text.casefold())
    return frozenset(words) | {f"{one} {other}" for one, other in pairwise(words)}


def _similar(one: frozenset[str], other: frozenset[str], threshold: float) -> bool:
    if min(len(one), len(other)) < threshold * max(len(one), len(other)) - _ROUNDING:
        return False
    common = len(one & other)
    return common >= threshold * (len(one) + len(other) - common) - _ROUNDING


def _root(first: list[int], place: int) -> int:
    while first[place] != place:
        first[place] = first[first[place]]
        place = first[place]
    return place
