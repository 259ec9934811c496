"""When a run reached which step, counted in seconds of work: read from its events, a bounded part of them."""

from collections.abc import Iterator
from pathlib import Path

from workbench.errors import BadInputError
from workbench.runs.events import Progress, Started, Told, parse_event
from workbench.runs.folder import RunFolder
from workbench.runs.lines import read_lines

_BLOCK = 1 << 13
#: A file of more blocks is read here and there only; what lies between is a straight line.
_MOST_BLOCKS = 16


def elapsed(folder: RunFolder) -> list[tuple[int, float]]:
    """Return (units of work done, seconds worked until then), in order; pauses between two sittings do not count."""
    worked, since = 0.0, None
    found: list[tuple[int, float]] = []
    for told in _told(folder):
        if since is None or isinstance(told.event, Started):
            since = told.time
        if told.time < since:  # two blocks may have lines in common
            continue
        if isinstance(told.event, Progress):
            worked, since = worked + max(0.0, told.time - since), told.time
            while found and found[-1][0] >= told.event.done:  # what is done again counts once
                found.pop()
            found.append((told.event.done, worked))
    return found


def _told(folder: RunFolder) -> Iterator[Told]:
    path = folder.events_file
    for line in _lines(path, path.stat().st_size if path.exists() else 0):
        if b'"Progress"' in line or b'"Started"' in line:
            try:
                yield parse_event(line, path)
            except BadInputError:
                continue


def _lines(path: Path, size: int) -> Iterator[bytes]:
    if size <= _MOST_BLOCKS * _BLOCK:
        yield from read_lines(path, 0, max(1, size))[0]
        return
    # The end as well, without which nobody knows how long it took.
    for offset in (*range(0, size - _BLOCK, size // _MOST_BLOCKS), size - _BLOCK):
        lines, _ = read_lines(path, offset, _BLOCK)
        yield from lines[1 if offset else 0 :]  # a block begins within a line
