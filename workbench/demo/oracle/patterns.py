"""A small language for word patterns, compiled to regular expressions over rendered tokens and indexed by first word.

One rule a line: `DEGREE MODE | ELEMENTS`. Elements, separated by spaces:
`read|open` one of these forms or dictionary forms · `look_at` words in a row · `@class` a word class ·
`x?` optional · `!x` not x at this place · `..` up to three words · `...` up to six, commas too · `....` up to twelve ·
`^` start of the sentence. Mode: empty for an act that counts when advised, `s` for a statement that counts when not denied,
`!` for wording that counts as it stands (it holds its own negation).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from workbench.demo.oracle.lexicon import word_set

_GAPS = {
    "..": r"(?: [^ ,;:.!?]++){0,3}?",
    "...": r"(?: [^ ;:.!?]++){0,6}?",
    "....": r"(?: \S++){0,12}?",
    "^": r"^",
}
_GRAMMAR = word_set("vocabulary", "FUNCTION_WORDS") | {"be", "have", "you", "NAME"}
_GRAMMAR_COST = 60  # how many content words a grammar word outweighs when a rule's key is chosen
_POSSESSIVE = r"(?: ~(?:his|her|their)~[^ ]*+| [^ ]++ ~'s~[^ ]*+)"


@dataclass(frozen=True)
class Pattern:
    """One rule: its kind and degree, how it counts, its expression, and word sets, the rarest first, all to be met."""

    kind: str
    degree: int
    mode: str
    source: str
    required: tuple[frozenset[str], ...]

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The expression, compiled when a sentence first needs it."""
        return re.compile(self.source)

    def may_match(self, words: set[str]) -> bool:
        """Whether a sentence of these forms and dictionary forms has a word for every required place."""
        return not any(map(words.isdisjoint, self.required))


def _rarity(words: frozenset[str]) -> int:
    """How common a set of words is in a sentence, grammar words being the commonest: the lower, the better a key."""
    return len(words) + _GRAMMAR_COST * len(words & _GRAMMAR)


def _alternatives(element: str, classes: Mapping[str, str]) -> list[str]:
    """The words of an element with its classes replaced by their members."""
    words: list[str] = []
    for part in element.split("|"):
        if part.startswith("@") and part != "@his":
            words += [word for item in classes[part[1:]].split() for word in _alternatives(item, classes)]
        else:
            words.append(part)
    return words


def _row_expression(words: list[str]) -> str:
    """The expression of any of some words at one place, by its form or its dictionary form."""
    options = "|".join(map(re.escape, words))
    return rf" ~(?:[^~ ]++~)?(?:{options})~[^ ]*+"


def _element_expression(element: str, classes: Mapping[str, str]) -> str:
    """The expression of one element of a rule."""
    optional, denied = element.endswith("?"), element.startswith("!")
    words = [word for word in _alternatives(element.strip("?!="), classes) if word]
    single = [word for word in words if "_" not in word and word != "@his"]
    options = [_POSSESSIVE] if "@his" in words else []
    options += [_row_expression(single)] if single else []
    options += ["".join(_row_expression([part]) for part in word.split("_")) for word in words if "_" in word]
    body = f"(?:{'|'.join(options)})"
    return f"(?!{body})" if denied else body + ("?" if optional else "")


def _required(elements: list[str], classes: Mapping[str, str]) -> tuple[frozenset[str], ...]:
    """The word sets of the required elements, words in a row by their first: without a word of each no match is possible."""
    sets: list[frozenset[str]] = []
    for element in elements:
        if element in _GAPS or element.endswith("?") or element.startswith("!"):
            continue
        words = [word for word in _alternatives(element.strip("="), classes) if word]
        if "@his" not in words:
            sets.append(frozenset(word.split("_")[0] for word in words))
    if not sets:
        raise ValueError(f"a rule needs a required word: {elements}")
    return tuple(sorted(sets, key=_rarity))


def compile_rule(kind: str, line: str, classes: Mapping[str, str]) -> Pattern:
    """One rule line as a pattern."""
    head, body = line.split(" | ", 1)
    degree, mode = int(head.strip()[0]), head.strip()[1:].strip()
    elements = body.split()
    source = "".join(_GAPS.get(element) or _element_expression(element, classes) for element in elements)
    return Pattern(kind, degree, mode, source, _required(elements, classes))


def entries(text: str) -> list[str]:
    """The entries of a lexicon file: comments left out, indented lines joined to the one above."""
    found: list[str] = []
    for line in text.splitlines():
        if line.startswith(" ") and found:
            found[-1] += ("" if found[-1].endswith("|") else " ") + line.strip()
        elif line.strip() and not line.startswith("#"):
            found.append(line.strip())
    return found


def read_classes(text: str) -> dict[str, str]:
    """The word classes of a lexicon file, lines "@name = words"."""
    lines = (entry for entry in entries(text) if entry.startswith("@"))
    return {name.strip("@ "): words for name, _, words in (line.partition("=") for line in lines)}


def read_rules(kind: str, text: str, classes: Mapping[str, str]) -> list[Pattern]:
    """The rules of a lexicon file."""
    return [compile_rule(kind, entry, classes) for entry in entries(text) if not entry.startswith("@")]


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Every word that occurs in some lexicon texts."""
    pieces = re.split(r"[\s|_?!=^@]+", " ".join(" ".join(entries(text)) for text in texts))
    return frozenset(piece for piece in pieces if piece and piece[0].islower())
