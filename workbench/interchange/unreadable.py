"""Why the system could not deliver a file."""

import errno

#: What the system says, in words that say what to do.
IN_WORDS = {
    errno.EACCES: "you have no permission to read it; ask its owner, or change its permissions",
    errno.ENOENT: "it is not there; if it was moved, name its new place",
    errno.ELOOP: "it is a link that leads back to itself; name the file itself",
    errno.ENAMETOOLONG: "the name is too long for a file; give a file that holds the text",
    errno.EISDIR: "it is a folder; name a file in it",
    errno.EIO: "the disk or the network could not deliver it; try again, or copy it to another disk",
}


def why(error: OSError) -> str:
    """Return why something could not be read, without a full stop."""
    return IN_WORDS.get(error.errno or 0) or (error.strerror or str(error)).rstrip(".")
