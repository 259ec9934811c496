"""Keeping the draft: what is typed is saved within half a second, in the order it was typed, and before anything else is done."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ui.history import History, Step, Told
from ui.session import Failure, Session

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import ConstitutionVersion

DELAY_MS = 400
#: What is typed into one field with pauses no longer than this is undone at once, in seconds.
_ONE_STEP = 1.5
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
        #: What was typed last, by field and in words, and when the last such edit was saved.
        self._typing: tuple[str, str] = ("", "")
        self._typed_into, self._typed_at = "", 0.0
        self.history = History(self, self.settled)
        #: The draft is being shown as undo or redo left it, also in the field that is being typed in.
        self.goes_back = False
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

    def type_field(self, principle_id: str, field: str, value: str, name: str = "") -> None:
        """Take an edit of one field; name is what the edit is called when it can be undone."""
        self._fields[(principle_id, field)] = value
        self._begin(f"{principle_id} {field}", name or self.tr("edit of {field}").format(field=field))

    def type_whole(self, text: str) -> None:
        """Take an edit of the whole text."""
        self._whole = text
        self._begin("whole", self.tr("edit of the YAML"))

    def change(self, name: str, change: Change, then: "Callable[[DraftState], None] | None" = None) -> None:
        """Change the draft's text at once, after what was typed before; name is what undo calls it."""
        self.flush()
        self._send(self.tr("Changing the draft: {what}").format(what=name), change, partial(self._step, name, "", then))

    def undo(self) -> None:
        """Go back to the draft before the last edit; what is being typed is saved first, and is then that edit."""
        self.history.undo()

    def redo(self) -> None:
        """Go forth to what was undone."""
        self.history.redo()

    def forget(self) -> None:
        """Begin anew, with another project: what was on its way belongs to the one before, and nobody is told of it."""
        self._timer.stop()
        self._fields, self._sent, self._whole, self._on_the_way = {}, {}, None, 0
        self._typing, self._typed_into = ("", ""), ""
        self.history.forget()
        self._last = None
        self.told.emit(self.tr("saved"))

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
        doing, (into, name) = self.tr("Saving the draft"), self._typing
        if self._whole is not None:
            text, self._whole = self._whole, None
            self._send(doing, lambda _: text, partial(self._step, name, into, None))
        if self._fields:
            fields, self._fields = self._fields, {}
            self._sent |= fields
            self._send(doing, partial(_with_fields, fields), partial(self._step, name, into, None))

    def settled(self, then: Callable[[], None]) -> None:
        """Save what was typed, then call; saves are answered in order, and so everything typed before is in the draft by then."""
        self.flush()
        self._session.ask(self.tr("Saving the draft"), lambda _: None, lambda _: then())

    def _step(
        self, name: str, into: str, then: "Callable[[DraftState], None] | None", before: str | None, state: "DraftState"
    ) -> None:
        """Take note of an edit that was saved; what goes on in the same field belongs to the same step."""
        now, goes_on = time.monotonic(), bool(into) and into == self._typed_into
        goes_on = goes_on and now - self._typed_at < _ONE_STEP
        self._typed_into, self._typed_at = into, now
        if before is not None and before != state.text:
            last = self.history.last if goes_on else None
            again = partial(self._go, state.text)
            if last is not None:
                self.history.replace(Step(last.name, last.back, again))
            else:
                self.history.add(Step(name, partial(self._go, before), again))
        self._have_read(state)
        if then is not None:
            then(state)

    def _go(self, text: str, told: Told) -> None:
        def gone(_: str | None, state: "DraftState") -> None:
            self._typed_into = ""
            self.goes_back = True
            self._have_read(state)
            self.goes_back = False
            told(True)

        self._send(self.tr("Undoing"), lambda _: text, gone, lambda: told(False))

    def _have_read(self, state: "DraftState") -> None:
        self._last = state.text
        self.changed.emit(state)

    def _begin(self, into: str, name: str) -> None:
        self._typing = (into, name)
        self.history.expect(name)
        self.told.emit(self.tr("saving…"))
        if not self._timer.isActive():  # not put off by further typing: half a second is half a second
            self._timer.start()

    def _send(
        self,
        doing: str,
        change: Change,
        then: "Callable[[str | None, DraftState], None]",
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Have the text changed; then is told the text that was saved before, and the draft."""
        self._on_the_way += 1
        self.told.emit(self.tr("saving…"))
        self._session.ask(
            doing, partial(_change, change), lambda state: self._saved(then, state), partial(self._failed, failed)
        )

    def _saved(self, then: "Callable[[str | None, DraftState], None]", state: "DraftState") -> None:
        self._settle()
        then(self._last, state)

    def _failed(self, then: Callable[[], None], failure: Failure) -> None:
        self._settle()
        self._session.failed.emit(failure)
        then()
        self._session.ask(self.tr("Reading the draft"), _state, self.changed.emit)

    def _settle(self) -> None:
        self._on_the_way -= 1
        if not self._on_the_way:
            self._sent = {}
            if not self._fields and self._whole is None:
                self.history.expect("")
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
