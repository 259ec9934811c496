"""What a run was made with: from what and on what on the left, its settings on the right."""

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.texts import TextView, label


class ConfigView(QWidget):
    """Three texts to read and to copy from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.made = TextView(self.tr("What the run was made from"))
        self.settings = TextView(self.tr("Settings of the run"))
        self.machine = TextView(self.tr("What the run was done with"))
        left, right, both = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(self)
        for column, title, view in (
            (left, self.tr("Made from"), self.made),
            (left, self.tr("Machine"), self.machine),
            (right, self.tr("Settings"), self.settings),
        ):
            column.addWidget(label(title, "muted"))
            column.addWidget(view, 1)
        both.setContentsMargins(0, 8, 0, 0)
        both.addLayout(left, 1)
        both.addLayout(right, 1)

    def show_parts(self, made: str, settings: str, machine: str) -> None:
        """Show what a run was made from, its settings and what it was done with, a line each."""
        for view, text in ((self.made, made), (self.settings, settings), (self.machine, machine)):
            if view.toPlainText() != text:
                view.setPlainText(text)
