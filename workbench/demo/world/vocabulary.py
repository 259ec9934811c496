"""The words people ask with in the demo world: python -m workbench.demo.world.vocabulary > workbench/demo/words.txt."""

import random
import sys
from collections import Counter

from workbench.demo.words import spoken
from workbench.demo.world.requests import draw_benign, draw_red_team

_REQUESTS = 40_000
#: A word this seldom among that many requests is a coined one.
_SELDOM = 12


def words() -> list[str]:
    """Return the words of requests, of those held out from training too, without names, in order."""
    rng = random.Random(1)
    counted: Counter[str] = Counter()
    for place in range(_REQUESTS):
        draw = draw_red_team if place % 2 else draw_benign
        counted.update(set(spoken(draw(rng, "train" if place % 4 < 2 else "held_out").text)))
    return sorted(word for word, times in counted.items() if times >= _SELDOM)


if __name__ == "__main__":
    sys.stdout.writelines(f"{word}\n" for word in words())
