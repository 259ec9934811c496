"""Following a run from outside: its events, its state, how fast it goes and how long it will take."""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.errors import BadInputError
from workbench.records.run import RunState
from workbench.runs.events import Event, Message, Progress, Started, Told, parse_event
from workbench.runs.folder import RunFolder
from workbench.runs.lines import read_lines, size_of_lines
from workbench.runs.states import ACTIVE, state_of
from workbench.runs.status import Status

_STANDING = frozenset(RunState) - ACTIVE - {RunState.QUEUED, RunState.ELSEWHERE}


@dataclass(frozen=True)
class Update:
    """What is new of a run: rate in units of work a second, eta in seconds; None while they cannot be told."""

    status: Status
    events: tuple[Event, ...]
    results_size: int
    rate: float | None = None
    eta: float | None = None

    @property
    def standing(self) -> bool:
        """Whether nothing more will come unless somebody starts the run again."""
        return self.status.state in _STANDING


class Follower:
    """Reads what a run's folder has to tell since the last look, at first from an offset on; the folder is never written to."""

    def __init__(self, folder: RunFolder, offset: int = 0) -> None:
        self.folder = folder
        self._offset = offset
        self._pace: deque[tuple[float, int]] = deque(maxlen=60)
        self._progress = Progress(0, 0)

    def poll(self, events: bool = True) -> Update:
        """Return what is new; the state is read first, so that a standing run's last events are never missed.

        Whoever wants the pace alone goes without the events: those of a run that was long unread can be millions.
        """
        status = state_of(self.folder)
        kept: list[Event] = []
        for told in self._read():
            self._note(told)
            if events:
                kept.append(told.event)
        rate = self._rate()
        left = self._progress.total - self._progress.done
        eta = left / rate if rate and left >= 0 and status.state in ACTIVE else None
        size = self.folder.results_file.stat().st_size if self.folder.results_file.exists() else 0
        return Update(status, tuple(kept), size, rate, eta)

    def _read(self) -> Iterator[Told]:
        while True:
            lines, self._offset = read_lines(self.folder.events_file, self._offset)
            if not lines:
                return
            yield from map(self._parse, lines)

    def _parse(self, line: bytes) -> Told:
        """Read an event; a damaged line is told as such and ends nobody's watching."""
        try:
            return parse_event(line, self.folder.events_file)
        except BadInputError as error:
            return Told(time.time(), Message(str(error)))

    def _note(self, told: Told) -> None:
        if isinstance(told.event, Started):
            self._pace.clear()  # the pause before a resumption is no work
        if isinstance(told.event, Progress):
            self._progress = told.event
            self._pace.append((told.time, told.event.done))

    def _rate(self) -> float | None:
        if len(self._pace) < 2:
            return None
        (begin, first), (end, last) = self._pace[0], self._pace[-1]
        return (last - first) / (end - begin) if end > begin and last > first else None


def follow(folder: RunFolder, every: float = 0.2, offset: int = 0) -> Iterator[Update]:
    """Yield an update at each look until the run stands still; the last one is of a standing run."""
    follower = Follower(folder, offset)
    while True:
        update = follower.poll()
        yield update
        if update.standing:
            return
        time.sleep(every)


def told_so_far(folder: RunFolder) -> int:
    """Return the offset from which on all that a run tells is new."""
    return size_of_lines(folder.events_file)
