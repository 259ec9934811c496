"""An editor for one wording of a principle: slots nothing fills are marked, and what is doubtful stands below."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QFont, QResizeEvent, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ui.edit_menu import undone_by_page
from ui.look.theme import Theme
from ui.static_words import in_language
from ui.widgets.texts import label, set_part, show_in_place

if TYPE_CHECKING:
    from workbench.interchange.lint import Finding

_SLOT = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_SIGNS = {"error": "✕", "warning": "!", "note": "·"}
#: An editor shows so many lines at least and at most; a longer text scrolls.
_FEWEST_LINES, _MOST_LINES = 2, 9
#: Pixels that margins and frame take above and below the lines.
_AROUND = 16
_PARTS = {"error": "bad", "warning": "warning", "note": "muted"}


def findings_text(findings: "Sequence[Finding]") -> str:
    """Return findings one a line, each with the sign of how bad it is."""
    return "\n".join(f"{_SIGNS[one.severity]} {in_language(one.sentence)}" for one in findings)


def worst_part(findings: "Sequence[Finding]") -> str:
    """Return the part of the style sheet that the worst of some findings takes."""
    found = {one.severity for one in findings}
    return next((_PARTS[severity] for severity in ("error", "warning", "note") if severity in found), "muted")


def sign_of(findings: "Sequence[Finding]") -> str:
    """Return the sign of the worst of some findings."""
    found = {one.severity for one in findings}
    return next((sign for severity, sign in _SIGNS.items() if severity in found), "")


class SlotHighlighter(QSyntaxHighlighter):
    """Marks {slots}: nothing fills them in a wording, so the model would read them as they stand."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme
        theme.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:  # noqa: N802
        """Mark the slots of a line."""
        form = QTextCharFormat()
        form.setFontWeight(QFont.Weight.Bold)
        form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        form.setUnderlineColor(QColor(self._theme.colours.bad))
        form.setForeground(QColor(self._theme.colours.bad))
        for found in _SLOT.finditer(text):
            self.setFormat(found.start(), found.end() - found.start(), form)


class _Wording(QPlainTextEdit):
    """An editor as high as its text, within bounds: a whole wording is seen, and no box scrolls within a page that scrolls."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(self._height(_FEWEST_LINES))
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self._fit())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the lines that the text has at its new width; what is shown for the first time was laid out at none."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # The layout of a plain text tells its size in lines.
        lines = round(self.document().documentLayout().documentSize().height())
        height = self._height(min(max(lines, _FEWEST_LINES), _MOST_LINES))
        if height != self.minimumHeight():
            self.setMinimumHeight(height)
            self.updateGeometry()

    def _height(self, lines: int) -> int:
        return self.fontMetrics().lineSpacing() * lines + _AROUND

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(super().sizeHint().width(), self.minimumHeight())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(super().minimumSizeHint().width(), self.minimumHeight())


class WordingEdit(QWidget):
    """A heading, a text, and findings; edited tells that the person typed."""

    edited = Signal()

    def __init__(self, title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = _Wording()
        self.text.setAccessibleName(title)
        self.text.setTabChangesFocus(True)
        undone_by_page(self.text)
        self._marks = SlotHighlighter(self.text.document(), theme)
        self._findings = label(wrap=True)
        self._findings.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label(title, "heading"))
        column.addWidget(self.text, 1)
        column.addWidget(self._findings)
        self._known = ""
        self.text.textChanged.connect(self._typed)

    def show_text(self, text: str) -> None:
        """Show a text that comes from elsewhere; one that reads the same leaves the cursor where it is."""
        if self.text.toPlainText().strip() != text:
            self._known = text
            if self.text.hasFocus():
                show_in_place(self.text, text)
            else:
                self.text.setPlainText(text)

    def show_findings(self, findings: "Sequence[Finding]") -> None:
        """Show what is doubtful."""
        self._findings.setText(findings_text(findings))
        self._findings.setVisible(bool(findings))
        set_part(self._findings, worst_part(findings))

    @property
    def findings(self) -> str:
        """What is said to be doubtful."""
        return self._findings.text()

    def _typed(self) -> None:
        # Marking slots changes a document as well, later and without anybody typing.
        if self.text.toPlainText() != self._known:
            self._known = self.text.toPlainText()
            self.edited.emit()
