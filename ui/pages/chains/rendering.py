"""The prompt in hand exactly as the chosen model gets it, with its length in tokens, before anything is asked of the model."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.asker import Asker, Inquiry
from ui.session import Failure, Session
from workbench.records.commands import quoted

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.records.request import Piece, Rendered, RenderRequest

#: Whoever goes through a list with a key held down asks for the last prompt alone.
_REST_MS = 200
_MOST_KEPT = 500


class PromptRendering(QObject):
    """Asks the process that answers, and keeps what it told; lines are what is known of the prompt in hand."""

    #: There is more to tell of the prompt in hand.
    changed = Signal()

    def __init__(self, session: Session, asker: Asker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._asker = session, asker
        self._wanted = ("", "")
        self._inquiry: Inquiry | None = None
        self._kept: dict[str, Rendered] = {}
        self.lines: list[tuple[str, str]] = []
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._ask)
        session.closed.connect(self._forget)

    def look(self, prompt_id: str, model: str) -> None:
        """Take another prompt in hand, or ask for it anew; without a model's name the one a run would take."""
        self._wanted = (prompt_id, model)
        self._stop()
        self.lines = []
        self._rest.start()

    def _ask(self) -> None:
        wanted = self._wanted
        self._session.ask(
            self.tr("Rendering a prompt"),
            lambda project: _request(project, *wanted),
            partial(self._have_request, wanted),
            partial(self._have_failed, wanted),
            self,
        )

    def _have_failed(self, wanted: tuple[str, str], failure: Failure) -> None:
        if wanted == self._wanted:
            self._tell([(self.tr("As the model gets it"), failure.sentence)])

    def _have_request(self, wanted: tuple[str, str], request: "RenderRequest") -> None:
        """Ask where it was not asked before: the same turns for the same model are rendered once."""
        if wanted != self._wanted:
            return
        kept = self._kept.get(repr(request))
        if kept is not None:
            self._show(request, kept)
            return
        self._stop()
        heard = partial(self._heard, wanted, request)
        self._inquiry = self._asker.ask(self.tr("Rendering a prompt"), lambda _: request, heard)

    def _heard(self, wanted: tuple[str, str], request: "RenderRequest", piece: "Piece") -> None:
        from workbench.records.request import Ended, Notice, Rendered  # noqa: PLC0415 - loaded with the project

        if isinstance(piece, Rendered):
            self._kept[repr(request)] = piece
            while len(self._kept) > _MOST_KEPT:
                self._kept.pop(next(iter(self._kept)))
        if wanted != self._wanted:
            return
        if isinstance(piece, Rendered):
            self._show(request, piece)
        elif isinstance(piece, Notice) or (isinstance(piece, Ended) and piece.state == "refused"):
            words = piece.text if isinstance(piece, Notice) else piece.sentence
            self._tell([(self._name(request), words)])

    def _show(self, request: "RenderRequest", rendered: "Rendered") -> None:
        counted = rendered.tokens >= 0
        tokens = f"{rendered.tokens:,}" if counted else self.tr("Its server counts them once it is asked.")
        command = f"workbench render {quoted(self._session.folder)} --prompt {quoted(self._wanted[0])}"
        command += f" --model {quoted(self._wanted[1])}" if self._wanted[1] else ""
        self._tell([(self._name(request), rendered.sent), (self.tr("Tokens"), tokens), (self.tr("Command"), command)])

    def _name(self, request: "RenderRequest") -> str:
        return self.tr("Exactly as {model} gets it").format(model=request.model.label or request.model.location)

    def _tell(self, lines: list[tuple[str, str]]) -> None:
        self.lines = lines
        self.changed.emit()

    def _stop(self) -> None:
        if self._inquiry is not None and not self._inquiry.over:
            self._inquiry.cancel()
        self._inquiry = None

    def _forget(self) -> None:
        self._stop()
        self._rest.stop()
        self._wanted, self.lines = ("", ""), []
        self._kept.clear()


def _request(project: "Project", prompt_id: str, model: str) -> "RenderRequest":
    """Build the request; nothing is sent to a server because somebody looks at a prompt."""
    from workbench.project.requesting import render_prompt_request  # noqa: PLC0415

    return replace(render_prompt_request(project, prompt_id, model), counted=False)
