"""Sentences that came through a file, where they are a text as any other: known again by the templates they were made of.

What a run ended with, a verdict kept beside weights or the words of another process were written in English.
"""

import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from string import Formatter

#: A template with fewer letters of its own than these would take other texts for its own.
_LEAST_LETTERS = 8
#: What stands between two sentences, and between two parts of one.
_BETWEEN = (re.compile(r"((?<=[.!?])\s+)"), re.compile(r"(;\s)"))


class ReadSentences:
    """Puts into another language what was made of templates; translated says how the language has one of these, or a text."""

    def __init__(self, templates: Sequence[str], translated: Callable[[str], str]) -> None:
        self._translated = translated
        found = [_Template(template) for template in dict.fromkeys(templates) if _is_filled(template)]
        # Of two that a text may have been made of, the one is meant that says more of it itself.
        self._templates = sorted((one for one in found if one.letters >= _LEAST_LETTERS), key=lambda one: -one.letters)
        self.said = lru_cache(maxsize=1000)(self._said)

    def _said(self, text: str) -> str:
        """Return a text in the language: as a whole, or else part by part; what nobody translated, as it is."""
        return self._in_parts(text, _BETWEEN)

    def _in_parts(self, text: str, between: Sequence[re.Pattern[str]]) -> str:
        whole = self._as_one(text)
        if whole != text or not between:
            return whole
        return "".join(self._in_parts(part, between[1:]) for part in between[0].split(text))

    def _as_one(self, text: str) -> str:
        known = self._translated(text)
        if known != text:
            return known
        for template in self._templates:
            if (values := template.values_in(text)) is not None:
                return _filled(self._translated(template.text), {name: self.said(one) for name, one in values.items()})
        return text


class _Template:
    """A template that knows what was made of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = [(literal, name) for literal, name, _, _ in Formatter().parse(text)]
        literals = [literal for literal, _ in self._parts]
        self.letters = sum(letter.isalpha() for letter in "".join(literals))
        self._longest = max(literals, key=len)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Made when it is first wanted: all of them at once would hold the window up.
        pattern, seen = "", set[str]()
        for literal, name in self._parts:
            pattern += re.escape(literal)
            if name is not None:
                pattern += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
                seen.add(name)
        return re.compile(pattern, re.DOTALL)

    def values_in(self, text: str) -> dict[str, str] | None:
        """Return what fills a template to make a text; None where it does not."""
        # Most templates do not even hold a text's words, which is quick to tell.
        found = self._pattern.fullmatch(text) if self._longest in text else None
        return found.groupdict() if found else None


def _is_filled(template: str) -> bool:
    """Say whether the braces of a template are filled; some texts have braces of their own."""
    try:
        names = [name for _, name, _, _ in Formatter().parse(template) if name is not None]
    except ValueError:
        return False
    return bool(names) and all(name.isidentifier() for name in names)


def _filled(template: str, values: dict[str, str]) -> str:
    """Fill a template with texts, which were formatted when the sentence was made."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError:  # a translator left a brace open
        return template
    return "".join(literal + ("" if name is None else values.get(name, f"{{{name}}}")) for literal, name, _, _ in parts)
