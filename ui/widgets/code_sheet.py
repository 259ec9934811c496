"""A sheet with the code a model brings, to be read before it may run; it is shown as text and never loaded by the window."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ui.reading_order import SheetInOrder
from ui.widgets.texts import button, label, letters

#: More of a file than anybody reads, in bytes.
_LARGEST = 1 << 20
#: Marks that turn the direction of text around, by which code can look like other code; they are shown.
_SEEN = {mark: f"[U+{mark:04X}]" for mark in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}


@dataclass(frozen=True)
class CodeFile:
    """A file of code, as text."""

    name: str
    text: str


def read_code(folder: Path, names: tuple[str, ...]) -> list[CodeFile]:
    """Return a model's code to be shown."""
    found = []
    for name in names:
        with (folder / name).open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8", errors="replace").translate(_SEEN)
        left_out = (folder / name).stat().st_size - _LARGEST
        found.append(CodeFile(name, text + (f"\n[{left_out:,} more bytes are in the file]" if left_out > 0 else "")))
    return found


class CodeSheet(SheetInOrder):
    """Files to choose from, the text of one, and the choice: accepted when the person agrees, or takes it back."""

    def __init__(self, title: str, files: list[CodeFile], trusted: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Code of {model}").format(model=title))
        self.setMinimumSize(letters(self, 120), 520)
        self._files = files
        self.names = QComboBox()
        self.names.setAccessibleName(self.tr("File of code to read"))
        self.names.addItems([file.name for file in files])
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(self.tr("The code"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        agree = self.tr("Let it run no more") if trusted else self.tr("Let this code run")
        self.agree = button(agree)
        self.cancel = button(self.tr("Close"))
        self.cancel.setDefault(True)
        self._build(self._words(trusted))
        self.names.currentIndexChanged.connect(self._show)
        self.agree.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self._show(0)

    def _words(self, trusted: bool) -> str:
        if trusted:
            return self.tr("You agreed that this code runs wherever the model is used on this machine.")
        return self.tr(
            "This model does not run without code of its own. Code can do whatever you can do on this machine. Your word holds "
            "for these very files; if they change, you are asked anew."
        )

    def _build(self, words: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(self.windowTitle(), "title"))
        column.addWidget(label(words, "muted", wrap=True))
        column.addWidget(self.names)
        column.addWidget(self.text, 1)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self.agree)
        row.addWidget(self.cancel)
        column.addLayout(row)
        self.cancel.setFocus()

    def _show(self, place: int) -> None:
        self.text.setPlainText(self._files[place].text if 0 <= place < len(self._files) else "")
