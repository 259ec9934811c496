"""What is likely to go wrong with one wording of a principle, and whether two say the same."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

from workbench.sentences import said

Severity = Literal["error", "warning", "note"]

#: Long principles were found to generalise worse than short ones; a request this long reads as several.
MAX_WORDS = 80
#: Share of words two wordings have in common, in order, from which on they count as one.
ALIKE = 0.9

_SLOT = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
#: The workbench writes these itself, around every request.
_HEADING = re.compile(
    r"(?:^|\n)\s*(?:CritiqueRequest|Critique|RevisionRequest|Revision|Human|Assistant|H|A):|Options:\s*$|\(A\)"
)
_NEGATIVE = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|without|avoid\w*|least|less|fewer|fewest|free of|lack\w*|refrain\w*|\w+n['’]t)\b",
    re.IGNORECASE,
)
_POSITIVE = re.compile(
    r"\b(?:more|most|better|best|well|rather|instead|while|still|does|shows|good|closer|kinder|safer|clearer|truer|fairer"
    r"|friendlier|easier|gladder|wiser|warmer|calmer|gentler|politer|respectful|honest|helpful|useful|polite|kind)\b",
    re.IGNORECASE,
)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return [word.lower() for word in _WORD.findall(text)]


def alike(one: str, other: str) -> bool:
    """Say whether two wordings hold nearly the same words in the same order; empty ones are not compared."""
    first, second = words(one), words(other)
    if not first or not second:
        return False
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def wording_findings(field: str, text: str) -> Iterator[tuple[Severity, str]]:
    """Yield severity and sentence of what is doubtful about one wording."""
    if not text.strip():
        yield "error", said("It holds nothing but blanks.")
        return
    for slot in sorted(set(_SLOT.findall(text))):
        yield "warning", said("Nothing fills the slot {slot}; the model would read it as it stands.", slot=slot)
    count = len(words(text))
    if count > MAX_WORDS:
        yield (
            "warning",
            said(
                "It has {count} words; short principles generalise better, so try to stay below {max_words}.",
                count=count,
                max_words=MAX_WORDS,
            ),
        )
    if found := _HEADING.search(text):
        yield (
            "warning",
            said("It holds '{heading}', which the workbench adds by itself.", heading=found.group().strip()),
        )
    if field == "comparison_question":
        yield from _question_findings(text)


def _question_findings(text: str) -> Iterator[tuple[Severity, str]]:
    if not text.rstrip().endswith(("?", ".")):
        yield "warning", said("It should end like a sentence, with a question mark or a full stop.")
    if _NEGATIVE.search(text) and not _POSITIVE.search(text):
        yield (
            "note",
            said(
                "It asks only for what a response lacks; questions about what a good response does agree better with people."
            ),
        )
