"""Starting, pausing and ending runs from the window, and the command that does the same."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from ui.measuring import Measuring
from ui.places import stage_title
from ui.session import Failure, Session
from ui.static_words import in_language
from workbench.errors import WorkbenchError
from workbench.records.commands import quoted
from workbench.records.run import Run

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.runs.control import Request


class RunControl(QObject):
    """What buttons do with runs; told says in a sentence what came of it, offered with a way back and its button's text."""

    told = Signal(str)
    offered = Signal(str, str, object)
    #: Whether a run waits from now on for what this machine does best.
    measuring = Signal(bool)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._measuring = Measuring(self)
        self._measuring.changed.connect(self.measuring)
        self._retrying: set[str] = set()
        session.closed.connect(self._retrying.clear)

    @property
    def measures(self) -> bool:
        """Whether a run waits for what this machine does best."""
        return self._measuring.busy

    def start(
        self,
        stage: str,
        settings: "dict[str, str] | Callable[[Project], dict[str, str]] | None" = None,
        then: Callable[[str], object] | None = None,
        failed: Callable[[Failure], None] | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Make a run of a stage and put it into the queue; then is told its id, failed what stood in the way.

        Settings may be found in the project when the run is made. Nothing is made where the run is not wanted any more once the
        machine is known.
        """

        def begun(run_id: str) -> None:
            self._begun(run_id)
            if then is not None:
                then(run_id)

        def make(project: "Project") -> str:
            return start_run(project, stage, settings(project) if callable(settings) else settings)

        doing = self.tr("Starting: {stage}").format(stage=stage_title(stage))
        self._once_measured(lambda: self._session.ask(doing, make, begun, failed), wanted)

    def prepare(
        self,
        stage: str,
        settings: dict[str, str],
        then: Callable[[str], object],
        failed: Callable[[Failure], None] | None = None,
        wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """Make a run's folder and leave it to be worked anywhere, as start() does; its command is offered to be copied."""

        def made(found: tuple[str, str]) -> None:
            run_id, command = found
            self._session.look_soon()
            said = self.tr("{run} is made, and not started.").format(run=run_id)
            self.offered.emit(said, self.tr("Copy the command that works it"), partial(self._copy_text, command))
            then(run_id)

        doing = self.tr("Preparing: {stage}").format(stage=stage_title(stage))
        make = partial(prepare_run, stage=stage, settings=settings)
        self._once_measured(lambda: self._session.ask(doing, make, made, failed), wanted)

    def resume(self, run_id: str) -> None:
        """Go on with a run that stands still."""
        self._session.ask(
            self.tr("Resuming {run}").format(run=run_id), lambda project: _resume(project, run_id), self._begun
        )

    def request(self, run_id: str, request: "Request") -> None:
        """Ask a run to pause, stop or be discarded; a button pressed twice asks once."""
        self._session.ask(
            self.tr("Asking {run} to {request}").format(run=run_id, request=request),
            lambda project: _request(project, run_id, request),
            partial(self._have_requested, run_id, request),
        )

    def end(self, run_id: str) -> None:
        """End a run's processes without waiting for the step in hand."""
        doing = self.tr("Ending {run}").format(run=run_id)
        self._session.ask(
            doing, lambda project: _end(project, run_id), partial(self._tell_of, self.tr("{run}: {reason}."), run_id)
        )

    def keep(self, run_id: str) -> None:
        """Take back that a run was discarded."""
        kept = partial(self._tell_of, self.tr("{run} is not discarded any more: {reason}."), run_id)
        self._session.ask(self.tr("Keeping {run}").format(run=run_id), lambda project: _keep(project, run_id), kept)

    def retry(self, run_id: str, then: Callable[[str], object] | None = None) -> None:
        """Make a run again that ran out of memory, or of room for a prompt; pressed twice it makes one, whose id then is told."""
        if run_id in self._retrying:
            return
        self._retrying.add(run_id)

        def made(found: tuple[str, str]) -> None:
            self._retrying.discard(run_id)
            new, how = found
            self._have_asked(self.tr("{new} is {run} again: {how}.").format(new=new, run=run_id, how=in_language(how)))
            if then is not None:
                then(new)

        def failed(failure: Failure) -> None:
            self._retrying.discard(run_id)
            self._session.failed.emit(failure)

        doing = self.tr("Making {run} again").format(run=run_id)
        self._session.ask(doing, lambda project: _retry(project, run_id), made, failed)

    def command(self, run: Run) -> str:
        """Return the command that makes the same run again."""
        return command_of(self._session.folder, run) if self._session.folder is not None else ""

    def copy(self, run: Run) -> None:
        """Put the command that makes the same run again on the clipboard."""
        self._copy_text(self.command(run))

    def copy_work(self, run: Run) -> None:
        """Put the command that works a prepared run, here or elsewhere, on the clipboard."""
        self._copy_text(f"workbench work {quoted(run.folder)}")

    def _copy_text(self, command: str) -> None:
        QGuiApplication.clipboard().setText(command)
        self.told.emit(self.tr("The command is on the clipboard."))

    def _once_measured(self, then: Callable[[], object], wanted: Callable[[], bool]) -> None:
        """Go on once the machine is known, if the project is still the one it was."""
        folder = self._session.folder
        if self._measuring.first(lambda: then() if self._session.folder == folder and wanted() else None):
            self.told.emit(self.tr("What this machine does best is measured first, once: it takes some seconds."))

    def _begun(self, run_id: str) -> None:
        self._session.look_soon()
        self.told.emit(self.tr("{run} is in the queue.").format(run=run_id))

    def _have_requested(self, run_id: str, request: "Request", reason: str) -> None:
        """Tell what came of a request; where the run has left already, how it stands."""
        asked = {
            "pause": self.tr("{run} was asked to pause."),
            "stop": self.tr("{run} was asked to stop and keep what it made."),
            "discard": self.tr("{run} was asked to stop and leave out what it made."),
        }[request]
        sentence = self._of(self.tr("{run}: {reason}.") if reason else asked, run_id, reason)
        if request == "discard":
            self._session.look_soon()
            self.offered.emit(sentence, self.tr("Undo"), partial(self.keep, run_id))
        else:
            self._have_asked(sentence)

    def _tell_of(self, words: str, run_id: str, reason: str) -> None:
        self._have_asked(self._of(words, run_id, reason))

    def _of(self, words: str, run_id: str, reason: str) -> str:
        return words.format(run=run_id, reason=in_language(reason))

    def _have_asked(self, sentence: str) -> None:
        self._session.look_soon()
        self.told.emit(sentence)


def command_of(folder: Path, run: Run) -> str:
    """Return the command that makes the same run again from a terminal."""
    from workbench.project.repeating import command_of as command  # noqa: PLC0415

    return command(folder, run)


def start_run(project: "Project", stage: str, settings: dict[str, str] | None = None) -> str:
    """Make a run and put it into the queue, on the store's thread; return its id."""
    from workbench.runs.machine import this_machine  # noqa: PLC0415
    from workbench.runs.queue import submit  # noqa: PLC0415

    folder = project.make_run(stage, settings or {}, this_machine())
    submit(folder)
    return folder.id


def prepare_run(project: "Project", stage: str, settings: dict[str, str]) -> tuple[str, str]:
    """Make a run that is worked by hand; return its id and the command that works it."""
    from workbench.runs.control import prepared  # noqa: PLC0415
    from workbench.runs.machine import this_machine  # noqa: PLC0415

    folder = project.make_run(stage, settings, this_machine(), here=False)
    prepared(folder)
    return folder.id, f"workbench work {quoted(folder.path)}"


def _resume(project: "Project", run_id: str) -> str:
    from workbench.runs.queue import submit  # noqa: PLC0415

    submit(project.run_folder(run_id))
    return run_id


def _request(project: "Project", run_id: str, request: "Request") -> str:
    from workbench.runs.control import ask  # noqa: PLC0415

    folder = project.run_folder(run_id)
    if request == "discard" and folder.status().discarded:
        raise WorkbenchError("Run {run} is discarded already.", run=run_id)
    return "" if ask(folder, request, again_ends=False) == "asked" else folder.status().reason


def _end(project: "Project", run_id: str) -> str:
    from workbench.runs.control import end  # noqa: PLC0415

    folder = project.run_folder(run_id)
    end(folder, grace=1.0)
    return folder.status().reason


def _keep(project: "Project", run_id: str) -> str:
    from workbench.runs.control import keep  # noqa: PLC0415

    folder = project.run_folder(run_id)
    keep(folder)
    project.collect(run_id)
    return folder.status().reason


def _retry(project: "Project", run_id: str) -> tuple[str, str]:
    from workbench.project.retrying import make_retry  # noqa: PLC0415
    from workbench.runs.queue import submit  # noqa: PLC0415

    folder, retry = make_retry(project, run_id)
    submit(folder)
    return folder.id, retry.sentence
