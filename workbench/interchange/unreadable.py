"""Why the system could not deliver a file."""

import errno

from workbench.sentences import said

#: What the system says, in words that say what to do.
IN_WORDS = {
    errno.EACCES: said("you have no permission to read it; ask its owner, or change its permissions"),
    errno.ENOENT: said("it is not there; if it was moved, name its new place"),
    errno.ELOOP: said("it is a link that leads back to itself; name the file itself"),
    errno.ENAMETOOLONG: said("the name is too long for a file; give a file that holds the text"),
    errno.EISDIR: said("it is a folder; name a file in it"),
    errno.EIO: said("the disk or the network could not deliver it; try again, or copy it to another disk"),
}


def why(error: OSError) -> str:
    """Return why something could not be read, without a full stop."""
    return IN_WORDS.get(error.errno or 0) or (error.strerror or str(error)).rstrip(".")
