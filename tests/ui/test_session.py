import dataclasses
import errno
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.benchmarks.event_loop import run_for
from tests.workbench.project.projects import append, ended, project, steps
from ui import run_watch
from ui.run_control import RunControl
from ui.session import TICK_MS, Failure, Session
from workbench.errors import MissingError
from workbench.project import Project
from workbench.project.run_states import run_now
from workbench.records.prompt import Prompt
from workbench.records.run import Run, RunState
from workbench.runs.folder import RunFolder
from workbench.store.database import Store


def opened(qtbot: QtBot, folder: Path) -> Session:
    session = Session()
    with qtbot.waitSignal(session.opened, timeout=60_000):
        session.open(folder)
    return session


def count_and_return(number: int, project: Project) -> int:
    project.store.prompts.count()
    return number


def test_requests_are_answered_in_the_order_they_were_asked(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)
    answers: list[int] = []
    for number in range(20):
        session.ask("counting", partial(count_and_return, number), answers.append)
    qtbot.waitUntil(lambda: len(answers) == 20, timeout=30_000)
    assert answers == list(range(20))
    session.close()


def test_what_a_person_can_mend_is_told_and_a_bug_is_raised_in_the_window(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)

    def missing(_: Project) -> None:
        raise MissingError("There is no such thing.")

    with qtbot.waitSignal(session.failed, timeout=30_000) as told:
        session.ask("Finding it", missing)
    assert told.args == [Failure("Finding it", "There is no such thing.")]
    with qtbot.captureExceptions() as raised:
        session.ask("breaking", lambda _: 1 // 0)
        qtbot.waitUntil(lambda: bool(raised), timeout=30_000)
    assert raised[0][0] is ZeroDivisionError
    session.close()


def test_closing_lets_others_own_the_project_and_does_first_what_was_asked(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)
    seen: list[int] = []
    session.ask("noting", lambda _: seen.append(1))
    session.close()
    assert seen == [1]
    Store.open(folder).close()


def test_a_project_that_is_closed_while_it_opens_is_let_go_of(qtbot: QtBot, folder: Path) -> None:
    session = Session()
    session.open(folder)
    session.close()
    Store.open(folder).close()
    with qtbot.waitSignal(session.opened, timeout=60_000):
        session.open(folder)
    session.close()


def test_a_project_whose_runs_cannot_be_looked_at_is_let_go_of(
    qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(project: Project, start: object) -> list[str]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(run_watch, "take_orders", broken)
    session = Session()
    with qtbot.waitSignal(session.failed, timeout=60_000) as told:
        session.open(folder)
    assert "The disk is full" in told.args[0].sentence
    Store.open(folder).close()
    session.close()


def test_what_fails_as_a_project_is_closed_is_told(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)
    told: list[Failure] = []
    mine: list[Failure] = []
    session.failed.connect(told.append)

    def full(_: Project) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    answers: list[object] = []
    session.ask("Saving the draft", full, answers.append)
    session.ask("Saving an edit", full, answers.append, mine.append)
    session.ask("Counting", lambda project: project.store.prompts.count(), answers.append)
    with qtbot.captureExceptions() as raised:
        session.ask("breaking", lambda _: 1 // 0)
        with pytest.raises(ZeroDivisionError), qtbot.waitSignal(session.closed):
            session.close()
    assert ([one.doing for one in told], [one.doing for one in mine]) == (["Saving the draft"], ["Saving an edit"])
    assert [one.again for one in (*told, *mine)] == [None, None], "there is nowhere to do it again"
    assert (answers, raised, session.folder) == ([], [], None)
    Store.open(folder).close()


def test_a_retry_of_one_project_keeps_no_other_from_its_own(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)
    control = RunControl(session)
    control.retry("rl-1")
    session.close()
    with qtbot.waitSignal(session.opened, timeout=60_000):
        session.open(folder)
    with qtbot.waitSignal(session.failed, timeout=30_000):
        control.retry("rl-1")  # which says that there is none
    session.close()


def test_waiting_for_answers_ends_in_time(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)
    go_on = threading.Event()
    session.ask("resting", lambda _: go_on.wait(30))
    assert not session.settle(0.05)
    go_on.set()
    assert session.settle()
    session.close()


def test_a_tick_waits_for_room_one_at_a_time_and_none_outlives_its_project(qtbot: QtBot, folder: Path) -> None:
    session = opened(qtbot, folder)
    kept: list[Callable[[], None]] = []
    session.room = kept.append
    answers: list[int] = []
    session.ask("counting", partial(count_and_return, 1), answers.append)
    qtbot.waitUntil(lambda: bool(kept), timeout=30_000)
    run_for(5 * TICK_MS)
    assert (len(kept), answers) == (1, [])

    def answered() -> bool:
        while kept:
            kept.pop()()
        return answers == [1]

    qtbot.waitUntil(answered, timeout=30_000)
    qtbot.waitUntil(lambda: bool(kept), timeout=30_000)
    session.close()
    kept.pop()()  # too late: nothing is asked of a project that is closed
    assert not session.waiting
    session.room = lambda work: work()
    with qtbot.waitSignal(session.opened, timeout=60_000):
        session.open(folder)
    session.close()


def test_a_project_that_is_taken_is_a_failure_that_names_who_has_it(qtbot: QtBot, folder: Path) -> None:
    owner = Store.open(folder)
    session = Session()
    with qtbot.waitSignal(session.failed, timeout=60_000) as told:
        session.open(folder)
    assert told.args is not None
    assert "in use by process" in told.args[0].sentence
    owner.close()
    session.close()


def test_what_a_run_appends_comes_in_and_is_told_by_its_ids(qtbot: QtBot, tmp_path: Path) -> None:
    with project(tmp_path / "project") as made:
        folder = made.make_run("chains", {"response": "scripted"})
        prompt = next(iter(folder.inputs(Prompt)))
    folder.write_status(dataclasses.replace(folder.status(), state=RunState.PAUSED, reason="paused"))
    session = opened(qtbot, tmp_path / "project")
    written = steps(folder.id, prompt)
    with qtbot.waitSignal(session.rows_added, timeout=30_000) as told:
        append(folder, written)
    assert told.args == ["Step", tuple(step.id for step in written)]
    qtbot.waitUntil(lambda: session.overview is not None and session.overview.rows["chains"] == 1, timeout=30_000)
    with qtbot.waitSignal(session.runs_changed, timeout=30_000) as changed:
        ended(RunFolder.open(folder.path))
    assert changed.args == [(folder.id,)]
    assert session.runs[0].run.state == "finished"
    session.close()


@pytest.mark.parametrize("damage", ["not json\n"])
def test_a_run_that_cannot_be_read_is_told_once_and_keeps_nobody_from_working(
    qtbot: QtBot, tmp_path: Path, damage: str
) -> None:
    with project(tmp_path / "project") as made:
        folder = made.make_run("chains", {"response": "scripted"})
    session = opened(qtbot, tmp_path / "project")
    told: list[Failure] = []
    session.failed.connect(told.append)
    with folder.results_file.open("a") as file:
        file.write(damage)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=30_000)
    looks: list[int] = []
    for number in (1, 2, 3):
        session.look_soon()
        session.ask("waiting", lambda project: project.store.prompts.count(), looks.append)
        qtbot.wait(300)
        qtbot.waitUntil(lambda number=number: len(looks) == number, timeout=30_000)  # type: ignore[misc]
    assert len(told) == 1
    session.close()


def test_a_copied_command_works_while_the_window_has_the_project(qtbot: QtBot, folder: Path, own_state: Path) -> None:
    state = own_state / "constitution-workbench"
    state.mkdir(exist_ok=True)
    (state / "machine.json").write_text('{"device": "cpu", "dtype": "float32", "threads": 1}')
    session = opened(qtbot, folder)
    words = f"-m workbench run {folder} chains --set response=scripted --set rounds=1 --set limit=1 --json".split()
    command = subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE)
    qtbot.waitUntil(lambda: command.poll() is not None, timeout=120_000)
    assert command.stdout is not None
    with command.stdout as told:
        said = json.loads(told.read())
    assert (said["id"], said["state"], said["done"]) == ("chains-1", "finished", 1)
    assert [one.run.id for one in session.runs] == ["chains-1"]
    session.close()


def test_a_run_told_as_over_is_all_there_even_if_it_ended_while_it_was_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project(tmp_path / "project") as made:
        run = made.make_run("chains", {"response": "scripted"})
        append(run, steps(run.id, made.store.prompts.select("split = 'train'")[0]))

        def ends(one: Run) -> Run:
            ended(run)
            return run_now(one)

        monkeypatch.setattr(run_watch, "run_now", ends)
        watch = run_watch.RunWatch()
        look = watch.look(made)
    assert [one.run.state for one in look.runs] == ["finished"]
    assert look.overview is not None
    assert "chains" in look.overview.finished
