"""The queue: run folders waiting for a device, first come, first served; one file an entry, in the user's state directory."""

import dataclasses
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.errors import BusyError
from workbench.records.run import RunState
from workbench.runs.device import device_of, file_name
from workbench.runs.files import replace_text
from workbench.runs.folder import RunFolder
from workbench.runs.launcher import WORKER, start_detached
from workbench.runs.places import state_directory
from workbench.runs.states import ACTIVE, state_of
from workbench.sentences import said
from workbench.sources.endpoints import Endpoints


@dataclass(frozen=True)
class Entry:
    """A folder in the queue, in the file that holds its place."""

    place: Path
    folder: RunFolder


class Queue:
    """The folders that wait for one device; two projects share it, so that they do not share a device by accident."""

    def __init__(self, device: str = "default", state: Path | None = None) -> None:
        self.device = device
        self.state = state or state_directory()
        self.path = self.state / "queue" / file_name(device)
        self.path.mkdir(parents=True, exist_ok=True)

    @property
    def runner_lock(self) -> Path:
        """The file the device's one runner holds locked."""
        return self.state / f"runner-{self.path.name}.lock"

    def put(self, folder: RunFolder) -> None:
        """Queue a run: take back what it was asked before, and wait for the device."""
        now = state_of(folder)
        if now.state in ACTIVE:
            raise BusyError("Run {folder} is at work already.", folder=folder.id)
        if now.state.over:
            raise BusyError("Run {folder} is {state}; make a new run instead.", folder=folder.id, state=now.state)
        folder.write_request(None)
        folder.write_status(dataclasses.replace(now, state=RunState.QUEUED, reason=said("waiting for its turn")))
        if folder.path not in [entry.folder.path for entry in self.entries()]:
            text = json.dumps({"folder": str(folder.path)})
            replace_text(self.path / f"{time.time_ns():020d}-{folder.path.name}.json", text)

    def entries(self) -> list[Entry]:
        """Return what waits, in order; an entry whose folder is gone is taken out."""
        found = []
        for place in sorted(self.path.glob("[0-9]*.json")):
            entry = _read(place)
            if entry is None:
                place.unlink(missing_ok=True)
            else:
                found.append(entry)
        return found

    def wake(self, program: Sequence[str] = WORKER) -> None:
        """Start a runner where folders wait and nobody walks the queue (any more)."""
        if not self.entries():
            return
        lock = FileLock(self.runner_lock, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return
        lock.release()
        self.start_runner(program)

    def start_runner(self, program: Sequence[str] = WORKER) -> None:
        """See to it that a runner walks this queue; where one does already, the new one leaves by itself."""
        command = [sys.executable, "-m", "workbench.runs.runner", "--device", self.device, "--state", str(self.state)]
        log = self.state / f"runner-{self.path.name}.log"
        # It hands each worker those that its plan needs.
        start_detached([*command, "--program", *program], log, Endpoints().variables())


def submit(folder: RunFolder, program: Sequence[str] = WORKER) -> None:
    """Queue a run for its device and see to it that somebody walks the queue; also the way to resume one."""
    queue = Queue(device_of(folder.plan))
    queue.put(folder)
    queue.start_runner(program)


def _read(place: Path) -> Entry | None:
    try:
        return Entry(place, RunFolder(Path(json.loads(place.read_bytes())["folder"])))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):  # not ours, or damaged: nothing can be started from it
        return None
