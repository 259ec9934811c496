"""From tokens to text: stop strings that span tokens, letters whose bytes are not all there yet."""

from collections.abc import Sequence
from typing import Any

#: What a tokenizer writes for bytes that do not make a letter (yet).
BROKEN = "\ufffd"


class Speller:
    """Decodes a model's tokens and watches for stop strings."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._pieces: dict[int, str] = {}

    def text(self, tokens: Sequence[int]) -> str:
        """Return the tokens' text without special tokens and without an unfinished last letter."""
        text = self._tokenizer.decode(list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False)
        return str(text).rstrip(BROKEN)

    def may_complete(self, token: int, stops: Sequence[str]) -> bool:
        """Tell whether a text that ends in token could just have completed a stop string; cheap enough for every token."""
        if not stops:
            return False
        if token not in self._pieces:
            self._pieces[token] = str(self._tokenizer.decode([token], clean_up_tokenization_spaces=False))
        piece = self._pieces[token]
        return BROKEN in piece or any(stop[-1] in piece for stop in stops)


def find_stop(text: str, stops: Sequence[str]) -> int:
    """Return where the first stop string begins, or -1."""
    return min((at for at in map(text.find, stops) if at >= 0), default=-1)


def without_begun_stop(text: str, stops: Sequence[str]) -> str:
    """Return text as far as it can be shown: up to a stop string, or to an ending that may become one."""
    at = find_stop(text, stops)
    if at >= 0:
        return text[:at]
    longest = max((_overlap(text, stop) for stop in stops), default=0)
    return text[: len(text) - longest]


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest ending of text with which stop begins."""
    return next((size for size in range(min(len(stop), len(text)), 0, -1) if text.endswith(stop[:size])), 0)
