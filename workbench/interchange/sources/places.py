"""Files and folders as people name them: what is there, why it cannot be read, and its bytes unpacked."""

import gzip
import os
import stat
from pathlib import Path
from typing import BinaryIO, cast

from workbench.errors import BadInputError, MissingError
from workbench.interchange.mistaken import LOOKED_AT, refuse_mistaken
from workbench.interchange.unreadable import why
from workbench.sentences import said
from workbench.sources.hub_data import HUB

_GZIP = b"\x1f\x8b"


def is_folder(place: str) -> bool:
    """Say whether a place is a folder or a file; MissingError where nothing is there, BadInputError where it is neither."""
    try:
        mode = os.stat(place).st_mode
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingError(_missing(place)) from error
    except OSError as error:
        raise BadInputError("{place} cannot be read: {why}.", place=_short(place), why=why(error)) from error
    if not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        raise BadInputError(
            "{place} is neither a file nor a folder but a pipe or a device, which cannot be read again and "
            "again; save what it gives in a file.",
            place=place,
        )
    return stat.S_ISDIR(mode)


def bytes_of(path: Path, name: str) -> BinaryIO:
    """Open a file, unpacked where its bytes are gzip's; BadInputError where its name alone says that they are."""
    with path.open("rb") as stream:
        start = stream.read(LOOKED_AT)
    if start.startswith(_GZIP):
        return cast("BinaryIO", gzip.open(path))
    if path.suffix.lower() == ".gz":
        refuse_mistaken(start, name)
        raise BadInputError(
            "{name} is not a gzip file; if it is not compressed, rename it without .gz.",
            name=name,
        )
    return path.open("rb")


def _missing(place: str) -> str:
    if os.path.islink(place):
        return said("{place} is a link to {target}, which is not there.", place=place, target=os.readlink(place))
    near_hub = place.count("/") == 1 and not Path(place).suffix
    return said("There is no file {place}.", place=place) + (
        said(" For a data set on the hub write {hub}{place}.", hub=HUB, place=place) if near_hub else ""
    )


def _short(place: str) -> str:
    return place if len(place) <= 200 else f"{place[:200]}…"
