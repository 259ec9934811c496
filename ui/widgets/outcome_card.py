"""What came of the method, in a few bars: how the newest evaluation's models compare, and the way to all of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.widgets.cards import CARD_LETTERS
from ui.widgets.texts import button, label, set_part

if TYPE_CHECKING:
    from workbench.project.outcome import Measured, Outcome

_THICK = 8
#: Pixels between what is measured one way and another.
_GAP = 6


class OutcomeCard(QFrame):
    """Shows an outcome; wants_more asks for the page that tells all of it."""

    wants_more = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "card")
        self.setMaximumWidth(CARD_LETTERS * self.fontMetrics().averageCharWidth())
        self._heading = label(part="heading")
        self.more = button(self.tr("Intervals and win rates"), self.tr("See the evaluation whole, with its intervals"))
        self.more.setMinimumHeight(0)
        set_part(self.more, "link")
        self.more.clicked.connect(self.wants_more.emit)
        head = QHBoxLayout()
        head.addWidget(self._heading, 1)
        head.addWidget(self.more)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(24, 18, 24, 18)
        self._column.setSpacing(10)
        self._column.addLayout(head)
        self._body: QWidget | None = None
        self._shown: Outcome | None = None
        self.hide()

    def show_outcome(self, outcome: "Outcome | None") -> None:
        """Show an outcome; without one the card is not there."""
        self.setVisible(outcome is not None)
        if outcome is None or outcome == self._shown:
            return
        self._shown = outcome
        self._heading.setText(self.tr("What came of it · {run}").format(run=outcome.run))
        if self._body is not None:
            self._body.deleteLater()
        self._body = self._filled(outcome.measured)
        self._column.addWidget(self._body)

    def _filled(self, measured: "Sequence[Measured]") -> QWidget:
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(5)
        grid.setColumnStretch(1, 1)
        for one in measured:
            row = grid.rowCount()
            grid.setRowMinimumHeight(row, _GAP if row > 1 else 0)
            row += 1
            title = label(self._title(one), "muted", wrap=True)
            title.setToolTip(self._meaning(one))
            grid.addWidget(title, row, 0, 1, 3)
            values = [level.mean for level in one.levels]
            for place, level in enumerate(one.levels, row + 1):
                name = label(level.model)
                name.setToolTip(self._maker(level.model))
                grid.addWidget(name, place, 0)
                grid.addWidget(LevelBar(level.mean, min(0.0, *values), max(0.0, *values)), place, 1)
                number = label(f"{level.mean:.2f}" + (f" ± {level.within:.2f}" if level.within is not None else ""))
                number.setToolTip(self.tr("The mean, and how far 95% intervals reach to both sides of it"))
                number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                grid.addWidget(number, place, 2)
        return made

    def _title(self, one: "Measured") -> str:
        words = {
            ("oracle", "harm"): self.tr("Mean harm on {n} red-team prompts, by the oracle · less is better"),
            ("oracle", "helpfulness"): self.tr(
                "Mean helpfulness on {n} helpful prompts, by the oracle · more is better"
            ),
        }
        predicted = {
            "red-team": self.tr(
                "Mean score on {n} red-team prompts, predicted by the preference model · more is better"
            ),
            "helpful": self.tr("Mean score on {n} helpful prompts, predicted by the preference model · more is better"),
        }
        text = words.get((one.judge, one.name)) or predicted[one.kind]
        return text.format(n=f"{max(level.answers for level in one.levels):,}")

    def _meaning(self, one: "Measured") -> str:
        if one.judge == "oracle":
            return self.tr(
                "The oracle knows the demo's small world: it reads from an answer what harm or help is in it."
            )
        return self.tr("The preference model's own score: what was trained by it is overestimated by it.")

    def _maker(self, model: str) -> str:
        return {
            "base": self.tr("The model as it was before any training"),
            "sl_cai": self.tr("SL-CAI: the model after SFT on the revisions"),
            "rl_cai": self.tr("RL-CAI: the model after RL by the preference model"),
            "dpo": self.tr("The model after DPO on the same pairs"),
        }.get(model, "")


class LevelBar(QWidget):
    """A number as a bar from nought, on a scale from the least to the most of those it stands among."""

    def __init__(self, value: float, least: float, most: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value, self._least, self._most = value, least, most
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """A line's height, and as wide as there is room."""
        return QSize(120, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the scale, then the bar."""
        painter, span = QPainter(self), (self._most - self._least) or 1.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        top, width = (self.height() - _THICK) / 2, self.width()
        ground = self.palette().mid().color()
        ground.setAlphaF(0.35)
        painter.setBrush(ground)
        painter.drawRoundedRect(QRectF(0, top, width, _THICK), _THICK / 2, _THICK / 2)
        start, end = sorted(width * (at - self._least) / span for at in (0.0, self._value))
        painter.setBrush(self.palette().highlight().color())
        painter.drawRoundedRect(QRectF(start, top, max(end - start, _THICK / 2), _THICK), _THICK / 2, _THICK / 2)
