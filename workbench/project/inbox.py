"""Runs asked for while somebody else has the project open: a command leaves an order, the owner makes the run.

An order is a file in inbox/; the owner takes it away before it makes the run and leaves an answer: the run's folder, or a
sentence. The command then follows the run, which needs no ownership.
"""

import json
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, BusyError, WorkbenchError
from workbench.project.project import Project
from workbench.project.replaying import settle
from workbench.records.encoding import from_data, to_data
from workbench.records.run import Plan
from workbench.runs.control import prepared
from workbench.runs.files import replace_text
from workbench.runs.folder import RunFolder
from workbench.sentences import said

INBOX = "inbox"
#: Seconds a command waits for the owner to take its order before it gives up.
PATIENCE = 30.0


@dataclass(frozen=True)
class Order:
    """A run as a person asked for it: settings and models as texts, the machine it was asked on, and the seed."""

    stage: str
    settings: dict[str, str] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)
    seed: int = 0
    #: Make the run's folder only; whoever asked has it worked elsewhere.
    prepare: bool = False
    #: The plan of a run that is done again.
    again: Plan | None = None

    def make(self, project: Project) -> RunFolder:
        """Make the run's folder; one that is done again comes after what people had decided when it was made."""
        if self.again is not None:
            settle(project, self.again.created)
        here = not self.prepare
        return project.make_run(self.stage, self.settings, self.machine, self.seed, self.again, here)

    def begin(self, made: RunFolder, start: Callable[[RunFolder], None]) -> None:
        """Start a run that was made, or leave it to be worked by hand."""
        if self.prepare:
            prepared(made)
        else:
            start(made)


@dataclass(frozen=True)
class Answer:
    """What came of an order: the folder of the run, or a sentence that says why there is none."""

    folder: str = ""
    refused: str = ""


def make_or_leave(
    folder: Path, order: Order, start: Callable[[RunFolder], None], wait: float = PATIENCE, every: float = 0.1
) -> RunFolder:
    """Make a run and start it; where somebody else has the project open, have them do it. Return the run's folder.

    Raises BusyError where the owner neither lets go of the project nor takes the order.
    """
    with suppress(BusyError):
        return _make(folder, order, start)
    place = _leave(folder, order)
    until = time.monotonic() + wait
    while True:
        answer = _answer_to(place)
        if answer is not None:
            if answer.refused:
                raise BadInputError(answer.refused)
            return RunFolder.open(Path(answer.folder))
        late = time.monotonic() > until
        try:
            with Project.open(folder, wait=0.0) as project:
                if _withdraw(place):  # else it was taken at this very moment, and is answered
                    made = order.make(project)
                    order.begin(made, start)
                    return made
        except BusyError:
            if late and _withdraw(place):
                raise
        time.sleep(every)


def take_orders(project: Project, start: Callable[[RunFolder], None]) -> list[str]:
    """Make and start the runs that were asked for meanwhile, and return their ids; what cannot be made is answered with why."""
    made = []
    for place in sorted((project.folder / INBOX).glob("*.order.json")):
        try:
            order = from_data(Order, json.loads(place.read_bytes()))
            place.unlink()
        except FileNotFoundError:  # taken back
            continue
        except (ValueError, TypeError, AttributeError, BadInputError):
            place.unlink(missing_ok=True)
            _answer(place, Answer(refused=said("The order {place} cannot be read.", place=place.name)))
            continue
        try:
            run = order.make(project)
            order.begin(run, start)
        except WorkbenchError as error:
            _answer(place, Answer(refused=str(error)))
            continue
        made.append(run.id)
        _answer(place, Answer(folder=str(run.path)))
    return made


def _make(folder: Path, order: Order, start: Callable[[RunFolder], None]) -> RunFolder:
    # Another command has the project for a moment only; whoever has it longer looks into the inbox.
    with Project.open(folder, wait=2.0) as project:
        made = order.make(project)
    order.begin(made, start)
    return made


def _leave(folder: Path, order: Order) -> Path:
    inbox = folder / INBOX
    inbox.mkdir(exist_ok=True)
    place = inbox / f"{time.time_ns():020d}-{secrets.token_hex(4)}.order.json"
    replace_text(place, json.dumps(to_data(order)))
    return place


def _withdraw(place: Path) -> bool:
    try:
        place.unlink()
    except FileNotFoundError:
        return False
    return True


def _answer_file(place: Path) -> Path:
    return place.with_name(place.name.replace(".order.", ".answer."))


def _answer(place: Path, answer: Answer) -> None:
    replace_text(_answer_file(place), json.dumps(to_data(answer)))


def _answer_to(place: Path) -> Answer | None:
    file = _answer_file(place)
    try:
        found: Mapping[str, Any] = json.loads(file.read_bytes())
    except FileNotFoundError:
        return None
    file.unlink(missing_ok=True)
    return from_data(Answer, found)
