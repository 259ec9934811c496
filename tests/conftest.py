"""What all tests share: hypothesis judges what is right, not how quick a busy machine is; Qt is there or missed."""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keyring
import psutil
import pytest
from hypothesis import HealthCheck, settings

_TESTS = Path(__file__).parent
_WINDOW = _TESTS / "ui"

#: Files that take long, longest first: begun before the others, so that no worker is left with one when those have ended.
_LONG = (
    "xvfb/test_window_by_hand.py",
    "workbench/training/test_several_processes.py",
    "ui/test_journey.py",
    "journeys/test_walkthrough.py",
    "workbench/worker/test_spread.py",
    "workbench/training/test_ppo.py",
    "ui/test_names_and_keyboard.py",
    "workbench/models/test_loading.py",
    "workbench/worker/test_training.py",
    "workbench/training/test_several_machines.py",
    "workbench/training/test_adapted.py",
    "workbench/cli/test_score.py",
    "ui/test_missing_weights.py",
    "ui/test_models_page.py",
    "workbench/cli/test_merging.py",
    "ui/test_text_scales.py",
    "workbench/training/test_readiness.py",
    "workbench/training/test_preference_model.py",
)

#: Files in memory, and the bytes that must be free there and of memory itself.
_MEMORY, _ROOM = Path("/dev/shm"), 4 << 30


def _use_memory() -> Path | None:
    """Have temporary files in memory: tests write much that must reach the disk at once, and a disk takes its time.

    A folder named by TMPDIR stays the one; the processes that tests are spread over are given it so. What is left by tests that
    failed, or were killed, is there to be looked at until the next start.
    """
    if "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK):
        return None
    if os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:  # as in containers; tests write programs, too
        return None
    for left in _MEMORY.glob("workbench-tests-*"):
        owner = left.name.rpartition("-")[2]
        if owner.isdecimal() and not psutil.pid_exists(int(owner)):
            shutil.rmtree(left, ignore_errors=True)
    if min(shutil.disk_usage(_MEMORY).free, psutil.virtual_memory().available) < _ROOM:
        return None
    made = _MEMORY / f"workbench-tests-{os.getpid()}"
    made.mkdir(mode=0o700)
    os.environ["TMPDIR"] = tempfile.tempdir = str(made)
    return made


_TEMPORARY = _use_memory()

settings.register_profile("workbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workbench")

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Whoever works offline tests the fetching, too: the hubs that tests fetch from are on this machine.
os.environ.pop("HF_HUB_OFFLINE", None)
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


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Have the cycle collector pass by all that is imported: a training's end walked it each time, for half a second."""
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="module", autouse=True)
def kept_from_the_collector(request: pytest.FixtureRequest) -> None:
    """Have it pass by what files before have left as well; windows see to this themselves (ui/garbage.py), and thaw all."""
    if request.path.is_relative_to(_WINDOW):
        return
    if gc.get_freeze_count():
        gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; the others stay in order (make test asks the workers to keep it)."""
    places = {_TESTS / name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture
def same_keyring_after() -> Iterator[None]:
    """Whatever keyring a test chooses, the next test of this process has the one that was there before."""
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def pytest_sessionfinish(exitstatus: int) -> None:
    """Leave no file in memory where nothing failed."""
    if _TEMPORARY is not None and exitstatus == 0:
        atexit.register(shutil.rmtree, _TEMPORARY, ignore_errors=True)


def pytest_report_header() -> str:
    """Say at the beginning whether the window is tested."""
    return f"The window is not tested here: {WITHOUT_QT}" if WITHOUT_QT else "The window is tested."
