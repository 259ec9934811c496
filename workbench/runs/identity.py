"""Which process it is, beyond its number: numbers come back after a while, start times and boots do not."""

import platform
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class ProcessIdentity:
    """A process on a host: boot says since which start of the machine, started when in that boot (ticks or seconds)."""

    host: str
    boot: str
    pid: int
    started: float


def this_host() -> str:
    """Return the name of this machine."""
    return platform.node()


def boot() -> str:
    """Return what tells this start of the machine from its others."""
    linux = Path("/proc/sys/kernel/random/boot_id")
    return linux.read_text().strip() if linux.exists() else str(int(psutil.boot_time()))


def identity_of(pid: int) -> ProcessIdentity | None:
    """Return the identity of a process of this machine, or None if it has ended."""
    started = _started(pid)
    return None if started is None else ProcessIdentity(this_host(), boot(), pid, started)


def alive(identity: ProcessIdentity) -> bool:
    """Say whether this very process still runs on this machine; another one with its number does not count."""
    if identity.host != this_host() or identity.boot != boot():
        return False
    return _started(identity.pid) == identity.started


def _started(pid: int) -> float | None:
    """Return when a process started; a zombie has ended."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        if Path("/proc/self/stat").exists():
            # psutil adds the wall clock's idea of the boot time, which moves when the clock is set; ticks since boot do not.
            fields = stat.read_text().rpartition(")")[2].split()
            return None if fields[0] in "ZX" else float(fields[19])
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except (FileNotFoundError, ProcessLookupError, psutil.NoSuchProcess):
        return None
