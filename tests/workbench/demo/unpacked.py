"""The recorded demo project, unpacked once by a process of tests; to unpack it takes seconds, to copy it none."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from workbench.demo.recorded import unpack


def demo_project(folder: Path) -> Path:
    """Make the demo project in a folder that is not there, and return the folder."""
    return Path(shutil.copytree(_unpacked(), folder))


@functools.cache
def _unpacked() -> Path:
    place = Path(tempfile.mkdtemp(prefix="workbench-demo-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    unpack(place / "demo").close()
    return place / "demo"
