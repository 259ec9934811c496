"""What a worker tells while it works; events.jsonl keeps them, each with the time it was told."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.records.encoding import from_data, to_data
from workbench.runs.lines import parse_typed, typed_line


@dataclass(frozen=True)
class Started:
    """A worker took the folder up; resumed says that results were there already."""

    pid: int
    host: str
    resumed: bool = False


@dataclass(frozen=True)
class Progress:
    """How much of the run's work is done."""

    done: int
    total: int


@dataclass(frozen=True)
class Recorded:
    """Results were appended; results.jsonl is now this many bytes long."""

    size: int


@dataclass(frozen=True)
class Message:
    """A sentence for the person who watches."""

    text: str


@dataclass(frozen=True)
class SampleShown:
    """A text worth looking at while the run goes on."""

    title: str
    text: str


@dataclass(frozen=True)
class Left:
    """The worker left before the work was done, because it was asked to."""

    request: str


@dataclass(frozen=True)
class Finished:
    """All work is done."""

    seconds: float
    peak_memory_mb: float


@dataclass(frozen=True)
class Failed:
    """The worker could not go on; traceback names the file that holds the details of a bug."""

    reason: str
    traceback: str | None = None


Event = Started | Progress | Recorded | Message | SampleShown | Left | Finished | Failed
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Started, Progress, Recorded, Message, SampleShown, Left, Finished, Failed)
}


@dataclass(frozen=True)
class Told:
    """An event and when it was told, in seconds since 1970."""

    time: float
    event: Event


def event_line(event: Event) -> str:
    """Return the line that holds an event, told now."""
    return typed_line(type(event).__name__, to_data(event), time=round(time.time(), 3))


def parse_event(line: bytes, path: Path) -> Told:
    """Read an event back from its line."""
    content = parse_typed(line, path)
    kind = _KINDS.get(content["type"])
    if kind is None:
        raise BadInputError(
            "{path} holds an event {content}, which this version does not know.", path=path, content=content["type"]
        )
    told = content.get("time")
    return Told(float(told) if isinstance(told, int | float) else 0.0, from_data(kind, content["data"]))
