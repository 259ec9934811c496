"""Fetching one large file into the hub's cache so that a broken connection costs only what had not yet arrived.

The hub's own library starts a file anew in a later call; weights are too large for that. What arrived lies beside its place
under the file's hash, and is put there once that hash is right.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import httpx2

from workbench.errors import WorkbenchError

#: Tries of one file whose connection breaks while it still gets further.
_TRIES = 5
_SHA256 = re.compile(r"[0-9a-f]{64}")


def fetch_blob(url: str, headers: dict[str, str], blob: Path, size: int, tell: Callable[[int], None]) -> None:
    """Fetch a file to its place in the cache, going on where an earlier try ended; tell is told the bytes that are there.

    Raises httpx2.TransportError where the connection keeps breaking, WorkbenchError where what came is not what was promised.
    """
    if blob.is_file():
        return
    blob.parent.mkdir(parents=True, exist_ok=True)
    part = blob.with_name(f"{blob.name}.part")
    with httpx2.Client(follow_redirects=True, timeout=30, headers={**headers, "Accept-Encoding": "identity"}) as client:
        for tries_left in reversed(range(_TRIES)):
            before = _there(part)
            try:
                _go_on(client, url, part, size, tell)
                break
            except httpx2.TransportError:
                if not tries_left or _there(part) <= before:
                    raise
    _require_whole(part, blob.name, size)
    part.replace(blob)


def _there(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _go_on(client: httpx2.Client, url: str, part: Path, size: int, tell: Callable[[int], None]) -> None:
    there = _there(part)
    if there >= size:
        return
    with client.stream("GET", url, headers={"Range": f"bytes={there}-"} if there else {}) as answer:
        if answer.status_code not in (200, 206):
            raise WorkbenchError(
                "{url} could not be fetched: the server answered {status}.", url=url, status=answer.status_code
            )
        resumed = answer.status_code == 206
        with part.open("ab" if resumed else "wb") as file:
            for chunk in answer.iter_raw():
                file.write(chunk)
                if file.tell() > size:
                    raise WorkbenchError(
                        "{url} is longer than the {size} bytes it was said to have.", url=url, size=size
                    )
                tell(file.tell())


def _require_whole(part: Path, digest: str, size: int) -> None:
    if _there(part) != size:
        raise WorkbenchError(
            "{part} has {there} bytes of {size}; fetch it again.", part=part, there=_there(part), size=size
        )
    if _SHA256.fullmatch(digest):
        with part.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                part.unlink()
                raise WorkbenchError("What was fetched is not what its hash promises; fetch it again.")
