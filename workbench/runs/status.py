"""state.json: what the last one to hold a run folder said of its state."""

import json
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadInputError
from workbench.records.encoding import from_data, to_data
from workbench.records.run import RunState
from workbench.runs.files import replace_text
from workbench.sentences import said


@dataclass(frozen=True)
class Status:
    """A state with its reason and figures; seconds add up over all sittings, discarded says that results are not wanted."""

    state: RunState = RunState.QUEUED
    reason: str = ""
    done: int = 0
    total: int = 0
    started: str = ""
    ended: str = ""
    seconds: float = 0.0
    peak_memory_mb: float = 0.0
    discarded: bool = False


def read_status(path: Path) -> Status:
    """Read a state file; one that cannot be read is an interruption with that reason, never a crash."""
    try:
        return from_data(Status, json.loads(path.read_bytes()))
    except FileNotFoundError:
        return Status()
    except (ValueError, TypeError, AttributeError, RecursionError, BadInputError):
        return Status(RunState.INTERRUPTED, said("its state file cannot be read; resume it to go on"))


def write_status(path: Path, status: Status, durable: bool = True) -> None:
    """Replace a state file in one step."""
    replace_text(path, json.dumps(to_data(status)), durable)
