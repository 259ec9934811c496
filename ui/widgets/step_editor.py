"""An editor for one text of a chain: a person's wording stands beside what the model wrote, which is kept."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.widgets.texts import button, label

if TYPE_CHECKING:
    from workbench.project.chain_reading import StepRead


class StepEditor(QWidget):
    """Open while a person words a text anew."""

    #: The new wording, None for what the model wrote.
    saved = Signal(object)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step: StepRead | None = None
        self.open = False
        #: Wordings begun and not saved, by the id of their step.
        self._aside: dict[str, str] = {}
        self.title = label(part="heading")
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Your wording of this text"))
        self.text.setTabChangesFocus(True)
        self.save = button(self.tr("Save [Ctrl+Enter]"), self.tr("Save your wording"), primary=True)
        self.original = button(self.tr("Back to the model's"), self.tr("Go back to what the model wrote"))
        self.cancel = button(self.tr("Cancel [Esc]"), self.tr("Leave the text as it is"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        says = self.tr(
            "Training learns your wording. What the model wrote is kept, and later texts of the chain become stale."
        )
        column.addWidget(self.title)
        column.addWidget(label(says, "muted", wrap=True))
        column.addWidget(self.text, 1)
        row = QHBoxLayout()
        for one in (self.save, self.original, self.cancel):
            row.addWidget(one)
        row.addStretch(1)
        column.addLayout(row)
        self.save.clicked.connect(self._save)
        self.original.clicked.connect(lambda: self._leave(None))
        self.cancel.clicked.connect(self.close_edit)
        for keys, do in (("Ctrl+Return", self._save), ("Ctrl+Enter", self._save), ("Escape", self.close_edit)):
            shortcut = QShortcut(QKeySequence(keys), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(do)

    def begin(self, step: "StepRead", title: str) -> None:
        """Begin with a step's standing wording, or with the one begun before."""
        self.step, self.open = step, True
        self.title.setText(title)
        self.text.setPlainText(self._aside.pop(step.step.id, step.text))
        self.original.setEnabled(step.edit is not None)

    def put_aside(self) -> bool:
        """Leave for another chain, and keep what was worded so far; say whether there was something to keep."""
        kept = self.open and self.step is not None and self.text.toPlainText() != self.step.text
        if kept and self.step is not None:
            self._aside[self.step.step.id] = self.text.toPlainText()
        self.close_edit()
        return kept

    def has_aside(self, step: "StepRead") -> bool:
        """Whether a wording of this step was begun and neither saved nor given up."""
        return step.step.id in self._aside

    def close_edit(self) -> None:
        """Leave without saving."""
        if self.open:
            self.open = False
            self.closed.emit()

    def _save(self) -> None:
        if self.step is not None:
            text = self.text.toPlainText()
            self._leave(text if text != self.step.text else self.step.edit.text if self.step.edit else None)

    def _leave(self, text: str | None) -> None:
        assert self.step is not None
        held = self.step.edit.text if self.step.edit is not None else None
        self.open = False
        if text != held:
            self.saved.emit(text)
        self.closed.emit()
