"""The constitution as the file it is: every comment and blank line stays, and a mistake is told with its line."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from ui.edit_menu import undone_by_page
from ui.widgets.texts import label, show_in_place


class YamlEdit(QWidget):
    """An editor of the whole text; edited tells that the person typed."""

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._showing = False
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(self.tr("The constitution as YAML"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setTabChangesFocus(True)  # YAML knows no tabs, and the keyboard must get out
        undone_by_page(self.text)
        self.problem = label(part="bad", wrap=True)
        self.problem.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.text, 1)
        column.addWidget(self.problem)
        self.text.textChanged.connect(self._typed)

    def show_text(self, text: str) -> None:
        """Show a text that comes from elsewhere; where the view stands is kept."""
        if text == self.text.toPlainText():
            return
        self._showing = True
        show_in_place(self.text, text)
        self._showing = False

    def show_problem(self, sentence: str, line: int = 0) -> None:
        """Say why the text cannot be read, and mark the line that says so where there is one; or that it can be read."""
        self.text.setExtraSelections([self._mark(line)] if sentence and 0 < line <= self.text.blockCount() else [])
        self.problem.setText(f"✕ {sentence}")
        self.problem.setVisible(bool(sentence))

    def _mark(self, line: int) -> QTextEdit.ExtraSelection:
        """Return a line underlined as a misspelt word is."""
        cursor = QTextCursor(self.text.document().findBlockByNumber(line - 1))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        marked, form = QTextEdit.ExtraSelection(), QTextCharFormat()
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(self.palette().brightText().color())
        marked.cursor, marked.format = cursor, form
        return marked

    def _typed(self) -> None:
        if not self._showing:
            self.edited.emit()
