"""What is told of the last answer: the answer, the label in both orders, its principle, the preference model, the last ten."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ui.widgets.review_keys import ReviewKeys, key_words
from ui.widgets.texts import button, label, set_part

if TYPE_CHECKING:
    from workbench.project.reviewing import ReviewItem
    from workbench.records.comparison import Decision, Label, Review

_MOST = 10
_SHORT = {"a_much": "A+", "a": "A", "tie": "=", "b": "B", "b_much": "B+", "both_bad": "0", "skip": "–", "flag": "⚑"}


class RevealStrip(QWidget):
    """One line on the last answer, and the last ten answers as buttons that bring their pair back."""

    go_on = Signal()
    #: How many answers ago.
    wanted = Signal(int)

    def __init__(self, keys: ReviewKeys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.mine, self.theirs = label(wrap=True), label(part="muted", wrap=True)
        self.change_button = button("")
        self.change_button.clicked.connect(lambda: self.wanted.emit(0))
        self.next_button = button("")
        self.next_button.setAccessibleName(key_words()["next"])
        self.next_button.clicked.connect(self.go_on.emit)
        self.next_button.hide()
        self.recent = [QToolButton() for _ in range(_MOST)]
        row, texts, ten = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.mine)
        texts.addWidget(self.theirs)
        row.addLayout(texts, 1)
        row.addWidget(self.change_button)
        row.addWidget(self.next_button)
        ten.setSpacing(3)
        self._ten = label(self.tr("Last ten"), "muted")
        ten.addWidget(self._ten)
        for ago, one in enumerate(self.recent):
            one.setAccessibleName(self.tr("Answer {ago} back").format(ago=ago + 1))
            one.clicked.connect(lambda _=False, ago=ago: self.wanted.emit(ago))
            ten.addWidget(one)
        ten.addStretch(1)
        # What comes with the first answer has its room before it: the buttons above stay where the pointer is.
        for first in (self._ten, self.recent[0]):
            kept = first.sizePolicy()
            kept.setRetainSizeWhenHidden(True)
            first.setSizePolicy(kept)
        row.addStrut(self.next_button.sizeHint().height())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addLayout(ten)
        self.show_keys(keys)
        self.clear()

    @property
    def text(self) -> str:
        """What it tells of the last answer."""
        return f"{self.mine.text()} {self.theirs.text()}".strip()

    def show_keys(self, keys: ReviewKeys) -> None:
        """Show which key changes an answer."""
        self.change_button.setText(self.tr("Change my answer [{key}]").format(key=keys.shown("change")))
        self.next_button.setText(self.tr("Next [{key}]").format(key=keys.shown("next")))

    def clear(self) -> None:
        """Tell nothing: nobody has answered yet."""
        self.mine.clear()
        self.theirs.clear()
        self.change_button.hide()
        self.show_recent([])

    def say(self, text: str) -> None:
        """Tell something else than an answer."""
        self.mine.setText(text)
        self.theirs.clear()
        self.change_button.hide()

    def show_answer(self, item: "ReviewItem", made: "Review", tells: bool, changes: bool) -> None:
        """Tell what was answered, what the label says unless that would teach an audit's reviewer, and how to change it."""
        answer = _words(made)
        said = self.tr("You: {answer} ({seconds:.1f} s)").format(answer=answer, seconds=made.seconds)
        self.change_button.setVisible(changes)
        if not tells:
            self.mine.setText(self.tr("{said}. The label is shown when the whole sample is done.").format(said=said))
            self.theirs.clear()
            set_part(self.mine, "")
            return
        verdict, part = _verdict(item, made)
        self.mine.setText(f"{verdict}   {said}" if verdict else said)
        set_part(self.mine, part)
        self.theirs.setText(label_words(item, made.side_shown))

    def show_recent(self, given: "Sequence[tuple[Review, ReviewItem | None]]", answered: bool = False) -> None:
        """Show the last ten answers, the newest first; an item tells whether the label agrees, None keeps it hidden.

        Where the pair in hand is answered, there is a button that leaves it as it is.
        """
        self.next_button.setVisible(answered)
        self._ten.setVisible(bool(given))
        for place, one in enumerate(self.recent):
            one.setVisible(place < len(given))
            if place < len(given):
                made, item = given[place]
                mark = _verdict(item, made)[0][:1] if item else ""
                one.setText(mark + _SHORT.get(_shown(made), "?"))
                agrees = {"✓": self.tr(", as the label"), "✗": self.tr(", against the label")}.get(mark, "")
                said = self.tr("Answer {ago} back: {answer}{agrees}. Look at its pair again")
                one.setAccessibleName(said.format(ago=place + 1, answer=_words(made), agrees=agrees))
                one.setToolTip(one.accessibleName())


def label_words(item: "ReviewItem", side: str) -> str:
    """Tell what the label and the preference model say, of left (A) and right (B)."""
    if item.label is None:
        return _tr("It has no label.")
    parts = [_label_said(item.label, side), _orders(item.label, side)]
    parts.append(_tr("by {principles}").format(principles=", ".join(item.label.principle_ids)))
    margin = item.margin
    if margin is not None:
        margin = margin if side == "ab" else -margin
        better = "A" if margin > 0 else "B"
        parts.append(_tr("preference model: {better} by {margin:.1f}").format(better=better, margin=abs(margin)))
    return " · ".join(filter(None, parts))


def _label_said(made: "Label", side: str) -> str:
    probability = made.probability_a if side == "ab" else 1 - made.probability_a
    choice = _tr("undecided") if _undecided(made) else "A" if probability > 0.5 else "B"
    digits = 3 if 0 < abs(probability - 0.5) < 0.005 else 2
    return _tr("AI: P(A) = {probability} → {choice}").format(probability=f"{probability:.{digits}f}", choice=choice)


def _undecided(made: "Label") -> bool:
    """Whether a label is a half as far as it is shown: who chose a side neither agrees with it nor disagrees."""
    return round(made.probability_a, 3) == 0.5


def _orders(made: "Label", side: str) -> str:
    means = []
    for order in ("ab", "ba"):
        odds = [one.logprob_a - one.logprob_b for one in made.answers if one.order == order]
        if not odds or not all(map(math.isfinite, odds)):
            return ""
        mean = sum(odds) / len(odds) * (1 if side == "ab" else -1)
        means.append(1 / (1 + math.exp(-max(-60.0, min(60.0, mean)))))
    stable = _tr("the orders disagree") if made.order_flip else _tr("stable")
    return _tr("orders {one:.2f} / {other:.2f} ({stable})").format(one=means[0], other=means[1], stable=stable)


def _verdict(item: "ReviewItem", made: "Review") -> tuple[str, str]:
    """Whether answer and label agree, as mark and word, and how it looks; nothing where either is undecided."""
    decision = made.decision.removesuffix("_much")
    if item.label is None or decision not in ("a", "b") or _undecided(item.label):
        return "", ""
    agrees = (item.label.probability_a > 0.5) == (decision == "a")
    return (_tr("✓ agree"), "good") if agrees else (_tr("✗ disagree"), "warning")


def _words(made: "Review") -> str:
    return key_words().get(_shown(made), _shown(made))


def _shown(made: "Review") -> "Decision":
    from workbench.project.reviewing import decided  # noqa: PLC0415

    return decided(made.decision, made.side_shown)


def _tr(text: str) -> str:
    return QCoreApplication.translate("reveal", text)
