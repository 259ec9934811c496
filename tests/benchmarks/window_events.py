"""How much the window grows while it follows a run of a million events: python tests/benchmarks/window_events.py [EVENTS].

A process of its own writes the metrics of a training, two events each, faster than they can be taken in; the training's charts
are on show. Target: at most 100 MB more than before.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication

from tests.benchmarks.event_loop import run_for
from tests.benchmarks.window_feeder import Feed
from ui.app import build
from ui.user_settings import UserSettings
from workbench.demo.recorded import unpack
from workbench.project import Project
from workbench.records.run import Metric, RunState
from workbench.runs.contents import record_line
from workbench.runs.events import Event, Progress, Recorded, event_line

NAMES = ("loss", "learning_rate", "grad_norm", "entropy", "num_tokens")
BATCH = 5_000
PATIENCE_SECONDS = 600.0


def feed(path: Path, events: int) -> None:
    """Write metrics and events in batches, as one who was long unread would have left them."""
    training = Feed(path)
    size = training.folder.results_file.stat().st_size if training.folder.results_file.exists() else 0
    for start in range(0, events // 2, BATCH):
        lines, told = [], list[Event]()
        for number in range(start, min(start + BATCH, events // 2)):
            step, name = divmod(number, len(NAMES))
            lines.append(record_line(Metric(NAMES[name], step, 1 / (step + 1))))
            size += len(lines[-1].encode()) + 1
            told += (Recorded(size), Progress(step, events))
        training.results.append(lines)
        training.events.append([event_line(one) for one in told])
        training.folder.heartbeat_file.touch()
    training.say(RunState.FINISHED)


def collected(project: Path, run_id: str) -> int:
    """Return how many metrics of a run the store holds."""
    with Project.read(project) as found:
        return int(found.store.db.execute("SELECT count(*) FROM metrics WHERE run_id = ?", [run_id]).fetchone()[0])


def main() -> int:
    """Measure, and say the figure beside its target."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    application = QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = folder
        project = Path(folder) / "project"
        with unpack(project) as made:
            run = made.make_run("sft", {"policy": "demo"})
        window = build(application, UserSettings(), "light")
        window.show()
        window.open_project(project)
        run_for(3000)
        window.show_page("training")
        run_for(3000)
        taken = 0
        process = psutil.Process()
        before = most = process.memory_info().rss
        began = time.monotonic()
        feeder = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.window_events", "--feed", str(run.path), str(events)]
        )
        while (taken := collected(project, run.id)) < events // 2:
            assert time.monotonic() - began < PATIENCE_SECONDS, f"only {taken:,} metrics were taken in"
            run_for(500)
            most = max(most, process.memory_info().rss)
        seconds = time.monotonic() - began
        assert feeder.wait() == 0
        run_for(2000)
        most = max(most, process.memory_info().rss)
        print(
            f"{events:,} events ({taken:,} metrics) in {seconds:.0f} s; the window grew from {before >> 20} MB "
            f"by {(most - before) >> 20} MB at most (target 100)"
        )
        window.close()
    return 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--feed"]:
        feed(Path(sys.argv[2]), int(sys.argv[3]))
        sys.exit()
    sys.exit(main())
