"""Watching a text being written: the owner says in a small file which walk it watches, the worker writes that one to another.

Nobody watching costs the worker a look at a file that is not there, ten times a second.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from workbench.runs.files import replace_text

#: Who watches what, and the text of it.
WATCHED, LIVE = "watched", "live.jsonl"
#: A look reads no more of the file than this; a line holds one text.
_TAIL = 1 << 18


@dataclass(frozen=True)
class Live:
    """A text in the making: the walk it belongs to (the input's id), how many records the walk has already, the text so far.

    rate is how many tokens a second the run writes just now, over all of its walks; 0 where that is not known yet.
    """

    walk: str
    step: int
    text: str
    rate: float = 0.0


def watch(folder: Path, walk: str | None) -> None:
    """Say which walk of a run is watched, or that none is."""
    if walk is None:
        (folder / WATCHED).unlink(missing_ok=True)
    elif folder.is_dir():
        replace_text(folder / WATCHED, walk, durable=False)


class Watched:
    """Which walk is watched, read from a run's folder at most every `rhythm` seconds; any process may have its own."""

    def __init__(self, folder: Path, rhythm: float = 0.1) -> None:
        self._path = folder / WATCHED
        self._rhythm = rhythm
        self._walk: str | None = None
        self._read_at = 0.0

    def wants(self, walk: object) -> bool:
        """Say whether somebody watches this walk."""
        now = time.monotonic()
        if now - self._read_at >= self._rhythm:
            self._read_at = now
            self._walk = self._read()
        return self._walk is not None and str(walk) == self._walk

    def _read(self) -> str | None:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None


class LiveReader:
    """Reads what a worker shows of the walk being watched."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LIVE
        self._seen: tuple[int, int] | None = None

    def poll(self) -> Live | None:
        """Return the newest text if there is one that was not returned before."""
        try:
            found = self._path.stat()
            seen = (found.st_size, found.st_mtime_ns)
            if seen == self._seen:
                return None
            with self._path.open("rb") as file:
                file.seek(max(0, found.st_size - _TAIL), os.SEEK_SET)
                lines = file.read().split(b"\n")
        except OSError:
            return None
        self._seen = seen
        return _parsed(lines[-2]) if len(lines) > 1 else None


def _parsed(line: bytes) -> Live | None:
    """Return a line's text; the file may have been cut while it was read, and the next look makes up for that."""
    try:
        data = json.loads(line)
        return Live(str(data["walk"]), int(data["step"]), str(data["text"]), float(data.get("rate", 0.0)))
    except (ValueError, KeyError, TypeError):
        return None
