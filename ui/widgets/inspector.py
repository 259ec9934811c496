"""The inspector: who made what is selected, from which principle, prompt, model and seed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.texts import TextView, button, label, letters, set_part, write_named


@dataclass(frozen=True)
class Facts:
    """A heading and what is known, as (name, text) in order."""

    heading: str
    lines: Sequence[tuple[str, str]]
    #: The names of the lines whose texts are covered until somebody wants to see them.
    covered: frozenset[str] = frozenset()


#: With room for fewer letters a prompt as sent is a column of syllables.
_NARROWEST = 33
#: Pixels between the edge of a text and its letters.
_BESIDE = 6


class Inspector(QWidget):
    """Shows facts as one text that can be read, selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._heading = label(self.tr("Nothing selected"), "heading", wrap=True)
        self._heading.setContentsMargins(_BESIDE, 0, 0, 0)
        self._text = TextView(self.tr("Details of what is selected"))
        self._text.setPlaceholderText(self.tr("Select a row, and its origin is told here."))
        set_part(self._text, "bare")
        self._shown: Facts | None = None
        self.show_covered = button(self.tr("Show what is covered"), self.tr("Show what is covered in the inspector"))
        self.show_covered.clicked.connect(self._reveal)
        self.setMinimumWidth(letters(self, _NARROWEST))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 6, 6)
        column.addWidget(self._heading)
        column.addWidget(self._text, 1)
        column.addWidget(self.show_covered)
        self.clear()

    @property
    def text(self) -> str:
        """What it shows."""
        return f"{self._heading.text()}\n{self._text.toPlainText()}"

    def clear(self) -> None:
        """Show nothing in particular."""
        self._shown = None
        self.show_covered.hide()
        self._heading.setText(self.tr("Nothing selected"))
        self._text.clear()

    def show_facts(self, facts: Facts) -> None:
        """Show facts; long texts stand under their names. The same ones again leave reading place and selection alone."""
        if facts == self._shown:
            return
        self._shown = facts
        self._write(facts)

    def _reveal(self) -> None:
        if self._shown is not None:
            self._write(replace(self._shown, covered=frozenset()))
            self._text.setFocus()

    def _write(self, facts: Facts) -> None:
        told = [(name, self.tr("(covered)") if name in facts.covered else text) for name, text in facts.lines if text]
        self.show_covered.setVisible(any(name in facts.covered for name, _ in told))
        self._heading.setText(facts.heading)
        write_named(self._text, told)
        self._text.verticalScrollBar().setValue(0)
