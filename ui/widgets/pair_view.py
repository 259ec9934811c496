"""Two answers side by side, with the prompt above and the question that is asked about them."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.user_settings import UserSettings
from ui.widgets.cover import Cover
from ui.widgets.texts import TextView, label

if TYPE_CHECKING:
    from workbench.project.reviewing import ReviewItem


class PairView(QWidget):
    """Shows a pair as a reviewer sees it: who wrote which answer is not told."""

    def __init__(self, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.prompt = TextView(self.tr("The prompt"))
        self.left, self.right = TextView(self.tr("Answer A, left")), TextView(self.tr("Answer B, right"))
        self.question = label(part="heading", wrap=True)
        self.hint = label(part="warning", wrap=True)
        self.label_words = label(part="muted", wrap=True)
        self._words = label(part="muted"), label(part="muted")
        self.prompt.setMaximumHeight(self.fontMetrics().lineSpacing() * 5)
        answers = QWidget()
        pair = QHBoxLayout(answers)
        pair.setContentsMargins(0, 0, 0, 0)
        self.cover = Cover(answers, settings, self.tr("Show the covered answers of the pair"))
        for title, words, view in zip((self.tr("A"), self.tr("B")), self._words, (self.left, self.right), strict=True):
            side, above = QVBoxLayout(), QHBoxLayout()
            above.addWidget(label(title, "heading"))
            above.addSpacing(4)
            above.addWidget(words)
            above.addStretch(1)
            side.addLayout(above)
            side.addWidget(view)
            pair.addLayout(side, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.prompt)
        column.addWidget(self.question)
        column.addWidget(self.cover, 1)
        for part in (self.hint, self.label_words):
            column.addWidget(part)

    def show_pair(self, item: "ReviewItem", side: str, label_words: str = "", hint: str = "") -> None:
        """Show a pair with its first response on the side it was drawn for."""
        self.cover.look(item.comparison.id, item.kind)
        texts = (item.comparison.response_a, item.comparison.response_b)
        left, right = texts if side == "ab" else texts[::-1]
        for view, text in ((self.prompt, item.prompt), (self.left, left), (self.right, right)):
            if view.toPlainText() != text:
                view.setPlainText(text)
        for words, text in zip(self._words, (left, right), strict=True):
            words.setText(self.tr("{count} words").format(count=len(text.split())))
        self._say(item.question, label_words, hint)

    def take_focus(self) -> None:
        """Have keys go to the left answer, or to the button that shows it."""
        self.cover.take_focus(self.left)

    def clear(self) -> None:
        """Show no pair."""
        self.cover.look("", "")
        for view in (self.prompt, self.left, self.right):
            view.setPlainText("")
        for words in self._words:
            words.clear()
        self._say("", "", "")

    def _say(self, question: str, label_words: str, hint: str) -> None:
        for part, text in ((self.question, question), (self.label_words, label_words), (self.hint, hint)):
            part.setText(text)
            part.setVisible(bool(text))
