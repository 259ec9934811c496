"""A training goes on while the window is closed, is found again, paused and resumed: with real processes."""

import sys
from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.ui.slow_training import STEPS
from tests.workbench.project.projects import append, ended, model_folder, project, steps
from ui.main_window import MainWindow
from ui.pages.training import TrainingPage
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


def test_closing_the_window_leaves_a_training_at_work(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    run = sft_run(tmp_path / "project")
    window = open_window(tmp_path / "project")
    page = seen(window)
    submit(run, SLOWLY)
    try:
        qtbot.waitUntil(lambda: page.board is not None and "loss" in page.board.charts, timeout=60_000)
        before = page.run
        assert before is not None
        assert before.active
        assert page.head.buttons["pause"].isVisible()
        window.actions_["close"].trigger()
        assert not page.board.charts if page.board else False
        with qtbot.waitSignal(window.session.opened, timeout=60_000):
            window.open_project(tmp_path / "project")
        page = seen(window)
        qtbot.waitUntil(lambda: page.run is not None and page.run.run.done == STEPS, timeout=60_000)
        qtbot.waitUntil(lambda: bool(window.toast.text) and "finished" in page.head.state.text(), timeout=60_000)
        qtbot.waitUntil(
            lambda: bool(
                page.board and "loss" in page.board.charts and page.board.charts["loss"].values.text() == "0.025"
            )
        )
    finally:
        end(run)


def test_pausing_and_resuming_from_the_head(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    run = sft_run(tmp_path / "project")
    window = open_window(tmp_path / "project")
    page = seen(window)
    submit(run, SLOWLY)
    try:
        qtbot.waitUntil(lambda: page.run is not None and page.run.run.done > 2, timeout=60_000)
        page.head.buttons["pause"].click()
        qtbot.waitUntil(page.head.buttons["resume"].isVisible, timeout=60_000)
        assert page.head.help.text() == "Resume now"
        stopped_at = run.status().done
        assert 0 < stopped_at < STEPS
        submit(run, SLOWLY)
        qtbot.waitUntil(lambda: page.run is not None and str(page.run.run.state) == "finished", timeout=60_000)
    finally:
        end(run)
