"""Sentences with figures in them that a window can show in another language: each knows what it was made of."""

from collections.abc import Iterable
from typing import Any, Self


class Sentence(str):
    """A text in English, as any other; template is what a translator is given, and values fill its {names}."""

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Self:
        """Fill a template; without values it stays as it is, braces and all."""
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template = template
        made.values = {name: _kept(one) for name, one in values.items()}
        return made


def said(template: str, /, **values: Any) -> Sentence:
    """Return a sentence; template is written out where it is said, so that a translator's tool finds it."""
    return Sentence(template, **values)


def counted(count: int, one: str, many: str, /, **values: Any) -> Sentence:
    """Return what is said of one, or of {count}; both are written out where it is said."""
    return Sentence(one if count == 1 else many, count=count, **values)


def joined(between: str, sentences: Iterable[str]) -> Sentence:
    """Return sentences in a row, as str.join does, each still to be translated."""
    parts = {f"part_{place}": one for place, one in enumerate(sentences)}
    return Sentence("{between}".join(f"{{{name}}}" for name in parts), between=between, **parts)


def _kept(value: Any) -> Any:
    """Return what a sentence keeps of a value: of an error its own sentence, for an error holds on to all that led to it."""
    return getattr(value, "sentence", str(value)) if isinstance(value, BaseException) else value
