"""Commands as they are told to people: what is told runs as it stands, also in a folder whose name has a space."""

import shlex


def quoted(word: object) -> str:
    """Return a word of a command as a shell reads it back: quoted where it would be taken apart."""
    return shlex.quote(str(word))
