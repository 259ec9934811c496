"""What is doubtful, in a line at the foot of a page: the worst of it, and the rest for whoever asks."""

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ui.widgets.texts import button, label, set_part


class FindingsBar(QWidget):
    """Takes no more room than a line until somebody wants to see all; hidden where there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[str, ...] = ()
        self._told = label(wrap=True)
        self.all: QPushButton = button("", self.tr("Show or hide the other findings about the constitution"))
        set_part(self.all, "link")
        self.all.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._told, 1)
        row.addWidget(self.all)
        self.all.toggled.connect(lambda _: self._show())
        self.hide()

    def tell(self, lines: Sequence[str], part: str) -> None:
        """Say these, worst first, in the look of that part of the style sheet."""
        self._lines = tuple(lines)
        set_part(self._told, part)
        self._show()

    def text(self) -> str:
        """Return all there is to say, a finding a line."""
        return "\n".join(self._lines)

    def _show(self) -> None:
        rest = len(self._lines) - 1
        self.all.setVisible(rest > 0)
        self.all.setText(self.tr("Fewer") if self.all.isChecked() else self.tr("{count} more").format(count=rest))
        self._told.setText(self.text() if self.all.isChecked() else "".join(self._lines[:1]))
        self.setVisible(bool(self._lines))
