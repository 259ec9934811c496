"""Which words people ask with in the demo world: what its model writes about others means little, and a person is told so."""

import json
import re
from functools import cache
from importlib.resources import files
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def unknown_words(text: str) -> tuple[str, ...]:
    """Return the words of a text that nobody in the demo world asks with, each once."""
    known = _known()
    return tuple(dict.fromkeys(word for word in spoken(text) if word not in known))


def spoken(text: str) -> list[str]:
    """Return a text's words, without the 's of possession; what has a capital may be a name, and names are free."""
    words = (match.group().replace("’", "'").removesuffix("'s") for match in _WORD.finditer(text))
    return [word for word in words if not word[0].isupper()]


@cache
def speaks_demo(folder: Path) -> bool:
    """Whether a model is the demo model, or one trained from it: they have their vocabulary in common."""
    try:
        return _vocabulary(folder) == _vocabulary(Path(__file__).parent / "model")
    except (OSError, ValueError, KeyError):
        return False


def _vocabulary(folder: Path) -> object:
    return json.loads((folder / "tokenizer.json").read_bytes())["model"]["vocab"]


@cache
def _known() -> frozenset[str]:
    return frozenset(files("workbench.demo").joinpath("words.txt").read_text(encoding="utf-8").split())
