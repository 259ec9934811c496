"""The choice how many processes work a training: this one alone, or those of a configuration of accelerate, named or a file."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.file_dialogs import ask_for_file
from ui.widgets.texts import button, label
from workbench.runs.launchers import launchers_folder, named_launchers


class LauncherChoice(QWidget):
    """Editable, for a file can be written, too; empty is one process on this machine."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.addItems(["", *named_launchers()])
        self.box.setAccessibleName(self.tr("Launcher of several processes"))
        line = self.box.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("one process, on this machine alone"))
        self.file = button(self.tr("File…"), self.tr("Choose a launcher's configuration file"))
        tip = self.tr(
            "launcher: a configuration of accelerate, by which several processes, GPUs or machines train together: a file, or "
            "the name of one in {folder}. The command accelerate config makes one."
        ).format(folder=launchers_folder())
        said = label(self.tr("Launcher"), "muted")
        for one in (said, self.box, self.file):
            one.setToolTip(tip)
        self.box.setAccessibleDescription(tip)
        row, column = QHBoxLayout(), QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box, 1)
        row.addWidget(self.file)
        column.addWidget(said)
        column.addLayout(row)
        self.box.currentTextChanged.connect(lambda _: self.changed.emit())
        self.file.clicked.connect(self._ask)

    def text(self) -> str:
        """Return what is chosen or written; nothing is one process."""
        return self.box.currentText().strip()

    def show_text(self, text: str) -> None:
        """Choose or write a launcher."""
        self.box.setCurrentText(text)

    def _ask(self) -> None:
        kinds = self.tr("Configurations of accelerate (*.yaml *.yml)")
        start = self.text() if Path(self.text()).is_file() else launchers_folder()
        ask_for_file(self, self.tr("A launcher's configuration"), kinds, lambda file: self.show_text(str(file)), start)
