import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workbench.project.projects import append, ended, project, steps
from tests.workbench.runs.folders import until
from workbench.errors import BadInputError, BusyError
from workbench.project import Project
from workbench.project.inbox import INBOX, Order, make_or_leave, take_orders
from workbench.records.prompt import Prompt
from workbench.runs.folder import RunFolder

ORDER = Order("chains", {"rounds": "1", "response": "scripted"}, {"device": "cpu"}, 7)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[Project]:
    with project(tmp_path / "project") as made:
        yield made


class Command(threading.Thread):
    """A command in another thread, as in another process: it owns nothing of the project."""

    def __init__(self, folder: Path, order: Order, wait: float = 30.0) -> None:
        super().__init__()
        self.folder, self.order, self.wait = folder, order, wait
        self.started: list[RunFolder] = []
        self.made: RunFolder | None = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.made = make_or_leave(self.folder, self.order, self.started.append, self.wait)
        except (BadInputError, BusyError) as error:
            self.error = error


def orders(folder: Path, kind: str = "*") -> list[Path]:
    return list((folder / INBOX).glob(kind)) if (folder / INBOX).exists() else []


def left(folder: Path) -> bool:
    return bool(orders(folder, "*.order.json"))


def test_a_project_nobody_has_open_is_owned_by_the_command(owner: Project) -> None:
    owner.close()
    command = Command(owner.folder, ORDER)
    command.join()
    assert command.made is not None
    assert [one.path for one in command.started] == [command.made.path]
    assert orders(owner.folder) == []


def test_the_owner_makes_the_run_that_was_asked_for_meanwhile(owner: Project) -> None:
    command = Command(owner.folder, ORDER)
    until(lambda: left(owner.folder))
    started: list[RunFolder] = []
    assert take_orders(owner, started.append) == ["chains-1"]
    command.join()
    assert command.made is not None
    assert (command.made.path, command.started) == (started[0].path, [])
    assert (command.made.plan.seed, command.made.plan.machine) == (7, {"device": "cpu"})
    assert command.made.plan.settings["rounds"] == 1
    assert orders(owner.folder) == []
    assert take_orders(owner, started.append) == []


def test_what_cannot_be_made_is_answered_with_its_sentence(owner: Project) -> None:
    command = Command(owner.folder, Order("chains", {"rounds": "many"}))
    until(lambda: left(owner.folder))
    assert take_orders(owner, lambda _: None) == []
    command.join()
    assert "rounds must be a whole number" in str(command.error)
    (owner.folder / INBOX / "1.order.json").write_text("[")
    assert take_orders(owner, lambda _: None) == []
    assert [path.name for path in orders(owner.folder)] == ["1.answer.json"]


def test_an_owner_that_lets_go_or_takes_nothing(owner: Project) -> None:
    command = Command(owner.folder, ORDER, wait=0.0)
    command.join()
    assert isinstance(command.error, BusyError)
    assert orders(owner.folder) == []  # taken back: nobody makes it later
    command = Command(owner.folder, ORDER)
    until(lambda: left(owner.folder))
    owner.close()
    command.join()
    assert command.made is not None
    assert len(command.started) == 1
    assert orders(owner.folder) == []


def test_one_knows_whether_a_run_is_in_the_store_to_its_end(owner: Project) -> None:
    run = owner.make_run("chains", {"rounds": "1"})
    assert owner.has_collected(run)
    append(run, steps(run.id, next(run.inputs(Prompt)), rounds=1))
    assert not owner.has_collected(run)
    ended(run)
    owner.collect(run)
    assert owner.has_collected(run)
