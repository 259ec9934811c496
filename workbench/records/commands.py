"""Commands as they are told to people: what is told runs as it stands, also in a folder whose name has a space."""

import os
import shlex
from collections.abc import Iterable
from pathlib import Path


def quoted(word: object) -> str:
    """Return a word of a command as a shell reads it back: quoted where it would be taken apart, the home folder as ~."""
    text, home = str(word), str(Path.home())
    if os.name == "posix" and home != "/" and text.startswith(f"{home}/"):
        return f"~/{shlex.quote(text.removeprefix(f'{home}/'))}"
    return shlex.quote(text)


def joined(words: Iterable[object]) -> str:
    """Return the words of a command as a person would type them."""
    return " ".join(map(quoted, words))
