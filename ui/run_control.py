"""Starting, pausing and ending runs from the window, and the command that does the same."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ui.session import Session
from workbench.errors import WorkbenchError
from workbench.records.run import Run

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.runs.control import Request


class RunControl(QObject):
    """What buttons do with runs; told says in a sentence what came of it."""

    told = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session

    def start(self, stage: str, settings: dict[str, str] | None = None) -> None:
        """Make a run of a stage and put it into the queue."""
        self._session.ask(
            self.tr("Starting {stage}").format(stage=stage),
            lambda project: _start(project, stage, settings),
            self._begun,
        )

    def resume(self, run_id: str) -> None:
        """Go on with a run that stands still."""
        self._session.ask(
            self.tr("Resuming {run}").format(run=run_id), lambda project: _resume(project, run_id), self._begun
        )

    def request(self, run_id: str, request: "Request") -> None:
        """Ask a run to pause, stop or be discarded; asking twice ends it at once."""
        self._session.ask(
            self.tr("Asking {run} to {request}").format(run=run_id, request=request),
            lambda project: _request(project, run_id, request),
            self._have_asked,
        )

    def _begun(self, run_id: str) -> None:
        self._session.look_soon()
        self.told.emit(self.tr("{run} is in the queue.").format(run=run_id))

    def _have_asked(self, sentence: str) -> None:
        self._session.look_soon()
        self.told.emit(sentence)


def command_of(folder: Path, run: Run) -> str:
    """Return the command that makes the same run again from a terminal."""
    words = ["workbench", "run", str(folder), run.stage]
    plan = run.plan
    if plan is not None:
        for key, value in _changed(run.stage, plan.settings).items():
            words += ["--set", f"{key}={_text(value)}"]
        if plan.seed:
            words += ["--seed", str(plan.seed)]
    return shlex.join(words)


def _changed(stage: str, settings: dict[str, Any]) -> dict[str, Any]:
    from workbench.records.encoding import to_data  # noqa: PLC0415
    from workbench.records.settings import parse_settings  # noqa: PLC0415

    usual = to_data(parse_settings(stage, {}))
    return {key: value for key, value in settings.items() if usual.get(key) != value}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _start(project: "Project", stage: str, settings: dict[str, str] | None) -> str:
    from workbench.runs.machine import this_machine  # noqa: PLC0415
    from workbench.runs.queue import submit  # noqa: PLC0415

    folder = project.make_run(stage, settings or {}, this_machine())
    submit(folder)
    return folder.id


def _resume(project: "Project", run_id: str) -> str:
    from workbench.runs.queue import submit  # noqa: PLC0415

    submit(project.run_folder(run_id))
    return run_id


def _request(project: "Project", run_id: str, request: "Request") -> str:
    from workbench.runs.control import ask  # noqa: PLC0415

    folder = project.run_folder(run_id)
    if request == "discard" and folder.status().discarded:
        raise WorkbenchError(f"Run {run_id} is discarded already.")
    answer = ask(folder, request, grace=1.0)
    return {
        "asked": f"{run_id} was asked to {request}.",
        "ended": f"{run_id} was ended at once.",
        "settled": f"{run_id} stands still.",
    }[answer]
