"""What can be undone and redone on a page: steps by name, each with the way back and the way forth again."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

#: Is told whether it went well.
Told = Callable[[bool], None]
#: Steps that can be gone back.
_MOST = 200


@dataclass(frozen=True)
class Step:
    """Something a person did, named as it stands behind "Undo:"; both ways end by telling whether they went well."""

    name: str
    back: Callable[[Told], object]
    again: Callable[[Told], object]


class Undoing(QObject):
    """What the menu Edit asks of a page; an empty name says that there is nothing to undo, or to redo."""

    changed = Signal()

    @property
    def undo_name(self) -> str:
        """What would be undone."""
        return ""

    @property
    def redo_name(self) -> str:
        """What would be done again."""
        return ""

    def undo(self) -> None:
        """Take back what was done last."""

    def redo(self) -> None:
        """Do again what was taken back last."""


class OneWay(Undoing):
    """Undo alone, kept by somebody who knows what was done last."""

    def __init__(self, undo: Callable[[], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undo, self._name = undo, ""

    @property
    def undo_name(self) -> str:
        """What would be undone."""
        return self._name

    def offer(self, name: str) -> None:
        """Take note of what would be undone now."""
        if name != self._name:
            self._name = name
            self.changed.emit()

    def undo(self) -> None:
        """Take back what was done last."""
        if self._name:
            self._undo()


class History(Undoing):
    """Steps gone and steps gone back; one that fails stays where it was.

    first is called before a step, with what is to follow: whoever still has something to save saves it then.
    """

    def __init__(
        self, parent: QObject | None = None, first: Callable[[Callable[[], None]], None] = lambda then: then()
    ) -> None:
        super().__init__(parent)
        self._first = first
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._pending = ""

    @property
    def undo_name(self) -> str:
        """What would be undone."""
        return self._pending or (self._done[-1].name if self._done else "")

    @property
    def redo_name(self) -> str:
        """What would be done again."""
        return self._undone[-1].name if self._undone and not self._pending else ""

    @property
    def last(self) -> Step | None:
        """The step done last, unless one was taken back since."""
        return self._done[-1] if self._done and not self._undone else None

    def add(self, step: Step) -> None:
        """Take note of a step that was taken."""
        self._done.append(step)
        del self._done[:-_MOST]
        self._undone.clear()
        self.changed.emit()

    def replace(self, step: Step) -> None:
        """Let the last step reach further than it did."""
        self._done[-1] = step
        self.changed.emit()

    def expect(self, name: str) -> None:
        """Take note that a step is on its way, or, without a name, that none is."""
        if name != self._pending:
            self._pending = name
            self.changed.emit()

    def forget(self) -> None:
        """Begin anew."""
        self._done.clear()
        self._undone.clear()
        self._pending = ""
        self.changed.emit()

    def undo(self) -> None:
        """Take back what was done last."""
        self._first(self._go_back)

    def redo(self) -> None:
        """Do again what was taken back last."""
        self._first(self._go_forth)

    def _go_back(self) -> None:
        if self._done:
            step = self._done.pop()
            step.back(lambda well: self._moved(step, self._undone if well else self._done))

    def _go_forth(self) -> None:
        if self._undone:
            step = self._undone.pop()
            step.again(lambda well: self._moved(step, self._done if well else self._undone))

    def _moved(self, step: Step, to: list[Step]) -> None:
        to.append(step)
        self.changed.emit()
