"""What this machine does best: measured once in a process of its own, read here without torch, kept in every plan."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from workbench.runs.launcher import environment
from workbench.runs.places import state_directory

MEASURING = (sys.executable, "-m", "workbench.models.machine")


def measuring() -> tuple[list[str], dict[str, str]]:
    """Return the command that measures this machine and keeps what it found, and the environment it runs in."""
    return [*MEASURING, str(_file())], environment()


def this_machine() -> dict[str, Any]:
    """Return device, dtype, threads and attention for this machine; the first call on it takes some seconds to measure."""
    if not _file().is_file():
        command, variables = measuring()
        subprocess.run(command, env=variables, check=False, stdin=subprocess.DEVNULL)
    return known_machine() or {"device": "cpu", "dtype": "float32"}


def known_machine() -> dict[str, Any]:
    """Return what was measured of this machine, or nothing where it was not yet."""
    try:
        found: dict[str, Any] = json.loads(_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _file() -> Path:
    return state_directory() / "machine.json"
