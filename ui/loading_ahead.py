"""Loading what pages draw with and read by before anybody waits for it, in steps too short to be felt."""

import importlib
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

from PySide6 import QtCore, QtGui, QtWidgets

#: What the store's thread loads when a page asks for the first time; nothing of it touches Qt.
_BESIDE = (
    "numpy",
    "workbench.project.draft_state",
    "workbench.project.coverage",
    "workbench.project.auditing",
    "workbench.project.evaluations",
    "workbench.project.figures",
    "workbench.project.known_models",
    "workbench.project.training_estimate",
    # What pyqtgraph takes from the standard library: loaded with it, it is felt.
    "importlib.resources",
    "multiprocessing.connection",
    "pydoc",
    "xml.etree.ElementTree",
)
#: What makes Qt objects as it loads, and so belongs to the window's thread; what pyqtgraph takes from Qt comes before it.
_HERE = (
    "PySide6.QtSvg",
    "PySide6.QtTest",
    "PySide6.QtOpenGLWidgets",
    "pyqtgraph",
    "ui.widgets.chart_board",
    "ui.widgets.rl_cockpit",
    "ui.widgets.calibration_plot",
)
_NAMES_A_STEP = 15


def when_drawable(owner: QtCore.QObject, then: Callable[[], object]) -> None:
    """Call then once what charts draw with is loaded: at once, or in steps between which keys and clicks come."""
    if _HERE[-1] in sys.modules:
        then()
        return
    steps, timer = loading_ahead(), QtCore.QTimer(owner, interval=1)

    def go_on() -> None:
        if next(steps, timer) is timer:
            timer.stop()
            timer.deleteLater()
            then()

    timer.timeout.connect(go_on)
    timer.start()


def loading_ahead() -> Iterator[None]:
    """Load step by step; whoever walks these steps waits for none of the modules that load on another thread."""
    threads = ThreadPoolExecutor(1, thread_name_prefix="loading")
    beside = threads.submit(_load_all)
    threads.shutdown(wait=False)
    while not beside.done():
        yield
    beside.result()
    for module in (QtCore, QtGui, QtWidgets):
        yield from _make_classes(module)
    for name in _HERE:
        importlib.import_module(name)
        yield


def _load_all() -> None:
    for name in _BESIDE:
        importlib.import_module(name)


def _make_classes(module: ModuleType) -> Iterator[None]:
    """Have PySide make its classes, which it does when each is first named; pyqtgraph names them all in one go."""
    names = dir(module)
    for start in range(0, len(names), _NAMES_A_STEP):
        for name in names[start : start + _NAMES_A_STEP]:
            getattr(module, name)
        yield
