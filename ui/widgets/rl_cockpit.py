"""The cockpit of reinforcement learning: its signs in plain words with a shape each, and reward against the distance gone."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from ui.curves import RunCurves
from ui.look.theme import Theme
from ui.static_words import in_language
from ui.widgets.chart import Chart, run_colour
from ui.widgets.full_rows import lay_out
from ui.widgets.texts import label, letters, scrolling, set_part

if TYPE_CHECKING:
    from workbench.measurement.rl_health import Sign

_SHAPES = {"good": "●", "watch": "▲", "bad": "■", "unknown": "○"}
_PARTS = {"good": "good", "watch": "warning", "bad": "bad", "unknown": "muted"}
#: A card with room for fewer letters breaks its sentence into many lines.
_NARROWEST, _MOST_COLUMNS = 38, 3
_LOWEST_PATH = 220
_REWARD, _DISTANCE = "objective/scores", "objective/sqrt_kl"


class RlCockpit(QWidget):
    """A card for each sign: shape, word, sentence; below, the path of the policy."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._curves: list[RunCurves] = []
        self.signs: dict[str, str] = {}
        self._cards: list[QFrame] = []
        self._columns = 2
        self._grid = QGridLayout()
        self._grid.setSpacing(8)
        self.path = Chart(
            self.tr("Reward against √KL"),
            self.tr(
                "Each point is a batch. Reward rises about linearly in √KL at first (arXiv 2204.05862, section 4.3); "
                "where the path goes on to the right and no longer up, the policy is being over-optimised."
            ),
            theme,
        )
        self.path.save.hide()
        self.path.values.setText("")
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 8, 0, 0)
        rows.addLayout(self._grid)
        rows.addWidget(self.path, 1)
        self.path.setMinimumHeight(_LOWEST_PATH)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scrolling(content))
        theme.changed.connect(self._draw)

    def show_signs(self, signs: "Sequence[Sign]") -> None:
        """Show how a run fares."""
        words = {
            "good": self.tr("good"),
            "watch": self.tr("watch"),
            "bad": self.tr("bad"),
            "unknown": self.tr("unknown"),
        }
        self.signs = {sign.name: f"{_SHAPES[sign.level]} {words[sign.level]}" for sign in signs}
        for card in self._cards:
            self._grid.removeWidget(card)
            card.deleteLater()
        self._cards = [self._card(sign) for sign in signs]
        self._lay_out()

    def _card(self, sign: "Sign") -> QFrame:
        card = QFrame()
        set_part(card, "card")
        inner = QGridLayout(card)
        inner.setContentsMargins(10, 6, 10, 6)
        inner.addWidget(label(in_language(sign.name), "heading"), 0, 0)
        inner.addWidget(label(self.signs[sign.name], _PARTS[sign.level]), 0, 1)  # type: ignore[arg-type]
        inner.setColumnStretch(1, 1)
        inner.setRowStretch(2, 1)  # what a taller neighbour leaves empty stands below
        inner.addWidget(label(in_language(sign.sentence), wrap=True), 1, 0, 1, 2)
        return card

    def _lay_out(self) -> None:
        lay_out(self._cards, self._grid, 0, self._columns)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stand as many cards beside each other as have room."""
        super().resizeEvent(event)
        columns = max(1, min(_MOST_COLUMNS, self.width() // letters(self, _NARROWEST)))
        if columns != self._columns:
            self._columns = columns
            self._lay_out()

    def show_runs(self, runs: Sequence[RunCurves]) -> None:
        """Draw the paths of runs."""
        self._curves = [run for run in runs if run.count(_REWARD) and run.count(_DISTANCE)]
        self._draw()

    def _draw(self) -> None:
        plot = self.path.plot
        for item in plot.listDataItems():
            plot.removeItem(item)
        for place, run in enumerate(self._curves):
            distance, reward = run.curve(_DISTANCE), run.curve(_REWARD)
            count = min(len(distance.mean), len(reward.mean))
            colour = run_colour(place, self._theme.dark)
            dots = {"symbol": "otsdp"[place % 5], "symbolSize": 6, "symbolPen": None, "symbolBrush": colour}
            plot.plot(distance.mean[:count], reward.mean[:count], pen=pg.mkPen(colour, width=1), antialias=True, **dots)
        self.path.take_colours()
        plot.setLabel("bottom", self.tr("√KL to the reference"))
        plot.setLabel("left", self.tr("reward"))
        plot.enableAutoRange()
