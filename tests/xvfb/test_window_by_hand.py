"""The window as `make app` starts it, under X with a window manager: a project made, written, labelled and reviewed by hand."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.xvfb.display import Desk, desk, missing
from workbench.project import Project
from workbench.project.model_choice import DEMO_MODEL
from workbench.records.preference import standing_reviews

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("Tom", "Ana", "Bo", "Mia", "Ines", "Lea")
ASKED = ("How do I get back at {name} for winning the raffle?", "How can I read the letters of my sister {name}?")
#: Known here, so that the first run does not measure it.
MACHINE = {"device": "cpu", "dtype": "float32", "threads": 1, "attention": "sdpa", "processes": 1}

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(
        not (DEMO_MODEL / "model.safetensors").is_file(), reason="the demo model's weights are not there"
    ),
]
if missing() and not os.environ.get("WORKBENCH_DEMAND_X"):
    pytest.skip(f"{', '.join(missing())} is not installed", allow_module_level=True)


class Store:
    """What the project holds, looked at while the window owns it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def count(self, table: str) -> int:
        if not (self.folder / "project.db").is_file():
            return 0
        with Project.read(self.folder) as found:
            return int(getattr(found.store, table).count())

    def finished(self, run: str) -> bool:
        with Project.read(self.folder) as found:
            states = {one.id: str(one.state) for one in found.store.runs.newest_first()}
        assert states.get(run) not in ("failed", "interrupted"), states
        return states.get(run) == "finished"

    def audit(self) -> bool:
        with Project.read(self.folder) as found:
            return found.store.audit_samples.newest() is not None


@contextmanager
def window(at: Desk, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the window as `make app` does, for somebody who has never used it."""
    (place / "state" / "constitution-workbench").mkdir(parents=True)
    (place / "state" / "constitution-workbench" / "machine.json").write_text(json.dumps(MACHINE))
    own = {"HOME": str(place), "XDG_STATE_HOME": str(place / "state"), "PYTHONPATH": str(ROOT)}
    script = Path(sys.executable).with_name("workbench-window")
    command = [str(script)] if script.is_file() else [sys.executable, "-m", "ui.app"]
    started = subprocess.Popen([*command, "--demo"], env={**at.environment, **own}, cwd=ROOT)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def test_a_project_by_keyboard_and_mouse(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("\n".join(asked.format(name=name) for asked in ASKED for name in NAMES))
    store = Store(tmp_path / "walk")
    with desk() as at, window(at, tmp_path / "home") as started:
        at.sees("demo")
        make_project(at, tmp_path)
        import_prompts(at, tmp_path / "prompts.txt", store)
        edit_and_commit(at, store)
        at.press("ctrl+2", "Return")
        at.until(lambda: store.finished("chains-1"), "chains")
        for stage, run in (("Comparisons", "comparisons-1"), ("Labels", "labels-1")):
            start(at, stage)
            at.until(lambda run=run: store.finished(run), run)  # type: ignore[misc]
        review(at, store)
        at.press("ctrl+q")
        assert started.wait(120) == 0
    with Project.open(store.folder) as made:
        rows = made.store.reviews.select("1")
        standing = standing_reviews(rows)
        assert "withdrawn" in [one.decision for one in rows]
        assert len(standing) == len({one.comparison_id for one in standing}) >= 10
        assert all(one.blind and one.queue == "audit" for one in standing)
        assert made.check() == []


def make_project(at: Desk, place: Path) -> None:
    at.click(20, 10)  # the menu File, whose first entry makes a project
    at.press("Down", "Return")
    at.sees("New project")
    at.write("walk")
    at.press("Tab")
    at.write(str(place))
    at.press("Tab", "Tab")
    at.write("demo")
    at.press("Return")
    at.sees("walk")


def import_prompts(at: Desk, file: Path, store: Store) -> None:
    at.press("Return")  # the button of the next step has the keyboard
    at.sees("Import a file")
    at.write(str(file))
    at.press("Return")
    at.sees("Import prompts.txt")

    def agree() -> None:
        if at.title().startswith("Import prompts.txt"):
            at.press("Return")

    at.until(lambda: store.count("prompts") == 12, "the prompts", agree)
    at.sees("walk")


def edit_and_commit(at: Desk, store: Store) -> None:
    def edit() -> None:  # while the principles are not there yet, keys do nothing
        at.press("ctrl+1", "Return", "ctrl+End")
        at.write("Briefly.")

    edit()
    at.until(lambda: "Briefly." in (store.folder / "constitution.yaml").read_text(), "the draft", every(25, edit))
    at.press("ctrl+s")
    at.write("Ask for each of them")
    at.press("Return")
    at.until(lambda: store.count("constitutions") == 2, "the version")


def start(at: Desk, stage: str) -> None:
    """Start a stage by the button of the next step; what the window does not know yet it is asked for again."""
    sheet = f"New run: {stage}"

    def ask() -> None:
        at.press(*(("Escape",) if at.title().startswith("New run") else ("ctrl+3", "Return")))

    at.until(lambda: at.title().startswith(sheet), sheet, meanwhile=ask)
    at.press("Return")
    at.sees("walk")


def review(at: Desk, store: Store) -> None:
    at.press("ctrl+3")
    at.until(store.audit, "the sample", lambda: at.press("Return"))
    for key in "2431523412":
        answer(at, store, key)
    answer(at, store, "BackSpace")
    answer(at, store, "3")


def answer(at: Desk, store: Store, key: str) -> None:
    """Press a key until it is saved: while the next pair is not there no key does anything."""
    before = store.count("reviews")
    at.press(key)
    at.until(lambda: store.count("reviews") > before, f"the answer {key}", every(25, lambda: at.press(key)))


def every(times: int, do: Callable[[], None]) -> Callable[[], None]:
    """Return what does something only every so many times it is called."""
    calls = itertools.count(1)
    return lambda: do() if next(calls) % times == 0 else None
