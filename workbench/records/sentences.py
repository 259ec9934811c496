"""Sentences with figures in them that a window can show in another language: each knows what it was made of."""

from typing import Any, Self


class Sentence(str):
    """A text in English, as any other; template is what a translator is given, and values fill its {names}."""

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Self:
        """Fill a template; without values it stays as it is, braces and all."""
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made


def said(template: str, **values: Any) -> Sentence:
    """Return a sentence; template is written out where it is said, so that a translator's tool finds it."""
    return Sentence(template, **values)
