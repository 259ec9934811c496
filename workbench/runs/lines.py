"""Files of lines: appended whole, mended after a crash, read up to the last newline."""

import json
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from workbench.errors import BadInputError

_BLOCK = 1 << 20
#: No record is longer; a file without newlines must not fill the memory of whoever reads it.
_LONGEST = 1 << 28

#: Made once: making one for each line takes as long as writing it.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class LineWriter:
    """Appends lines to a file, each write whole and at once, flushed to disk at least every `rhythm` seconds it is used."""

    def __init__(self, path: Path, rhythm: float = 1.0) -> None:
        mend(path)
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._rhythm = rhythm
        self._dirty = False
        self._failure: OSError | None = None
        self._synced = time.monotonic()

    def append(self, lines: Iterable[str]) -> None:
        """Append lines with one write, so that a kill tears at most the last of them."""
        if self._failure is not None:  # what a failed flush held may be gone, so nothing after it may be called saved
            raise self._failure
        rest = memoryview("".join(line + "\n" for line in lines).encode("utf-8"))
        while rest:
            rest = rest[os.write(self._handle, rest) :]
        self._dirty = True
        if time.monotonic() - self._synced >= self._rhythm:
            self.sync()

    def sync(self) -> None:
        """Flush what was appended to disk; safe to call from another thread."""
        if self._dirty:
            self._dirty = False
            self._synced = time.monotonic()
            try:
                os.fsync(self._handle)
            except OSError as error:
                self._failure = error
                raise

    def close(self) -> None:
        """Flush and close."""
        try:
            self.sync()
        finally:
            os.close(self._handle)


def mend(path: Path) -> None:
    """Cut off a torn last line: what stands after the last newline was never said to be saved."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        end = _end_of_lines(file, size)
        if end < size:
            file.truncate(end)
            os.fsync(file.fileno())


def size_of_lines(path: Path) -> int:
    """Return where the last whole line of a file ends; whatever comes after that is new."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return _end_of_lines(file, file.seek(0, os.SEEK_END))


def _end_of_lines(file: BinaryIO, end: int) -> int:
    """Return where the last whole line of the first `end` bytes ends."""
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def read_lines(path: Path, offset: int = 0, block: int = _BLOCK) -> tuple[list[bytes], int]:
    """Return whole lines from a byte offset on, about a block of them, and the offset after the last.

    A line without its newline is still being written and is left for the next call. A missing file has no lines.
    """
    if not path.exists():
        return [], offset
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(block)
        while data and b"\n" not in data:
            more = file.read(block)
            if not more:
                return [], offset
            data += more
            if len(data) > _LONGEST:
                raise BadInputError(
                    "{path} holds a line of more than {longest} MiB from byte {offset} on.",
                    path=path,
                    longest=_LONGEST >> 20,
                    offset=offset,
                )
    whole = data.rfind(b"\n") + 1
    return data[:whole].split(b"\n")[:-1], offset + whole


def typed_line(kind: str, data: Any, **extra: Any) -> str:
    """Return one line `{"type": …, "data": …}`; a lone surrogate is escaped, so that any text survives."""
    content = {"type": kind, **extra, "data": data}
    line = _ENCODER.encode(content)
    if line.isascii() or encodes(line):
        return line
    return json.dumps(content, separators=(",", ":"))


def parse_typed(line: bytes, path: Path) -> dict[str, Any]:
    """Read one typed line back; anything else is a sentence that names the file."""
    try:
        content = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise BadInputError("{path} holds a line that is not JSON: {line!r}.", path=path, line=line[:60]) from error
    if not isinstance(content, dict) or "type" not in content or not isinstance(content.get("data"), dict):
        raise BadInputError("{path} holds a line without type and data: {line!r}.", path=path, line=line[:60])
    return content


def encodes(text: str) -> bool:
    """Say whether UTF-8 can hold a text: it holds no surrogate without its other half."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
