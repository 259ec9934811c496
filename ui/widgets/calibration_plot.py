"""The reliability diagram: how often people chose response a where the label gave it a probability."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

if TYPE_CHECKING:
    from workbench.measurement.calibration import ReliabilityBin


class CalibrationPlot(QWidget):
    """Points with their intervals beside the diagonal on which a calibrated judge lies."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bins: Sequence[ReliabilityBin] = ()
        self.plot = pg.PlotWidget(enableMenu=False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setRange(xRange=(0, 1), yRange=(0, 1), padding=0.03)
        self.plot.setAccessibleName(self.tr("Calibration of the labels"))
        for part in (self.plot, self.plot.viewport()):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(240, 200)
        self.setMaximumHeight(340)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.plot)
        self._draw()

    def show_bins(self, bins: "Sequence[ReliabilityBin]") -> None:
        """Show these bins."""
        self._bins = bins
        said = "; ".join(f"{one.mean_probability:.2f} → {one.observed.value:.2f} (n {one.n})" for one in bins)
        self.plot.setAccessibleDescription(said)
        self.plot.setToolTip(said)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the colours of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "plot"):
            self._draw()

    def _draw(self) -> None:
        palette = self.palette()
        ink, line, accent = palette.text().color(), palette.mid().color(), palette.highlight().color()
        self.plot.clear()
        self.plot.setBackground(palette.base().color())
        for side, words in (("bottom", self.tr("label's P(a)")), ("left", self.tr("people chose a"))):
            axis = self.plot.getAxis(side)
            axis.setPen(line)
            axis.setTextPen(ink)
            axis.setLabel(words, color=ink.name())
        self.plot.plot([0, 1], [0, 1], pen=pg.mkPen(line, style=Qt.PenStyle.DashLine))
        if not self._bins:
            return
        x = np.array([one.mean_probability for one in self._bins])
        y = np.array([one.observed.value for one in self._bins])
        low = np.array([one.observed.low for one in self._bins])
        high = np.array([one.observed.high for one in self._bins])
        self.plot.addItem(pg.ErrorBarItem(x=x, y=y, top=high - y, bottom=y - low, beam=0.02, pen=pg.mkPen(accent)))
        self.plot.plot(x, y, pen=pg.mkPen(accent), symbol="o", symbolSize=8, symbolBrush=accent, symbolPen=accent)
