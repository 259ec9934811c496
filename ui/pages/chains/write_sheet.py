"""The sheet for prompts written by hand: one a paragraph."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QFormLayout, QPlainTextEdit, QWidget

from ui.reading_order import SheetInOrder
from ui.widgets.texts import beside, button, counted, label

if TYPE_CHECKING:
    from workbench.records.prompt import Prompt


class WriteSheet(SheetInOrder):
    """Takes prompts separated by blank lines, of one kind and for one split."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Write prompts"))
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("Prompts, one a paragraph"))
        self.text.setTabChangesFocus(True)
        self.kind, self.split = QComboBox(), QComboBox()
        for text, key in (
            (self.tr("red-team: answered, criticised and revised"), "red-team"),
            (self.tr("helpful: answered only"), "helpful"),
        ):
            self.kind.addItem(text, key)
        for text, key in (
            (self.tr("train: for every stage but evaluation"), "train"), (self.tr("sft: for chains alone"), "sft"),
            (self.tr("preferences: for comparisons alone"), "preferences"), (self.tr("rl: for RL alone"), "rl"),
            (self.tr("test: for evaluation alone"), "test"),
        ):  # fmt: skip
            self.split.addItem(text, key)
        self.count = label(part="muted")
        form = QFormLayout(self)
        form.setContentsMargins(20, 18, 20, 14)
        form.addRow(label(self.tr("Leave a blank line between two prompts."), "muted"))
        form.addRow(self.text)
        for name, field in ((self.tr("Kind"), self.kind), (self.tr("Split"), self.split)):
            field.setAccessibleName(name)
            form.addRow(beside(name, field), field)
        form.addRow(self.count)
        buttons = QDialogButtonBox()
        self.add = button(self.tr("Add"), self.tr("Add these prompts"), primary=True)
        buttons.addButton(self.add, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(button(self.tr("Cancel")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.resize(620, 420)
        self.text.textChanged.connect(self._count)
        self._count()

    @property
    def prompts(self) -> "list[Prompt]":
        """The prompts as they are written now."""
        from workbench.records.prompt import prompt_of  # noqa: PLC0415

        kind, split = str(self.kind.currentData()), str(self.split.currentData())
        return [prompt_of(text, kind, split, self.tr("written by hand")) for text in self._texts()]

    def _texts(self) -> list[str]:
        paragraphs: list[list[str]] = [[]]
        for line in self.text.toPlainText().split("\n"):
            if line.strip():
                paragraphs[-1].append(line)
            elif paragraphs[-1]:
                paragraphs.append([])
        return ["\n".join(lines) for lines in paragraphs if lines]

    def _count(self) -> None:
        count = len(self._texts())
        self.count.setText(counted(count, self.tr("1 prompt"), self.tr("{count} prompts")))
        self.add.setEnabled(count > 0)
