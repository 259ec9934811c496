"""One file on its way into the open project, in steps on the store's thread: looked at, read whole, taken over."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from ui.session import Failure, Session
from ui.static_words import in_language

if TYPE_CHECKING:
    from workbench.interchange.incoming.reading import Shown
    from workbench.project import Project
    from workbench.project.importing import FileImport, Wanted
    from workbench.project.importing_constitutions import Coming

#: After so long others have their turn: each answer waits for a tick, which adds up over hundreds of short steps.
STEP_SECONDS = 0.2


@dataclass(frozen=True)
class Look:
    """What a file holds: its title and what it brings, its columns by field, the first rows as a model will see them."""

    title: str
    format: str
    brings: str
    rows: "tuple[Shown, ...]"
    roles: tuple[tuple[str, bool], ...] = ()
    columns: tuple[str, ...] = ()
    mapping: tuple[tuple[str, str], ...] = ()
    guessed: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    splits: bool = False
    #: What committing it would do, where it is a constitution.
    constitution: "Coming | None" = None


class ImportCourse(QObject):
    """Asks step after step, so that nothing else waits for a large file; a new look ends what was under way before."""

    #: A Look.
    looked = Signal(object)
    #: Checked so far, and whether that is the whole file.
    checked = Signal(object, bool)
    #: Taken so far (for a constitution its counts), and whether that is all.
    taken = Signal(object, bool)
    #: A sentence, and whether the rows were read and a person may say what they are.
    failed = Signal(str, bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._turn = 0
        self._coming: FileImport | None = None
        self._wanted: Wanted | None = None
        self._last: Any = None
        #: What takes the file over, once it has begun.
        self._steps: list[Generator[Any, None, None]] = []

    def look(self, wanted: "Wanted") -> None:
        """Look at a file, and then read it whole."""
        self.stop()
        turn, self._wanted = self._turn, wanted
        self._ask(turn, lambda project: _looked(project, wanted), lambda found: self._have_looked(turn, found))

    def take(self) -> None:
        """Take the good rows over."""
        turn, coming = self._turn, self._coming
        if coming is None and self._wanted is not None:  # a constitution is read whole at once
            place = self._wanted.local
            self._ask(turn, lambda project: _constitution(project, place), lambda done: self.taken.emit(done, True))
        elif coming is not None:
            steps = self._steps = []
            self._ask(
                turn,
                lambda project: _first(steps, coming, project),
                lambda found: self._have_taken(turn, steps[0], found),
            )

    def stop(self) -> None:
        """Do no further step; what the last ones took over is saved."""
        self._turn += 1
        steps, self._steps = self._steps, []
        # On the store's thread, behind the step that may be under way.
        self._session.ask(self.tr("Importing a file"), lambda _: _ended(steps))

    def _ask(self, turn: int, work: Any, then: Any) -> None:
        doing = self.tr("Importing a file")
        self._session.ask(
            doing,
            work,
            lambda answer: then(answer) if turn == self._turn else None,
            lambda failure: self._have_failed(turn, failure),
        )

    def _have_failed(self, turn: int, failure: Failure) -> None:
        from workbench.interchange.incoming.detection import NotToldError  # noqa: PLC0415

        if turn == self._turn:
            cause = failure.cause if isinstance(failure.cause, NotToldError) else None
            self.failed.emit(failure.sentence if cause is None else in_language(cause.what), cause is not None)

    def _have_looked(self, turn: int, found: "tuple[Look, FileImport | None]") -> None:
        look, self._coming = found
        self.looked.emit(look)
        if self._coming is not None:
            self._check(turn, self._coming.check())

    def _check(self, turn: int, steps: Iterator[Any]) -> None:
        self._ask(turn, lambda _: _onward(steps), lambda found: self._have_checked(turn, steps, found))

    def _have_checked(self, turn: int, steps: Iterator[Any], found: Any) -> None:
        if found is None:
            self.checked.emit(self._last, True)
            return
        self._last = found
        self.checked.emit(found, False)
        self._check(turn, steps)

    def _have_taken(self, turn: int, steps: Iterator[Any], found: Any) -> None:
        if found is None:
            self.taken.emit(self._last, True)
            return
        self._last = found
        self.taken.emit(found, False)
        self._ask(turn, lambda _: _onward(steps), lambda again: self._have_taken(turn, steps, again))


def known_formats() -> list[tuple[str, str]]:
    """Return name and title of the formats that can come in."""
    from workbench.interchange.incoming.formats import FORMATS  # noqa: PLC0415

    return [(format_.name, in_language(format_.title)) for format_ in FORMATS]


def listed_columns(names: tuple[str, ...]) -> str:
    """Return columns one after the other, cut where they are long and many."""
    from workbench.interchange.incoming.detection import listed  # noqa: PLC0415

    return in_language(listed(names))


def _looked(project: "Project", wanted: "Wanted") -> "tuple[Look, FileImport | None]":
    from workbench.interchange.incoming.constitution_files import read_constitution  # noqa: PLC0415
    from workbench.project.importing import FileImport  # noqa: PLC0415
    from workbench.project.importing_constitutions import constitution_shown, look_at_constitution  # noqa: PLC0415

    if wanted.is_constitution:
        read = read_constitution(wanted.local)
        would = look_at_constitution(project, read, wanted.local)
        look = Look(
            in_language(read.title), "constitution", "constitution", tuple(constitution_shown(read)), constitution=would
        )
        return look, None
    coming = FileImport(wanted)
    shape = coming.shape
    look = Look(
        in_language(shape.format.title),
        shape.format.name,
        coming.brings,
        tuple(coming.preview()),
        tuple((role.name, role.needed) for role in shape.format.roles),
        shape.columns,
        tuple(shape.mapping.items()),
        shape.guessed,
        coming.source.parts,
        shape.left_out,
        shape.format.splits,
    )
    return look, coming


def _first(steps: "list[Generator[Any, None, None]]", coming: "FileImport", project: "Project") -> Any:
    steps.append(coming.take(project))
    return next(steps[0])


def _onward(steps: Iterator[Any]) -> Any:
    """Return how far the next steps came; None where there are no more."""
    until, found = time.monotonic() + STEP_SECONDS, None
    for step in steps:
        found = step
        if time.monotonic() >= until:
            break
    return found


def _ended(steps: "list[Generator[Any, None, None]]") -> None:
    for step in steps:
        step.close()


def _constitution(project: "Project", place: str) -> dict[str, Any]:
    from workbench.project.importing_constitutions import import_constitution  # noqa: PLC0415

    return import_constitution(project, place)
