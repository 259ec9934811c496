"""One number of some runs over steps, tokens or time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ui.curves import Axis, Curve, Floats, RunCurves, smoothed
from ui.look.theme import Theme
from ui.widgets.texts import label, letters, set_part

#: Runs in one chart differ in colour and in the stroke of their line.
_LIGHT = ("#2357c4", "#b45309", "#0f766e", "#9d174d", "#4d7c0f", "#6d28d9")
_DARK = ("#82abff", "#f0b060", "#5cd0c0", "#f48fb1", "#a8d060", "#b9a0ff")
STROKES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
    Qt.PenStyle.DashDotDotLine,
)
#: Fewer points than these are marked by dots; lines through more than so many are thin, since Qt is slow to draw wide ones.
_FEW, _MANY = 40, 300
_WIDTH = 2
#: How the strokes look in words' company.
STROKE_MARKS = ("━━", "╍╍", "┈┈", "━·", "━··")


@dataclass(frozen=True)
class View:
    """How charts are looked at: the axis below, how much is smoothed, and whether heights are logarithms."""

    axis: Axis = "step"
    smoothing: float = 0.0
    log: bool = False


def run_colour(place: int, dark: bool) -> QColor:
    """Return the colour of the run in a place."""
    colours = _DARK if dark else _LIGHT
    return QColor(colours[place % len(colours)])


class Chart(QWidget):
    """A plot under its title, with the values under the cursor beside it; pointed tells where on the axis the cursor is."""

    pointed = Signal(float)
    wants_csv = Signal()
    #: It is being painted, in whole or in part.
    exposed = Signal()

    def __init__(self, title: str, meaning: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self._theme = theme
        self._lines: list[tuple[RunCurves, Floats, Floats]] = []
        #: Of each run what was told, and before it the line.
        self._items: list[tuple[Any, Any]] = []
        self.values = label(part="muted")
        self.values.setMinimumWidth(letters(self.values, 3))
        self.values.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.save = QToolButton()
        self.save.setText("CSV")
        set_part(self.save, "small")
        self.save.setAccessibleName(self.tr("Save as CSV: {title}").format(title=title))
        self.save.setToolTip(self.tr("Save this chart's values as CSV"))
        self.save.clicked.connect(self.wants_csv.emit)
        heading = label(title, "heading")
        for one in (heading, self):
            one.setToolTip(meaning)
        top = QHBoxLayout()
        top.addWidget(heading, 1)
        top.addWidget(self.save)
        self._plot: pg.PlotWidget | None = None
        self._cursor = pg.InfiniteLine(movable=False)
        self._cursor.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(top)
        self._column.addWidget(self.values)
        self._column.addStretch(0)
        self.setMinimumSize(letters(self, 25), 200)

    @property
    def plot(self) -> pg.PlotWidget:
        """The plot; it is made when it is first drawn in, for a board has dozens and few of them are ever in view."""
        if self._plot is None:
            self._plot = plot = _plot(self.title)
            plot.addItem(self._cursor, ignoreBounds=True)
            plot.scene().sigMouseMoved.connect(self._moved)
            plot.installEventFilter(self)
            self._column.addWidget(plot, 1)
            self.setTabOrder(self.save, plot)
        return self._plot

    def show_curves(self, runs: Sequence[tuple[RunCurves, Curve]], view: View) -> None:
        """Draw a curve of each run: smoothed as a line, as it was told behind it."""
        while len(self._items) > len(runs):
            for item in self._items.pop():
                self.plot.removeItem(item)
        while len(self._items) < len(runs):
            self._items.append((self.plot.plot(connect="finite"), self.plot.plot(connect="finite")))
        self.plot.setLogMode(False, view.log)
        self._lines = []
        for place, (run, curve) in enumerate(runs):
            line = _positive(smoothed(curve.mean, view.smoothing), view.log)
            behind, before = self._items[place]
            differs = view.smoothing > 0 or not np.array_equal(curve.low, curve.high)
            behind.setData(*(_zigzag(curve, view.log) if differs else ([], [])))
            dots = {"symbol": "o" if len(curve.x) < _FEW else None, "symbolSize": 5, "symbolPen": None}
            before.setData(curve.x, line, antialias=len(curve.x) < _MANY, **dots)
            self._lines.append((run, curve.x, line))
        self.take_colours()

    def point_at(self, x: float | None) -> None:
        """Show each run's value at a place of the axis; None shows the last ones."""
        self._cursor.setVisible(x is not None)
        if x is not None:
            self._cursor.setValue(x)
        said = []
        for place, (_, xs, values) in enumerate(self._lines):
            if not len(xs):
                continue
            at = len(xs) - 1 if x is None else int(np.abs(xs - x).argmin())
            mark = f"{STROKE_MARKS[place % len(STROKE_MARKS)]} " if len(self._lines) > 1 else ""
            said.append(f"{mark}{values[at]:.4g}")
        self.values.setText("   ".join(said))

    def take_colours(self) -> None:
        """Take the colours in force."""
        if self._plot is None:
            return
        colours = self._theme.colours
        self.plot.setBackground(colours.paper)
        for side in ("left", "bottom"):
            self.plot.getAxis(side).setPen(colours.border)
            self.plot.getAxis(side).setTextPen(colours.muted)
        self._cursor.setPen(pg.mkPen(colours.muted, width=1, style=Qt.PenStyle.DashLine))
        for place, (behind, before) in enumerate(self._items):
            colour, faint = run_colour(place, self._theme.dark), run_colour(place, self._theme.dark)
            faint.setAlpha(80)
            behind.setPen(pg.mkPen(faint, width=1))
            pen = pg.mkPen(colour, width=_WIDTH if len(self._lines[place][1]) < _MANY else 1)
            pen.setStyle(STROKES[place % len(STROKES)])
            before.setPen(pen)
            before.setSymbolBrush(colour)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Tell that it is in view."""
        super().paintEvent(event)
        self.exposed.emit()

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: N802
        """Move the cursor with the arrow keys, and hide it when the mouse leaves."""
        if event.type() == QEvent.Type.Leave:
            self.pointed.emit(float("nan"))
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
            if step is not None and self._lines and len(self._lines[0][1]):
                xs = self._lines[0][1]
                now = self._cursor.value() if self._cursor.isVisible() else xs[-1]
                at = int(np.abs(xs - now).argmin()) + step
                self.pointed.emit(float(xs[max(0, min(len(xs) - 1, at))]))
                return True
        return False

    def _moved(self, place: QPointF) -> None:
        if self.plot.sceneBoundingRect().contains(place):
            self.pointed.emit(float(self.plot.getPlotItem().vb.mapSceneToView(place).x()))


def _plot(title: str) -> pg.PlotWidget:
    plot = pg.PlotWidget(enableMenu=False)
    plot.setAccessibleName(title)
    plot.setFrameShape(pg.PlotWidget.Shape.NoFrame)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    plot.getPlotItem().layout.setContentsMargins(0, 8, 10, 2)  # else the outermost numbers are cut
    plot.getAxis("left").setWidth(letters(plot, 9))
    plot.getAxis("left").enableAutoSIPrefix(False)
    plot.getAxis("bottom").enableAutoSIPrefix(False)
    # The wheel scrolls the board the chart lies on.
    plot.wheelEvent = lambda event: event.ignore()
    return plot


def _positive(values: Floats, log: bool) -> Floats:
    return np.where(values > 0, values, np.nan) if log else values


def _zigzag(curve: Curve, log: bool) -> tuple[Floats, Floats]:
    """Return the lowest and highest values of each place in turn, so that no spike is lost."""
    x = np.repeat(curve.x, 2)
    y = np.column_stack([curve.low, curve.high]).ravel()
    return x, _positive(y, log)
