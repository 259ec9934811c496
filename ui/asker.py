"""Asking a model from the window: requests to the warm worker, whose answers come in pieces on a timer of the window's thread.

    inquiry = asker.ask(doing, lambda project: chat_request(project, turns, "rl-1"), heard)
    inquiry.cancel()

heard(piece) is called in the window's thread with each Notice, TextSoFar, TextDone, Rendered, Scored or Labelled, and at last
with Ended; what could not be asked at all comes as Ended("refused", sentence) too, so there is one end to wait for.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from ui.session import Failure, Session
from ui.static_words import in_language
from workbench.errors import UntrainedError

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.records.request import ModelRequest, Piece
    from workbench.runs.mailbox import Asking

TICK_MS = 50


class Inquiry:
    """One request of the window's, from the moment it is asked."""

    def __init__(self, heard: "Callable[[Piece], None]") -> None:
        self.heard = heard
        self.asking: Asking | None = None
        self.over = False
        self._cancelled = False

    def cancel(self) -> None:
        """Ask for no more of it; Ended still comes."""
        self._cancelled = True
        if self.asking is not None:
            self.asking.cancel()

    def begin(self, asking: "Asking") -> None:
        """Take note that the request lies in the mailbox."""
        self.asking = asking
        if self._cancelled:
            asking.cancel()

    def tell(self, piece: "Piece") -> None:
        """Hand a piece on."""
        from workbench.records.request import Ended, Notice  # noqa: PLC0415 - loaded with the project

        self.over = self.over or isinstance(piece, Ended)
        if isinstance(piece, Ended):
            piece = replace(piece, sentence=in_language(piece.sentence))
        elif isinstance(piece, Notice):
            piece = replace(piece, text=in_language(piece.text))
        self.heard(piece)


class Asker(QObject):
    """Leaves requests and follows their answers; many may be under way at once."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._under_way: list[Inquiry] = []
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick_soon)
        session.closed.connect(self._forget)

    def ask(
        self,
        doing: str,
        make: "Callable[[Project], ModelRequest]",
        heard: "Callable[[Piece], None]",
        begun: "Callable[[ModelRequest], None] | None" = None,
    ) -> Inquiry:
        """Have a request made from the project and left in its mailbox; heard gets the pieces of the answer.

        begun is told the request as it was made, before the first piece.
        """
        inquiry = Inquiry(heard)

        def left(made: "tuple[ModelRequest, Asking]") -> None:
            if begun is not None:
                begun(made[0])
            self._follow(inquiry, made[1])

        self._session.ask(doing, lambda project: _left(project, make), left, lambda failure: _refuse(inquiry, failure))
        return inquiry

    def warm_up(self) -> None:
        """Start the process that answers, where a person is about to ask."""
        self._session.ask(self.tr("Starting the model"), lambda project: project.mailbox.wake())

    def _follow(self, inquiry: Inquiry, asking: "Asking") -> None:
        inquiry.begin(asking)
        self._under_way.append(inquiry)
        self._timer.start()

    @Slot()
    def _tick_soon(self) -> None:
        self._session.room(self._tick)

    def _tick(self) -> None:
        for inquiry in list(self._under_way):
            assert inquiry.asking is not None
            for piece in inquiry.asking.new():
                inquiry.tell(piece)
        self._under_way = [inquiry for inquiry in self._under_way if not inquiry.over]
        if not self._under_way:
            self._timer.stop()

    def _forget(self) -> None:
        for inquiry in self._under_way:
            inquiry.cancel()
        self._under_way.clear()
        self._timer.stop()


def _left(project: "Project", make: "Callable[[Project], ModelRequest]") -> "tuple[ModelRequest, Asking]":
    request = make(project)
    return request, project.mailbox.ask(request)


def _refuse(inquiry: Inquiry, failure: Failure) -> None:
    from workbench.records.request import Ended  # noqa: PLC0415 - loaded with the project

    cause = failure.cause
    lacks = (cause.stage, cause.run) if isinstance(cause, UntrainedError) else ("", "")
    inquiry.tell(Ended("refused", failure.sentence, 0.0, *lacks))
