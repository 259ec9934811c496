"""Another project is opened in the same window: nothing of the one before is sought in it."""

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from tests.ui.test_chains_page import made_run, shown
from tests.workbench.project.projects import ended, project
from ui.main_window import MainWindow

Open = Callable[[Path], MainWindow]


def test_no_chain_of_one_project_is_sought_in_the_next(qtbot: QtBot, open_window: Open, tmp_path: Path) -> None:
    with project(tmp_path / "one", number=3) as made:
        run = made_run(made)
        ended(run)
        made.collect(run)
    project(tmp_path / "next", number=1).close()
    window = open_window(tmp_path / "one")
    page = shown(qtbot, window)
    with qtbot.waitSignal(window.session.opened, timeout=60_000):
        window.open_project(tmp_path / "next")
    window.show_page("chains")
    assert window.session.settle(30)
    assert (window.failures(), page.view.read) == ([], None)
