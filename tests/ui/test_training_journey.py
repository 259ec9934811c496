"""A training goes on while the window is closed, is found again, paused and resumed: with real processes."""

import sys
from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.ui.person import Person
from tests.ui.slow_training import HOLD, STEPS
from tests.workbench.project.projects import append, ended, model_folder, project, steps
from ui.main_window import MainWindow
from ui.pages.training import TrainingPage
from ui.user_settings import UserSettings
from workbench.records.prompt import RED_TEAM, Prompt
from workbench.runs.control import end
from workbench.runs.folder import RunFolder
from workbench.runs.queue import submit

Open = Callable[[Path], MainWindow]
SLOWLY = (sys.executable, str(Path(__file__).with_name("slow_training.py")))


def sft_run(folder: Path) -> RunFolder:
    with project(folder) as made:
        chains = made.make_run("chains", {"response": "scripted"})
        prompts = [prompt for prompt in chains.inputs(Prompt) if prompt.kind == RED_TEAM]
        append(chains, [step for prompt in prompts for step in steps(chains.id, prompt)])
        ended(chains)
        made.collect(chains)
        return made.make_run("sft", {"policy": model_folder(folder.parent / "model")})


def seen(window: MainWindow) -> TrainingPage:
    window.show_page("training")
    page = window.page
    assert isinstance(page, TrainingPage)
    return page


def test_closing_the_window_leaves_a_training_at_work(
    start_window: Callable[[], MainWindow], own_state: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    run = sft_run(tmp_path / "project")
    (run.path / HOLD).touch()
    UserSettings(own_state / "window.json").opened(tmp_path / "project")
    window = start_window()
    submit(run, SLOWLY)
    try:
        # Whoever opens a project sees to it that what waits is worked, and would start the usual worker.
        qtbot.waitUntil(lambda: str(run.status().state) == "running", timeout=60_000)
        person = Person(window, qtbot)
        go_to_training(person)
        person.reads(f" / {STEPS}")
        person.press("Ctrl+Q")
        assert not window.isVisible()
        again = Person(start_window(), qtbot)
        assert run.status().state == "running"
        go_to_training(again)
        again.reads(f" / {STEPS}")
        assert again.find("Pause this training")
        (run.path / HOLD).unlink()
        again.reads("sft-1 (SFT (SL-CAI)) is finished", "0.025")
    finally:
        end(run)


def go_to_training(person: Person) -> None:
    """Open the project that was opened last, by keys alone, and go to its trainings."""
    person.until(lambda: person.where() == "Recent projects", "the keyboard at the recent projects")
    person.press("Return")
    person.until(lambda: person.where().startswith("Next step"), "the project")
    person.press("Ctrl+4")


def test_pausing_and_resuming_from_the_head(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    run = sft_run(tmp_path / "project")
    window = open_window(tmp_path / "project")
    page = seen(window)
    submit(run, SLOWLY)
    try:
        qtbot.waitUntil(lambda: page.run is not None and page.run.run.done > 2, timeout=60_000)
        page.head.buttons["pause"].setFocus()
        page.head.buttons["pause"].click()
        qtbot.waitUntil(page.head.buttons["resume"].isVisible, timeout=60_000)
        # A second press of the same key must not end the run for good.
        assert page.head.focusWidget() is page.head.buttons["resume"]
        stopped_at = run.status().done
        assert 0 < stopped_at < STEPS
        submit(run, SLOWLY)
        qtbot.waitUntil(lambda: page.run is not None and str(page.run.run.state) == "finished", timeout=60_000)
    finally:
        end(run)
