"""What the readers of other tools' constitutions give: principles, examples, and names made fit to be ids."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadInputError
from workbench.records.constitution import FewShot, Principle

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Part:
    """Principles or examples of one file, and what the file is."""

    title: str
    principles: tuple[Principle, ...] = ()
    few_shots: tuple[FewShot, ...] = ()


def most(items: Iterable[Any], test: Callable[[Any], bool]) -> bool:
    """Say whether at least half of some things pass a test: a file with a few broken parts is still what it is."""
    found = [test(one) for one in items]
    return bool(found) and 2 * sum(found) >= len(found)


def slug(name: str) -> str:
    """Return a name that can be an id."""
    made = _NOT_IN_A_NAME.sub("-", name).strip("-._")[:64].rstrip("-._")
    return made or "imported"


def required(value: object, what: str, source: str) -> str:
    """Return a text that must be there, without blanks around it; BadInputError names what is missing."""
    if not isinstance(value, str) or not value.strip():
        raise BadInputError("{source}: {what} is missing or is no text.", source=source, what=what)
    return value.strip()


def between(text: str, opening: str, closing: str, what: str, source: str) -> str:
    """Return what stands between two marks that a text must begin and end with; a closing mark may be absent."""
    begun = text.lstrip()
    if not begun.startswith(opening):
        raise BadInputError(
            '{source}: {what} does not begin with "{opening}".', source=source, what=what, opening=opening
        )
    return required(begun.removeprefix(opening).rstrip().removesuffix(closing), what, source)
