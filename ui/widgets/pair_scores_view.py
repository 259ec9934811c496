"""What a preference model makes of the same few pairs while it learns, from its start to its end."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.user_settings import UserSettings
from ui.widgets.cover import Cover
from ui.widgets.reading_table import reading_table
from ui.widgets.texts import TextView, label

if TYPE_CHECKING:
    from workbench.project.samples import PinnedPair
    from workbench.records.pair_scores import PairScores


class PairScoresView(QWidget):
    """Choose a pair: its two responses above, a line for each look at it below."""

    #: The id of the pair that is looked at, and whether the texts are covered.
    looked_at = Signal(str, bool)

    def __init__(self, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pairs: Sequence[PinnedPair] = ()
        self.empty = label(part="muted", wrap=True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setText(
            self.tr(
                "A preference model scores a few pinned pairs as it learns. This run has told of none, or they are in an audit."
            )
        )
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Pinned pairs"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.responses = (TextView(self.tr("Response a")), TextView(self.tr("Response b")))
        self.course = label(part="heading", wrap=True)
        self.origin = label(part="muted", wrap=True)
        self.table = _table(self.tr("Scores of the pair by step"))
        self.table.setHorizontalHeaderLabels(
            [self.tr("Step"), self.tr("Score a"), self.tr("Score b"), self.tr("a better by"), self.tr("P(a)")]
        )
        self._whole = QSplitter()
        self._whole.addWidget(self.list)
        self.cover = Cover(self._right(), settings, self.tr("Show the covered responses of the pair"))
        self._whole.addWidget(self.cover)
        self._whole.setSizes([190, 580])
        self._whole.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self._whole, 1)
        self.list.currentRowChanged.connect(self._show)
        self.cover.revealed.connect(self._tell)
        self.show_pairs(())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Tell what is looked at."""
        super().showEvent(event)
        self._tell()

    def _tell(self) -> None:
        row = self.list.currentRow()
        if self.isVisible() and 0 <= row < len(self._pairs):
            self.looked_at.emit(self._pairs[row].id, self.cover.covered)

    def show_pairs(self, pairs: "Sequence[PinnedPair]") -> None:
        """Show pinned pairs with their scores; the chosen one stays chosen while scores come."""
        if pairs == self._pairs and pairs:
            self._tell()
            return
        same = [one.id for one in pairs] == [one.id for one in self._pairs]
        self._pairs = pairs
        self._whole.setVisible(bool(pairs))
        self.empty.setVisible(not pairs)
        if not same:
            self.list.clear()
            self.list.addItems([one.prompt for one in pairs])
            self.list.setCurrentRow(0 if pairs else -1)
        self._show(self.list.currentRow())

    def _right(self) -> QWidget:
        inner = QWidget()
        column, texts = QVBoxLayout(inner), QHBoxLayout()
        column.setContentsMargins(8, 0, 0, 0)
        for name, view in zip("ab", self.responses, strict=True):
            side = QVBoxLayout()
            side.addWidget(label(name, "heading"))
            side.addWidget(view, 1)
            texts.addLayout(side, 1)
        column.addLayout(texts, 3)
        column.addWidget(self.course)
        column.addWidget(self.origin)
        column.addWidget(self.table, 2)
        return inner

    def _show(self, row: int) -> None:
        if not 0 <= row < len(self._pairs):
            return
        pair = self._pairs[row]
        self.cover.look(pair.id, pair.kind)
        for view, text in zip(self.responses, (pair.response_a, pair.response_b), strict=True):
            if view.toPlainText() != text:
                view.setPlainText(text)
        self._tell()
        first, last = pair.scores[0], pair.scores[-1]
        self.course.setText(
            self.tr("P(a is better) went from {first:.2f} at step {begin} to {last:.2f} at step {end}").format(
                first=_likely(first), begin=first.step, last=_likely(last), end=last.step
            )
        )
        held_out = self.tr("Held out: the model is measured on this pair and never learns it.")
        learnt = self.tr("The model learns this pair: it may come to know it by heart.")
        self.origin.setText(held_out if last.held_out else learnt)
        self.table.setRowCount(len(pair.scores))
        for place, scores in enumerate(pair.scores):
            numbers = (scores.score_a, scores.score_b, scores.score_a - scores.score_b)
            cells = [str(scores.step), *(f"{number:+.2f}" for number in numbers), f"{_likely(scores):.2f}"]
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(place, column, item)


def _likely(scores: "PairScores") -> float:
    return 1 / (1 + math.exp(max(-60.0, min(60.0, scores.score_b - scores.score_a))))


def _table(name: str) -> QTableWidget:
    table = reading_table(name, 5)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    return table
