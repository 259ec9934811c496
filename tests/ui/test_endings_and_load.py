"""The end of runs is told, the load of the machine shown, and disk given back with a way back."""

import dataclasses
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.workbench.project.projects import ended, project
from ui.machine_load import Gpu, MachineLoad, ask_gpus
from ui.main_window import MainWindow
from ui.pages.disk import DiskPage
from ui.run_watch import RunNow
from ui.tables.runs_model import progress_text
from workbench.records.commands import quoted
from workbench.records.run import NO_ROOM, WAITS, Run, RunState
from workbench.runs.folder import RunFolder

Open = Callable[[Path], MainWindow]


def program(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return str(path)


def test_a_run_that_ends_by_itself_is_told(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    with project(tmp_path / "project") as made:
        run = made.make_run("chains", {"response": "scripted"})
        other = made.make_run("chains", {"response": "scripted"})
    window = open_window(tmp_path / "project")
    told: list[str] = []
    window.endings.told.connect(told.append)
    ended(run)
    ended(other, RunState.STOPPED)
    qtbot.waitUntil(lambda: bool(told))
    qtbot.waitUntil(lambda: all(one.run.state.over for one in window.session.runs))
    assert told == ["chains-1 (Chains) is finished, after 0 s of work."]
    assert window.toast.text == told[0]


def test_the_drawer_of_jobs_opens_on_a_run_at_work_unless_somebody_chose_another(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    with project(tmp_path / "project") as made:
        runs = [made.make_run("chains", {"response": "scripted"}) for _ in range(3)]
    for run in runs:
        ended(run)
    window = open_window(tmp_path / "project")
    qtbot.waitUntil(lambda: len(window.session.runs) == 3 and all(one.run.state.over for one in window.session.runs))

    def works(name: str) -> None:
        """Have it said that one run is at work, as the next look would."""
        states = {
            one.run.id: RunState.RUNNING if one.run.id == name else RunState.FINISHED for one in window.session.runs
        }
        window.session.runs = tuple(
            RunNow(dataclasses.replace(one.run, state=states[one.run.id])) for one in window.session.runs
        )
        window.session.runs_changed.emit(tuple(states))

    works("chains-2")
    window.actions_["jobs"].trigger()
    assert window.jobs.current == "chains-2"
    assert window.jobs.stop.isEnabled()
    window.actions_["jobs"].trigger()
    window.jobs.choose("chains-1")
    works("chains-3")
    window.actions_["jobs"].trigger()
    assert window.jobs.current == "chains-1"


def test_a_run_that_failed_stays_on_a_card_that_leads_to_what_helps(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    with project(tmp_path / "project") as made:
        run = made.make_run("chains", {"response": "scripted"})
    window = open_window(tmp_path / "project")
    reason = f"A prompt of 1521 tokens{NO_ROOM}, which holds 1024 with its answer."
    ended(run, RunState.FAILED, reason)
    qtbot.waitUntil(lambda: bool(window.failures()))
    (card,) = window.failures()
    assert (card.doing, card.sentence) == ("chains-1 (Chains)", reason)
    show = next(one for one in card.findChildren(QPushButton) if one.text() == "Show the run")
    show.click()
    assert window.jobs.isVisible()
    assert window.jobs.reason.text() == reason
    assert window.jobs.retry.text() == "Retry without examples"
    assert window.jobs.retry.isVisible()
    window.resize(1024, 800)
    qtbot.waitUntil(window.jobs.reason.isVisible)
    window.resize(1900, 800)  # then the last column has room for it
    qtbot.waitUntil(lambda: not window.jobs.reason.isVisible())


def test_a_run_that_waits_for_a_server_tells_no_pace() -> None:
    at_work = RunNow(Run("labels-1", "labels", RunState.RUNNING, done=3, total=9), rate=2.0, eta=3.0)
    assert progress_text(at_work).endswith("3\N{NO-BREAK SPACE}s\N{NO-BREAK SPACE}left")
    waiting = dataclasses.replace(at_work.run, reason=f"{WAITS}the server of judge does not answer")
    assert progress_text(dataclasses.replace(at_work, run=waiting)) == "3 / 9 · waiting for an answer"


def test_gpus_are_asked_of_their_drivers_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = program(tmp_path / "nvidia-smi", "echo '0, 88, 61000, 139000'")
    assert ask_gpus(said) == (Gpu(0, 88, 61000, 139000),)
    assert ask_gpus(program(tmp_path / "broken", "echo '[N/A], x'")) == ()
    assert ask_gpus(str(tmp_path / "absent")) == ()
    monkeypatch.setenv("PATH", "")
    load = MachineLoad()
    assert load.gpus() == ()
    assert load.words().startswith("CPU ")


def run_with_weights(folder: Path, size: int) -> tuple[RunFolder, Path]:
    with project(folder / "project") as made:
        run = made.make_run("chains", {"response": "scripted"})
        weights = run.path / "output" / "model.safetensors"
        weights.parent.mkdir()
        weights.write_bytes(b"x" * size)
        ended(run)
        made.collect(run)
    return run, weights


def test_weights_are_removed_with_a_way_back(open_window: Open, tmp_path: Path, qtbot: QtBot) -> None:
    run, weights = run_with_weights(tmp_path, 1_000_000)
    window = open_window(tmp_path / "project")
    window.show_page("disk")
    page = window.page
    assert isinstance(page, DiskPage)
    qtbot.waitUntil(page.buttons["model"].isEnabled)
    assert not page.buttons["checkpoints"].isEnabled()
    assert page.buttons["checkpoints"].toolTip() == "chains-1 keeps no checkpoints."
    told = window.inspector.text
    assert f"workbench disk {quoted(tmp_path / 'project')} --delete model --run chains-1" in told
    assert "chains-1 keeps no checkpoints." in told
    page.buttons["model"].click()
    qtbot.waitUntil(window.toast.undo.isVisible)
    assert not weights.exists()
    window.toast.undo.click()
    qtbot.waitUntil(weights.exists)
    qtbot.waitUntil(page.buttons["model"].isEnabled)
    page.buttons["model"].click()
    qtbot.waitUntil(window.toast.undo.isVisible)
    window.show_page("overview")
    qtbot.waitUntil(lambda: not (run.path / ".removed").exists())
    assert not weights.exists()


def test_what_is_removed_for_good_counts_no_more_and_the_keyboard_stays(
    open_window: Open, tmp_path: Path, qtbot: QtBot
) -> None:
    run_with_weights(tmp_path, 5_000_000)
    window = open_window(tmp_path / "project")
    window.activateWindow()
    window.show_page("disk")
    page = window.page
    assert isinstance(page, DiskPage)

    def all_of_it() -> float:
        item = page.table.item(0, 5)
        return float(item.text()) if item is not None else 0.0

    qtbot.waitUntil(page.buttons["model"].isEnabled)
    page.buttons["model"].setFocus()
    page.buttons["model"].click()
    qtbot.waitUntil(window.toast.undo.isVisible)
    assert page.table.hasFocus()
    window.session.settle()
    assert all_of_it() > 4, "put aside, it is still there"
    page._timer.timeout.emit()  # the time to undo is over
    qtbot.waitUntil(lambda: all_of_it() < 4)


def test_the_backup_of_the_day_is_made_after_the_opening(open_window: Open, folder: Path, qtbot: QtBot) -> None:
    window = open_window(folder)
    assert list(folder.glob("backups/*")) == []
    qtbot.waitUntil(lambda: not window.session.waiting)
    window.backup.look()
    qtbot.waitUntil(lambda: bool(list(folder.glob("backups/*-daily.db"))))
    qtbot.waitUntil(lambda: not window.backup.going)


def test_closing_the_project_waits_for_no_backup(open_window: Open, folder: Path, qtbot: QtBot) -> None:
    window = open_window(folder)
    qtbot.waitUntil(lambda: not window.session.waiting)
    window.backup.look()
    window.session.close()
    assert not window.backup.going
    assert [path.suffix for path in folder.glob("backups/*")] in ([], [".db"])
    assert not window.failures()
