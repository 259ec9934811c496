"""Telling a person that a run has come to its end, or stands still and needs somebody."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.places import stage_title
from ui.session import Failure, Session
from ui.static_words import in_language
from ui.tables.runs_model import duration_text

if TYPE_CHECKING:
    from workbench.records.run import Run

#: States that a run reaches by itself.
_ENDS = ("finished", "failed", "interrupted")
_GOING = ("queued", "starting", "running", "stopping")


class RunEndings(QObject):
    """Compares each look at the runs with the one before; what somebody asked for is not told."""

    told = Signal(str)
    #: What failed, and the id of the run, for a card that stays.
    failed = Signal(Failure, str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._states: dict[str, str] = {}
        session.opened.connect(self._begin)
        session.runs_changed.connect(self._compare)

    def _begin(self, _: str) -> None:
        self._states = {one.run.id: str(one.run.state) for one in self._session.runs}

    def _compare(self, _: object) -> None:
        for one in self._session.runs:
            before, now = self._states.get(one.run.id), str(one.run.state)
            self._states[one.run.id] = now
            by_itself = now in _ENDS or (now == "paused" and one.run.reason.startswith("Alarm "))
            if before in _GOING and now != before and by_itself:
                self.told.emit(self._sentence(one.run))
                if now == "failed":
                    self.failed.emit(
                        Failure(f"{one.run.id} ({stage_title(one.run.stage)})", in_language(one.run.reason)), one.run.id
                    )

    def _sentence(self, run: "Run") -> str:
        name = f"{run.id} ({stage_title(run.stage)})"
        if run.state == "finished":
            return self.tr("{run} is finished, after {time} of work.").format(run=name, time=duration_text(run.seconds))
        what = {
            "failed": self.tr("{run} failed: {reason}"),
            "interrupted": self.tr("{run} was interrupted: {reason}"),
            "paused": self.tr("{run} has paused: {reason}"),
        }[str(run.state)]
        return what.format(run=name, reason=in_language(run.reason))
