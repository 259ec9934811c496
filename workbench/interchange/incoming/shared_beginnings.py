"""Pairs whose prompt is what both begin with, as TRL's implicit-prompt form has it: two texts, or two conversations.

TRL splits where the two differ first. A text is split here at the word in which they do, since no response begins within one.
"""

import unicodedata
from collections.abc import Sequence

from workbench.interchange.row_fields import BadFieldError
from workbench.records.transcript import Message

#: From here on are scripts that write no blanks between words.
_WITHOUT_BLANKS = "\u2e80"
#: A text that begins so and goes on so is a transcript.
_TRANSCRIPT = ("Human:", "\n\nAssistant:")


def shared_text(chosen: str, rejected: str) -> int:
    """Return how many characters two texts share, up to a word's beginning and, as in TRL, without the blank before it."""
    count = _common(chosen, rejected)
    while count and (_within_word(chosen, count) or _within_word(rejected, count)):
        count -= 1
    return count - 1 if count and chosen[count - 1] == " " else count


def split_texts(chosen: str, rejected: str) -> tuple[str, str, str]:
    """Return the prompt that two texts begin with, and what is left of each, which together are the texts again."""
    for name, text in (("chosen", chosen), ("rejected", rejected)):
        if text.lstrip().startswith(_TRANSCRIPT[0]) and _TRANSCRIPT[1] in text:
            raise BadFieldError(
                '{name} looks like a transcript of hh-rlhf; those begin with two line breaks and "Human: "',
                name=name,
            )
    count = shared_text(chosen, rejected)
    if not chosen[:count].strip():
        raise BadFieldError(
            "chosen and rejected share no beginning that could be their prompt; add it in a field named prompt"
        )
    return chosen[:count], chosen[count:], rejected[count:]


def shared_turns(one: Sequence[Message], other: Sequence[Message]) -> int:
    """Return how many turns two conversations share, ending on a user's turn that something follows in both."""
    count = 0
    while count < min(len(one), len(other)) - 1 and one[count] == other[count]:
        count += 1
    while count and (one[count - 1].role != "user" or one[count].role == "user" or other[count].role == "user"):
        count -= 1
    if not count:
        raise BadFieldError("chosen and rejected do not begin with the same turn, so there is no prompt to compare on")
    return count


def _common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike; halving looks at long texts in few steps."""
    count, most = 0, min(len(one), len(other))
    while count < most:
        middle = (count + most + 1) // 2
        if one[count:middle] == other[count:middle]:
            count = middle
        else:
            most = middle - 1
    return count


def _within_word(text: str, at: int) -> bool:
    """Say whether a word, or a character with its marks, goes on at a place."""
    if at >= len(text):
        return False
    kind = unicodedata.category(text[at])
    return kind[0] == "M" or kind == "Cf" or (_is_of_word(text[at]) and _is_of_word(text[at - 1]))


def _is_of_word(character: str) -> bool:
    return character < _WITHOUT_BLANKS and unicodedata.category(character)[0] in "LMN"
