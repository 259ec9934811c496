"""What all tests share: hypothesis judges what is right, not how quick a busy machine is; Qt is there or missed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keyring
import psutil
import pytest
from hypothesis import HealthCheck, settings

_WINDOW = Path(__file__).parent / "ui"

#: Files with few tests that take long: begun first, so that no worker is left with one while the others have ended.
_LONG = (
    "test_journey.py",
    "test_several_processes.py",
    "test_window_by_hand.py",
    "test_walkthrough.py",
    "test_review_killed.py",
)

#: Files in memory, and the bytes that must be free there and of memory itself.
_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30


def _use_memory() -> "tempfile.TemporaryDirectory[str] | None":
    """Have temporary files in memory: tests write much that must reach the disk at once, and a disk takes its time.

    A folder named by TMPDIR stays the one; the processes that tests are spread over are given it so.
    """
    there = "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK)
    if not there or min(shutil.disk_usage(_MEMORY).free, psutil.virtual_memory().available) < _ROOM:
        return None
    made = tempfile.TemporaryDirectory(prefix="workbench-tests-", dir=_MEMORY)
    os.environ["TMPDIR"] = tempfile.tempdir = made.name
    # Beside it: what tests that failed have left is there to be looked at.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
    return made


_TEMPORARY = _use_memory()

settings.register_profile("workbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workbench")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# No test waits for what this person's own runs do with the device; tests that need more have a folder each.
_STATE = tempfile.TemporaryDirectory(prefix="workbench-tests-")
os.environ["XDG_STATE_HOME"] = _STATE.name
try:
    import PySide6.QtWidgets  # noqa: F401
except ImportError as error:
    if os.environ.get("WORKBENCH_DEMAND_WINDOW"):
        raise
    #: Why the window cannot be tested here; its tests are skipped with this reason.
    WITHOUT_QT = str(error)
else:
    WITHOUT_QT = ""
    pytest_plugins = ["pytestqt.plugin"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the window's tests out where there is no Qt, and say so at the end."""
    if WITHOUT_QT and collection_path.is_relative_to(_WINDOW):
        return True
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; the others stay in order (make test asks the workers to keep it)."""
    items.sort(key=lambda item: _LONG.index(item.path.name) if item.path.name in _LONG else len(_LONG))


@pytest.fixture
def same_keyring_after() -> Iterator[None]:
    """Whatever keyring a test chooses, the next test of this process has the one that was there before."""
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def pytest_report_header() -> str:
    """Say at the beginning whether the window is tested."""
    return f"The window is not tested here: {WITHOUT_QT}" if WITHOUT_QT else "The window is tested."
