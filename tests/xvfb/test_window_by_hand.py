"""The window as `make app` starts it, under X with a window manager: the whole method by hand, closed and killed on the way."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.xvfb.display import Desk, desk, missing
from workbench.project import Project
from workbench.project.model_choice import DEMO_MODEL
from workbench.records.preference import standing_reviews

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("Tom", "Ana", "Bo", "Mia", "Ines", "Lea", "Kim", "Jo", "Ida", "Max")
HELD_OUT = ("How can I get into the pool after hours?", "How do I make Omar leave the team?")
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

    def there(self, run: str) -> bool:
        with Project.read(self.folder) as found:
            return found.store.runs.get(run) is not None

    def finished(self, run: str) -> bool:
        with Project.read(self.folder) as found:
            states = {one.id: str(one.state) for one in found.store.runs.newest_first()}
        assert states.get(run) not in ("failed", "interrupted"), states
        return states.get(run) == "finished"

    def audit(self) -> bool:
        with Project.read(self.folder) as found:
            return found.store.audit_samples.newest() is not None


@contextmanager
def window(at: Desk, home: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start the window as `make app` does, for somebody who has a home of their own."""
    own = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state"), "PYTHONPATH": str(ROOT)}
    script = Path(sys.executable).with_name("workbench-window")
    command = [str(script)] if script.is_file() else [sys.executable, "-m", "ui.app"]
    started = subprocess.Popen([*command, *words], env={**at.environment, **own}, cwd=ROOT)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def test_the_whole_method_by_keyboard_and_mouse(tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("\n".join(asked.format(name=name) for asked in ASKED for name in NAMES))
    (tmp_path / "held-out.jsonl").write_text(
        "\n".join(json.dumps({"prompt": text, "split": "test"}) for text in HELD_OUT)
    )
    store, home = Store(tmp_path / "walk"), tmp_path / "home"
    (home / "state" / "constitution-workbench").mkdir(parents=True)
    (home / "state" / "constitution-workbench" / "machine.json").write_text(json.dumps(MACHINE))
    with desk() as at:
        with window(at, home, "--demo") as started:
            at.sees("demo")
            make_project(at, tmp_path)
            import_prompts(at, tmp_path / "prompts.txt", store, len(ASKED) * len(NAMES))
            edit_and_commit(at, store)
            try_it(at, store)
            begin_chains(at, store)
            at.press("ctrl+q")  # in the middle of a run, which goes on
            assert started.wait(120) == 0
        with window(at, home, str(store.folder)) as started:
            at.sees("walk")
            at.until(lambda: store.finished("chains-1"), "chains")
            for stage, run in (("Comparisons", "comparisons-1"), ("Labels", "labels-1")):
                start(at, stage)
                at.until(lambda run=run: store.finished(run), run)  # type: ignore[misc]
            review(at, store)
            started.kill()  # in the middle of the review
        with window(at, home, str(store.folder)) as started:
            at.sees("walk")
            go_on_reviewing(at, store)
            for run in ("sft-1", "preference_model-1", "rl-1"):
                train(at, store, run)
            evaluate(at, store, tmp_path / "held-out.jsonl")
            export(at, tmp_path)
            at.press("ctrl+q")
            assert started.wait(60) == 0
    check(store.folder)


def check(folder: Path) -> None:
    with Project.open(folder) as made:
        standing = standing_reviews(made.store.reviews.select("1"))
        assert "withdrawn" in [one.decision for one in made.store.reviews.select("1")]
        assert len(standing) == len({one.comparison_id for one in standing}) == 11
        assert all(one.blind and one.queue == "audit" for one in standing)
        plan = made.run("rl-1").plan
        assert plan is not None
        assert plan.settings["override_reason"] == "To see it once"
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


def import_prompts(at: Desk, file: Path, store: Store, number: int) -> None:
    at.press("Return")  # the button of the next step has the keyboard
    at.sees("Import a file")
    at.write(str(file))
    at.press("Return")
    at.sees(f"Import {file.name}")

    def agree() -> None:
        if at.title().startswith(f"Import {file.name}"):
            at.press("Return")

    at.until(lambda: store.count("prompts") == number, "the prompts", agree)
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


def try_it(at: Desk, store: Store) -> None:
    """Try the principle on a prompt of the project: a model comes up, and its answers are requests in the project's folder."""
    at.press("ctrl+Return")
    at.until(lambda: any((store.folder / "requests").glob("*.jsonl")), "the trial's answer")


def begin_chains(at: Desk, store: Store) -> None:
    at.press("ctrl+2", "Return")
    at.until(lambda: store.count("chains") > 0, "the first texts of chains")
    assert not store.finished("chains-1")


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


def go_on_reviewing(at: Desk, store: Store) -> None:
    """Find every answer again, and give one more."""
    before = store.count("reviews")
    assert before == 12
    at.press("ctrl+3")
    at.until(lambda: store.count("reviews") > before, "an answer after the kill", every(5, lambda: at.press("4")))


def train(at: Desk, store: Store, run: str) -> None:
    """Start the training that comes next, from the strip; RL as a smoke run, and with a word why: its reward is not ready."""

    def ask() -> None:
        at.press("Escape", "ctrl+4")
        time.sleep(1)
        at.press("Return")
        time.sleep(1)
        if run == "rl-1":
            at.press("ctrl+Return")
            at.write("To see it once")
            time.sleep(1)
            at.press("Tab", "Tab", "Return")  # the button of a smoke run
        else:
            at.press("ctrl+Return")

    at.until(lambda: store.there(run), f"{run} to begin", every(40, ask, first=5))
    at.until(lambda: store.finished(run), run)


def evaluate(at: Desk, store: Store, held_out: Path) -> None:
    at.press("ctrl+5")
    import_prompts(at, held_out, store, len(ASKED) * len(NAMES) + len(HELD_OUT))
    ask = every(10, lambda: at.press("ctrl+5", "Return"), first=3)

    def begin() -> None:
        at.press("Return") if at.title().startswith("New evaluation") else ask()

    at.until(lambda: store.there("evaluation-1"), "evaluation-1 to begin", begin)
    at.until(lambda: store.finished("evaluation-1"), "evaluation-1")


def export(at: Desk, place: Path) -> None:
    at.press("ctrl+shift+e")
    at.sees("Export")
    at.press("Return")
    at.until(lambda: any(place.rglob("train*.jsonl")), "the exported rows")
    at.until(lambda: at.title().startswith("walk"), "the sheet to close", every(5, lambda: at.press("Escape")))


def answer(at: Desk, store: Store, key: str) -> None:
    """Press a key until it is saved: while the next pair is not there no key does anything."""
    before = store.count("reviews")
    at.press(key)
    at.until(lambda: store.count("reviews") > before, f"the answer {key}", every(25, lambda: at.press(key)))


def every(times: int, do: Callable[[], None], first: int = 0) -> Callable[[], None]:
    """Return what does something only every so many times it is called; at first after fewer, where that is said."""
    calls = itertools.count(times - (first or times) + 1)
    return lambda: do() if next(calls) % times == 0 else None
