"""What all selected pairs are to be, and why: one decision at once, with a reason for whoever reads the history."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from ui.tables.pairs_model import decision_words
from ui.widgets.texts import button, counted, label


class OverrideRow(QWidget):
    """Takes nothing while pairs are selected of which none is, without a reason, or while an override is under way."""

    #: The decision, and the reason.
    wanted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count, self._busy = 0, False
        self.chosen = label(part="muted")
        self.decision, self.reason = QComboBox(), QLineEdit()
        self.apply = button(self.tr("Override"), self.tr("Override the selected pairs"))
        for name, words in decision_words().items():
            self.decision.addItem(words, name)
        self.decision.setAccessibleName(self.tr("What the selected pairs are to be"))
        self.reason.setPlaceholderText(self.tr("Why? A line for whoever reads the history"))
        self.reason.setAccessibleName(self.tr("Reason for the override"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.chosen)
        row.addWidget(self.decision)
        row.addWidget(self.reason, 1)
        row.addWidget(self.apply)
        self.apply.clicked.connect(self.want)
        self.reason.textChanged.connect(self._show)
        self.reason.returnPressed.connect(self.want)
        self._show()

    def want(self) -> None:
        """Ask for the override, or for the reason where there is none."""
        if self.apply.isEnabled():
            self.wanted.emit(str(self.decision.currentData()), self.reason.text())
        elif not self._busy:
            self.reason.setFocus()

    def show_count(self, count: int) -> None:
        """Take how many pairs are selected."""
        self._count = count
        self._show()

    def begin(self) -> None:
        """Say that it is under way: of 100,000 pairs it takes seconds, in which nobody is to ask for it again."""
        self._busy = True
        self._show()

    def end(self, well: bool) -> None:
        """Be ready for the next; the reason stays where it did not go well."""
        self._busy = False
        if well:
            self.reason.setText("")  # not clear(), which the line's own undo would take back
        self._show()

    def _show(self) -> None:
        why = self.reason.text().strip()
        going = counted(self._count, self.tr("Overriding 1 pair …"), self.tr("Overriding {count} pairs …"))
        self.chosen.setText(going if self._busy else self.tr("{count} selected:").format(count=f"{self._count:,}"))
        for widget in (self.decision, self.reason):
            widget.setEnabled(not self._busy)
        self.apply.setEnabled(self._count > 0 and bool(why) and not self._busy)
        none = self.tr("Select pairs first: click, Shift and arrows, Ctrl+A.")
        self.apply.setToolTip(none if not self._count else "" if why else self.tr("Say why first."))
