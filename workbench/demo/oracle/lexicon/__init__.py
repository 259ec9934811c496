"""What the oracle knows of English, as text: rules for the five kinds of harm, polarity, answers, vocabulary."""

from functools import cache
from importlib import resources


def text_of(name: str) -> str:
    """The text of one lexicon file."""
    return resources.files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")


@cache
def lines_of(name: str, section: str) -> tuple[str, ...]:
    """The lines of a "[SECTION]" of a lexicon file, comments left out."""
    lines = (line.strip() for line in text_of(name).splitlines())
    found: dict[str, list[str]] = {}
    current = ""
    for line in lines:
        if line.startswith("[") and line.endswith("]"):
            current = line[1:-1]
        elif line and not line.startswith("#"):
            found.setdefault(current, []).append(line)
    return tuple(found[section])


@cache
def word_set(name: str, section: str) -> frozenset[str]:
    """The words of a section that is a list of words."""
    return frozenset(" ".join(lines_of(name, section)).split())
