"""What stands in the place of a pair when a blind sample is judged: what it says, and what can be done next."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.cards import CARD_LETTERS
from ui.widgets.review_keys import ReviewKeys
from ui.widgets.texts import button, counted, label, set_part

if TYPE_CHECKING:
    from workbench.project.judged_sample import JudgedSample, Pairing


class JudgedCard(QFrame):
    """Names the models for the first time; results, more and undo are for whoever owns the card to connect."""

    def __init__(self, keys: ReviewKeys, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "card")
        self.setMaximumWidth(CARD_LETTERS * self.fontMetrics().averageCharWidth())
        self.title, self.says, self.people = label(part="heading", wrap=True), label(wrap=True), label(wrap=True)
        self.results = button(
            self.tr("See all results"), self.tr("Show your judgements among the results"), primary=True
        )
        self.more = button("")
        self.undo = button("", self.tr("Take back the last judgement of the sample"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        for words in (self.title, self.says, self.people):
            column.addWidget(words)
        row = QHBoxLayout()
        for one in (self.results, self.more, self.undo):
            row.addWidget(one)
        row.addStretch(1)
        column.addLayout(row)
        self.show_keys(keys)

    def show_keys(self, keys: ReviewKeys) -> None:
        """Show which key takes the last judgement back."""
        self.undo.setText(self.tr("Undo the last [{key}]").format(key=keys.shown("undo")))

    def begin(self, size: int, more: int, undoable: bool) -> None:
        """Say that a sample of so many pairs is judged; so many more could be."""
        pairs = counted(size, self.tr("the 1 pair is"), self.tr("all {count} pairs of this sample are"))
        self.title.setText(self.tr("Done: {pairs} judged.").format(pairs=pairs))
        self.says.setText(self.tr("Counting…"))
        self.people.clear()
        self.more.setVisible(more > 0)
        self.more.setText(self.tr("Judge {count} more").format(count=f"{more:,}"))
        self.more.setAccessibleName(self.tr("Judge {count} more pairs").format(count=f"{more:,}"))
        self.undo.setVisible(undoable)

    def show_sample(self, found: "JudgedSample") -> None:
        """Tell what the sample says."""
        lines = [self._line(one) for one in found.pairings]
        if found.left_out:
            left_out = counted(found.left_out, self.tr("1 pair"), self.tr("{count} pairs"))
            lines.append(self.tr("{pairs} skipped or flagged, and so not counted.").format(pairs=left_out))
        self.says.setText("\n".join(lines))
        people = [
            self.tr(
                "{name} chose as you did in {rate:.0%} [{low:.0%}–{high:.0%}] of {n} pairs on which both chose."
            ).format(name=name, rate=one.value, low=one.low, high=one.high, n=one.n)
            for name, one in found.agreement.items()
        ]
        alone = self.tr("Nobody else has judged these pairs; under another name a second person gets the same sample.")
        self.people.setText("\n".join(people) or alone)
        set_part(self.people, "" if people else "muted")

    def _line(self, one: "Pairing") -> str:
        rate = one.rate.decided
        ties = self.tr("{share:.0%} ties").format(share=one.rate.ties.value)
        if rate is None:
            return self.tr("{newer} and {older}: all ties").format(newer=one.newer, older=one.older)
        verdict = (
            self.tr("better") if rate.low > 0.5 else self.tr("worse") if rate.high < 0.5 else self.tr("not told apart")
        )
        return self.tr("{newer} over {older}: {rate:.0%} [{low:.0%}–{high:.0%}] of {n} decided, {ties}: {verdict}").format(
            newer=one.newer, older=one.older, rate=rate.value, low=rate.low, high=rate.high, n=rate.n, ties=ties,
            verdict=verdict,
        )  # fmt: skip
