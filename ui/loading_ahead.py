"""Loading what pages draw with and read by before anybody waits for it, in steps too short to be felt."""

import importlib
from collections.abc import Iterator
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
)
#: What makes Qt objects as it loads, and so belongs to the window's thread.
_HERE = ("pyqtgraph", "ui.widgets.chart_board", "ui.widgets.rl_cockpit", "ui.widgets.calibration_plot")
_NAMES_A_STEP = 15


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
