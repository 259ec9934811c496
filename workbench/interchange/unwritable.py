"""Why the system could not take a file that somebody wants written."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.errors import BadInputError
from workbench.sentences import said

#: What the system says, in words that say what to do.
_IN_WORDS = {
    errno.EACCES: said("you have no permission to write there; choose another folder"),
    errno.EPERM: said("you have no permission to write there; choose another folder"),
    errno.EROFS: said("that disk can only be read; choose another folder"),
    errno.ENOENT: said("its folder is not there; make it first, or choose another"),
    errno.ENOTDIR: said("what should be its folder is a file; choose another folder"),
    errno.EISDIR: said("a folder of that name is there; choose another name"),
    errno.ENOTEMPTY: said("a folder of that name is there; choose another name"),
    errno.ENAMETOOLONG: said("the name is too long; choose a shorter one"),
    errno.ENOSPC: said("the disk is full; make room, or choose another disk"),
}


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Raise BadInputError, with what helps, where a file or folder cannot be written."""
    try:
        yield
    except OSError as error:
        why = _IN_WORDS.get(error.errno or 0) or (error.strerror or str(error)).rstrip(".")
        raise BadInputError("{place} cannot be written: {why}.", place=place, why=why) from error
