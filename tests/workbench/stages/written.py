"""What a stage wrote, where it left nothing out."""

from collections.abc import Iterable
from typing import TypeVar

from workbench.stages.walking import LeftOut

R = TypeVar("R")


def written(records: Iterable[R | LeftOut]) -> list[R]:
    """Return the records; AssertionError where something was left out."""
    found: list[R] = []
    for record in records:
        assert not isinstance(record, LeftOut), record
        found.append(record)
    return found
