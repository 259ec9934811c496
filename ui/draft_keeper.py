"""Keeping the draft: what is typed is saved within half a second, in the order it was typed, and before anything else is done."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.session import Failure, Session

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import ConstitutionVersion

DELAY_MS = 400
#: Edits that can be undone.
_MOST_STEPS = 200
#: Before an example's number, counted from 1: who owns a field of it.
EXAMPLE = "example "
Change = Callable[[str], str]


class DraftKeeper(QObject):
    """Collects edits and saves them through the session; typed is what is not saved yet."""

    #: The DraftState as it was saved.
    changed = Signal(object)
    #: "saving" while something is on its way, "saved" when all of it is on disk.
    told = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._fields: dict[tuple[str, str], str] = {}
        self._sent: dict[tuple[str, str], str] = {}
        self._whole: str | None = None
        self._on_the_way = 0
        #: Texts to go back to and forth to, and the one saved last.
        self._past: list[str] = []
        self._future: list[str] = []
        self._last: str | None = None
        self._timer = QTimer(self, interval=DELAY_MS, singleShot=True)
        self._timer.timeout.connect(self.flush)

    def typed(self, principle_id: str) -> dict[str, str]:
        """Return what was typed into fields of a principle and is not saved yet."""
        return {field: value for (owner, field), value in (self._sent | self._fields).items() if owner == principle_id}

    @property
    def whole_is_busy(self) -> bool:
        """Whether the text as a whole is being typed."""
        return self._whole is not None

    def type_field(self, principle_id: str, field: str, value: str) -> None:
        """Take an edit of one field."""
        self._fields[(principle_id, field)] = value
        self._begin()

    def type_whole(self, text: str) -> None:
        """Take an edit of the whole text."""
        self._whole = text
        self._begin()

    def change(self, doing: str, change: Change, then: "Callable[[DraftState], None] | None" = None) -> None:
        """Change the draft's text at once, after what was typed before."""
        self.flush()
        self._send(doing, change, then)

    def undo(self) -> None:
        """Go back to the draft before the last edit; what is being typed is saved first, and is then that edit."""
        self._step(self._past, self._future)

    def redo(self) -> None:
        """Go forth to what was undone."""
        self._step(self._future, self._past)

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to undo."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit to redo."""
        return bool(self._future)

    def forget(self) -> None:
        """Begin anew, with another project."""
        self._past, self._future, self._last = [], [], None

    def read(self) -> None:
        """Read the draft again, for example after a file was edited elsewhere."""
        self.flush()
        self._session.ask(self.tr("Reading the draft"), _state, self._have_read)

    def commit(self, message: str, then: "Callable[[ConstitutionVersion], None]") -> None:
        """Commit the draft, with everything typed before."""
        self.flush()
        self._session.ask(self.tr("Committing the constitution"), partial(_commit, message), then)
        self.read()

    def flush(self) -> None:
        """Save what was typed."""
        self._timer.stop()
        if self._whole is not None:
            text, self._whole = self._whole, None
            self._send(self.tr("Saving the draft"), lambda _: text)
        if self._fields:
            fields, self._fields = self._fields, {}
            self._sent |= fields
            self._send(self.tr("Saving the draft"), partial(_with_fields, fields))

    def _step(self, away: list[str], back: list[str]) -> None:
        self.flush()
        # Saves are answered in order: by then everything typed before stands in the history.
        self._session.ask(self.tr("Undoing"), lambda _: None, lambda _: self._go(away, back))

    def _go(self, away: list[str], back: list[str]) -> None:
        if not away or self._last is None:
            return
        text = away.pop()
        back.append(self._last)
        self._last = text
        self._send(self.tr("Undoing"), lambda _: text)

    def _have_read(self, state: "DraftState") -> None:
        self._last = state.text
        self.changed.emit(state)

    def _begin(self) -> None:
        self.told.emit(self.tr("saving…"))
        if not self._timer.isActive():  # not put off by further typing: half a second is half a second
            self._timer.start()

    def _send(self, doing: str, change: Change, then: "Callable[[DraftState], None] | None" = None) -> None:
        self._on_the_way += 1
        self.told.emit(self.tr("saving…"))
        self._session.ask(doing, partial(_change, change), partial(self._saved, then), self._failed)

    def _saved(self, then: "Callable[[DraftState], None] | None", state: "DraftState") -> None:
        self._settle()
        if self._last is not None and state.text != self._last:
            self._past.append(self._last)
            del self._past[:-_MOST_STEPS]
            self._future.clear()
        self._have_read(state)
        if then is not None:
            then(state)

    def _failed(self, failure: Failure) -> None:
        self._settle()
        self._session.failed.emit(failure)
        self._session.ask(self.tr("Reading the draft"), _state, self.changed.emit)

    def _settle(self) -> None:
        self._on_the_way -= 1
        if not self._on_the_way:
            self._sent = {}
            if not self._fields and self._whole is None:
                self.told.emit(self.tr("saved"))


def _with_fields(fields: dict[tuple[str, str], str], text: str) -> str:
    from workbench.interchange.constitution_edit import edit  # noqa: PLC0415
    from workbench.interchange.example_edit import edit_example  # noqa: PLC0415

    for (owner, field), value in fields.items():
        if owner.startswith(EXAMPLE):
            text = edit_example(text, int(owner.removeprefix(EXAMPLE)), field, value)
        else:
            text = edit(text, owner, field, value)
    return text


def _change(change: Change, project: "Project") -> "DraftState":
    from workbench.project.draft_state import change_draft  # noqa: PLC0415

    return change_draft(project, change)


def _state(project: "Project") -> "DraftState":
    from workbench.project.draft_state import draft_state  # noqa: PLC0415

    return draft_state(project)


def _commit(message: str, project: "Project") -> "ConstitutionVersion":
    from workbench.project.draft_state import commit_draft  # noqa: PLC0415

    return commit_draft(project, message)
