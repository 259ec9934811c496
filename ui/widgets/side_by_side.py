"""Two texts beside each other, each with what the other lacks marked."""

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.look.theme import Theme
from ui.widgets.diff_view import difference, form_of
from ui.widgets.texts import TextView, label


class SideBySide(QWidget):
    """Before on the left, after on the right."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._texts = ("", "")
        self.before, self.after = (
            TextView(self.tr("Text before the revision")),
            TextView(self.tr("Text after the revision")),
        )
        self._titles = (label(part="heading"), label(part="heading"))
        self.between = TextView(self.tr("Critique between the two texts"))
        self.between.setMaximumHeight(self.fontMetrics().lineSpacing() * 4 + 14)
        row = QHBoxLayout()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.between)
        outer.addLayout(row, 1)
        for title, view in zip(self._titles, (self.before, self.after), strict=True):
            column = QVBoxLayout()
            column.addWidget(title)
            column.addWidget(view, 1)
            row.addLayout(column, 1)
        theme.changed.connect(self._draw)

    def show_texts(self, titles: tuple[str, str], before: str, after: str, between: str = "") -> None:
        """Show two texts and what was said between them; the same ones again leave the reader where they are."""
        self.between.setVisible(bool(between))
        if between != self.between.toPlainText():
            self.between.setPlainText(between)
        for title, text in zip(self._titles, titles, strict=True):
            title.setText(text)
        if (before, after) != self._texts:
            self._texts = (before, after)
            self._draw()

    def _draw(self) -> None:
        pieces = list(difference(*self._texts))
        for view, other in ((self.before, "in"), (self.after, "out")):
            view.clear()
            cursor = QTextCursor(view.document())
            for kind, text in pieces:
                if kind != other:
                    cursor.insertText(text, form_of(kind, self._theme.colours))
            view.moveCursor(QTextCursor.MoveOperation.Start)
