"""Filters over revisions: they name what looks wrong with a text and never change it.

Small models confuse the point of view (a critique where a revision is due), copy the text unchanged, loop, or begin with a
preamble; all of it would be learned. Every verdict is counted and shown; training leaves flagged revisions out by setting.
"""

import re
from collections import Counter

_PREAMBLE = re.compile(
    r"^\W*(sure|certainly|of course|okay|ok)?\W*(here('s| is| are)|this is|below is)\b"
    r"[^.\n]{0,60}\b(revis|rewrit|updat|improv|new|better)",
    re.IGNORECASE,
)
_ABOUT_THE_RESPONSE = re.compile(
    r"^\W*(the|this|that|its|my) (assistant|(\w+ ){0,2}(response|answer|reply|summary))('s)?\b", re.IGNORECASE
)
#: What a critique says, and an answer to a person hardly ever: that a text is in order, what it tells one, what ails it.
_CRITICISES = re.compile(
    r"\bno (change|revision|rewrite|edit)s? (is |are )?(needed|necessary|required)\b|\bneeds? no (change|revision|rewrit)"
    r"|\b(nothing|no (problem|harm|issue)s?) of (this|that) (kind|sort)\b"
    r"|\bnothing (\w+ ){0,3}in (the|this|that|my) (answer|response|reply|summary)\b"
    r"|^\W*it (tells|asks|urges|wants|advises|encourages) (you|the (user|reader|person))\b"
    r"|^\W*the (advice|remark|suggestion) (to|that)\b[^.\n]{0,120}\b(is|was) "
    r"(a problem|problematic|harmful|unkind|rude|offensive|unethical|illegal|inappropriate|dangerous)\b",
    re.IGNORECASE,
)


def revision_verdicts(before: str, after: str, finish: str, initial: str | None = None) -> tuple[str, ...]:
    """Name what is wrong with a revision of `before`: unchanged, empty, too_long, repetition, preamble, point_of_view.

    The point of view is that of the chain's initial response (`before` where none is given): once it is lost, it stays lost
    in the revisions after, until one of them answers again.
    """
    if not after.strip():
        return ("empty",)
    checks = {
        "unchanged": _squeeze(before) == _squeeze(after),
        "too_long": finish == "length",
        "repetition": repeats(after),
        "preamble": bool(_PREAMBLE.match(after)),
        "point_of_view": _speaks_of_a_text(after) and not _speaks_of_a_text(initial or before),
    }
    return tuple(name for name, found in checks.items() if found)


def text_verdicts(text: str, finish: str) -> tuple[str, ...]:
    """Name what is wrong with an initial response or a critique: empty, too_long, repetition."""
    if not text.strip():
        return ("empty",)
    checks = {"too_long": finish == "length", "repetition": repeats(text)}
    return tuple(name for name, found in checks.items() if found)


def repeats(text: str, size: int = 4, share: float = 0.35) -> bool:
    """Say whether a text loops: more than `share` of its word groups of `size` occur before, or one comes four times."""
    words = text.lower().split()
    groups = Counter(tuple(words[i : i + size]) for i in range(len(words) - size + 1))
    total = sum(groups.values())
    if total < 2 * size:
        return False
    repeated = total - len(groups)
    return repeated / total > share or max(groups.values()) >= 4


def _speaks_of_a_text(text: str) -> bool:
    """Say whether a text is about an answer, as a critique is, and not one itself."""
    return bool(_ABOUT_THE_RESPONSE.match(text) or _CRITICISES.search(text))


def _squeeze(text: str) -> str:
    return " ".join(text.split())
