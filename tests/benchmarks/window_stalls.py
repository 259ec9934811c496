"""Whether a training makes the window stutter: a table is scrolled, idle and then while an SFT takes all cores.

python tests/benchmarks/window_stalls.py [ROWS] [SECONDS]; targets: no stall over 100 ms, p99 of the frame gap at most 1.1 × idle.
Meanwhile 200 tokens/s stream into a chain, 10 metrics/s and 100 rows/s come in (window_feeder.py).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QTableView

from tests.benchmarks.event_loop import run_for
from ui.app import build
from ui.main_window import MainWindow
from ui.pages.chains.page import ChainsPage
from ui.user_settings import UserSettings
from workbench.demo.recorded import unpack
from workbench.records.chain import Step
from workbench.records.prompt import Prompt, prompt_of
from workbench.runs.folder import RunFolder

FEEDER = Path(__file__).with_name("window_feeder.py")
FRAME_MS = 16
FED = 3000


@dataclass
class Gaps:
    """Gaps between frames in milliseconds."""

    frames: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """Return a quantile."""
        return statistics.quantiles(self.frames, n=1000)[round(share * 1000) - 1]

    def line(self) -> str:
        """Say them."""
        stalls = sum(gap > 100 for gap in self.frames)
        return (
            f"p50 {self.at(0.5):.1f} ms, p99 {self.at(0.99):.1f} ms, longest {max(self.frames):.0f} ms, "
            f"{stalls} stalls over 100 ms in {len(self.frames)} frames"
        )


class Scroller(QObject):
    """Scrolls a table on every frame and takes the time between frames."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._bar, self._last, self._step = table.verticalScrollBar(), 0.0, 40
        self.gaps = Gaps()
        self._timer = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._frame)

    def measure(self, seconds: float) -> Gaps:
        """Scroll for so long."""
        self.gaps, self._last = Gaps(), 0.0
        self._timer.start()
        run_for(round(seconds * 1000))
        self._timer.stop()
        return self.gaps

    def _frame(self) -> None:
        now = time.perf_counter()
        if self._last:
            self.gaps.frames.append((now - self._last) * 1000)
        self._last = now
        if not 0 < self._bar.value() + self._step < self._bar.maximum():
            self._step = -self._step
        self._bar.setValue(self._bar.value() + self._step)


def make_project(folder: Path, rows: int) -> tuple[Path, Path]:
    """Make a demo project with so many chains, and two runs to be fed: chains and a training."""
    with unpack(folder) as project:
        made = [prompt_of(f"Question {number}?", "red-team", "train", "benchmark") for number in range(rows)]
        project.import_prompts(made)
        with project.store.write():
            steps = (
                Step(f"c{place}-0", f"c{place}", prompt.id, 0, 0, "initial", f"Answer {place}.")
                for place, prompt in enumerate(made)
            )
            project.store.chains.add(steps, run_id="chains-1")
        fed = project.make_run("chains", {"response": "scripted", "limit": str(FED)})
        training = project.make_run("sft", {"policy": "demo"})
        return fed.path, training.path


def table_of(window: MainWindow) -> QTableView:
    """Return the table of chains."""
    return chains_page(window).list.table


def chains_page(window: MainWindow) -> ChainsPage:
    """Return the page of chains."""
    page = window.pages["chains"]
    assert isinstance(page, ChainsPage)
    return page


def show_all_runs(window: MainWindow) -> None:
    """Let the table show the chains of all runs, as a person chooses it above the table."""
    runs = chains_page(window).list.run
    runs.setCurrentIndex(runs.findData(""))
    runs.activated.emit(runs.currentIndex())


def wait(until: Callable[[], bool], seconds: float = 120.0) -> None:
    """Let the window work until something holds."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "the window did not get so far"
        run_for(20)


def fed_in(window: MainWindow, paths: tuple[Path, Path], project: Path, seconds: float) -> tuple[Gaps, int, float]:
    """Scroll while a training and the feeder work; return gaps, rows that came in, the training's processor seconds."""
    feeder = subprocess.Popen([sys.executable, str(FEEDER), *map(str, paths), str(seconds + 120)])
    command = [sys.executable, "-m", "workbench", "work", "--beside", str(training_of(project))]
    training = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    rows: list[int] = []
    window.session.rows_added.connect(lambda kind, ids: rows.append(len(ids)) if kind == "Step" else None)
    try:
        wait(lambda: bool(rows))
        chains_page(window).show_row(next(prompt.id for prompt in RunFolder.open(paths[0]).inputs(Prompt)))
        run_for(5000)  # the training loads what it needs
        rows.clear()
        before = seconds_used(training.pid)
        gaps = Scroller(table_of(window)).measure(seconds)
        return gaps, sum(rows), seconds_used(training.pid) - before
    finally:
        for process in (feeder, training):
            process.terminate()
            process.wait()


def seconds_used(pid: int) -> float:
    """Return the processor seconds a process that still runs has used."""
    process = psutil.Process(pid)
    assert process.status() != psutil.STATUS_ZOMBIE, "the training ended before the measurement did"
    return sum(process.cpu_times()[:2])


def training_of(project: Path) -> Path:
    """Return the folder of a real SFT, long enough to last, in a project of its own beside."""
    with unpack(project.with_name("training")) as beside:
        return beside.make_run("sft", {"epochs": "50", "policy": "demo"}).path


def main() -> int:
    """Measure, and say each figure beside its target."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
    application = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        project = Path(folder) / "project"
        paths = make_project(project, rows)
        window = build(application, UserSettings(), "light")
        window.resize(1280, 800)
        window.show()
        window.open_project(project)
        wait(lambda: window.session.folder is not None)
        window.show_page("chains")
        wait(lambda: chains_page(window).list.run.findData("") >= 0)
        show_all_runs(window)
        wait(lambda: not window.session.waiting and table_of(window).model().rowCount() >= rows)
        table = table_of(window)
        print(f"table of {table.model().rowCount():,} rows, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        idle = Scroller(table).measure(seconds)
        print(f"idle:     {idle.line()}")
        busy, came, used = fed_in(window, paths, project, seconds)
        print(f"training: {busy.line()}; it had {used / seconds:.2f} of {os.cpu_count()} cores")
        print(
            f"rows collected: {came / seconds:.0f} a second; p99 against idle: {busy.at(0.99) / idle.at(0.99):.2f} (target 1.1)"
        )
        window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
