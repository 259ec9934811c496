"""Telling what is under way: whoever waits hears of each step, and nobody else is troubled."""

from collections.abc import Callable

#: Hears what is being done now, in a few words.
Tell = Callable[[str], None]


def untold(step: str) -> None:
    """Tell nobody."""
