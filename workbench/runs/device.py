"""One worker at a time on a device: a lock in the user's state directory, held for as long as a worker works."""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.errors import BadInputError, BusyError
from workbench.records.encoding import from_data, to_data
from workbench.records.run import Plan
from workbench.runs.files import replace_text
from workbench.runs.identity import ProcessIdentity, alive
from workbench.runs.places import state_directory
from workbench.sentences import said


def device_of(plan: Plan) -> str:
    """Return the device a run waits for."""
    return str(plan.machine.get("device", "default"))


def file_name(device: str) -> str:
    """Return how a device is named in files: cuda:0 is cuda-0."""
    return device.replace(":", "-")


@dataclass(frozen=True)
class Holder:
    """Who has a device: a process, and the run folder it works."""

    process: ProcessIdentity
    folder: str


class Device:
    """A device of this machine, for this user: whoever works on it holds its lock, which ends with the process."""

    def __init__(self, name: str, state: Path | None = None) -> None:
        self.name = name
        state = state or state_directory()
        self._file = state / f"device-{file_name(name)}.lock"
        self._who = state / f"device-{file_name(name)}.json"

    def acquire(self, process: ProcessIdentity | None, folder: Path) -> FileLock:
        """Take the device to work a folder, and leave word who has it; raises BusyError where another worker has it."""
        lock = FileLock(self._file, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise BusyError("{busy}; wait for it, or work beside it with --beside.", busy=self.busy()) from error
        if process is not None:
            replace_text(self._who, json.dumps(to_data(Holder(process, str(folder)))), durable=False)
        return lock

    def free(self) -> bool:
        """Say whether nobody works on the device now."""
        lock = FileLock(self._file, timeout=0)
        try:
            lock.acquire()
        except Timeout:
            return False
        lock.release()
        return True

    def busy(self) -> str:
        """Return, without a full stop, who works on the device."""
        holder = self.holder()
        by = (
            said("another process")
            if holder is None
            else said("process {pid}, which works {folder}", pid=holder.process.pid, folder=holder.folder)
        )
        return said("The device {name} is in use by {by}", name=self.name, by=by)

    def holder(self) -> Holder | None:
        """Return who has the device, or had it last and still lives."""
        with suppress(OSError, ValueError, TypeError, AttributeError, BadInputError):
            holder = from_data(Holder, json.loads(self._who.read_bytes()))
            return holder if alive(holder.process) else None
        return None
