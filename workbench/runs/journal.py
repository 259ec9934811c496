"""What a run said while it worked, as lines for a person: from the end of its events, a bounded part of them."""

import time
from dataclasses import dataclass

from workbench.errors import BadInputError
from workbench.runs.events import Event, Failed, Finished, Left, Message, SampleShown, Started, parse_event
from workbench.runs.folder import RunFolder
from workbench.runs.lines import read_lines
from workbench.sentences import said

_MOST_BYTES = 1 << 20
MOST_LINES = 500


@dataclass(frozen=True)
class Line:
    """A sentence and when it was said, in seconds since 1970."""

    time: float
    text: str

    @property
    def clock(self) -> str:
        """The time of day where the reader is."""
        return time.strftime("%H:%M:%S", time.localtime(self.time))


def said_by(folder: RunFolder) -> list[Line]:
    """Return what a run said last, oldest first; what it told in numbers is left out."""
    path = folder.events_file
    size = path.stat().st_size if path.exists() else 0
    begin = max(0, size - _MOST_BYTES)
    raw, _ = read_lines(path, begin, _MOST_BYTES)
    lines: list[Line] = []
    for one in raw[1 if begin else 0 :]:
        try:
            told = parse_event(one, path)
        except BadInputError as error:
            lines.append(Line(0.0, error.sentence))
            continue
        if text := _words(told.event):
            lines.append(Line(told.time, text))
    return lines[-MOST_LINES:]


def _words(event: Event) -> str:
    if isinstance(event, Started):
        how = said("Went on") if event.resumed else said("Began")
        return said("{how} as process {pid} on {host}.", how=how, pid=event.pid, host=event.host)
    if isinstance(event, Message):
        return event.text
    if isinstance(event, SampleShown):
        return said("{title}: {text}", title=event.title, text=event.text)  # a model's words stay as they are
    if isinstance(event, Left):
        return said("Left: asked to {request}.", request=event.request)
    if isinstance(event, Finished):
        return said(
            "Finished after {seconds:.0f} s of work; at most {memory:.0f} MB of memory.",
            seconds=event.seconds,
            memory=event.peak_memory_mb,
        )
    return said("Failed: {reason}", reason=event.reason) if isinstance(event, Failed) else ""
