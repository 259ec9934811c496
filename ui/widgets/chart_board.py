"""The charts of some runs: grouped, on one axis, looked at in one way."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby
from math import isnan, nan
from time import perf_counter

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from ui.curves import RunCurves
from ui.look.theme import Theme
from ui.static_words import in_language
from ui.widgets.chart import Chart, View
from ui.widgets.full_rows import lay_out
from ui.widgets.texts import button, label, letters
from workbench.records.metric_words import in_order, words_of

#: In letters. A chart that is narrower tells little; wider ones leave room for another beside them.
_NARROWEST, _MOST_COLUMNS = 43, 4
#: Charts are drawn so long at a time; making one takes as much, and a dozen in one go would hold up the window.
_TURN_SECONDS = 0.02


class ChartBoard(QWidget):
    """A chart for every number that has a course; what was told once stands in a line above."""

    #: The names whose values are to be saved.
    wants_csv = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs: list[RunCurves] = []
        self.charts: dict[str, Chart] = {}
        self.axis = QComboBox()
        for key, text in (
            ("step", self.tr("over steps")),
            ("tokens", self.tr("over tokens")),
            ("time", self.tr("over minutes")),
        ):
            self.axis.addItem(text, key)
        self.axis.setAccessibleName(self.tr("What the charts run over"))
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 98)
        self.smoothing.setFixedWidth(letters(self.smoothing, 20))
        self.smoothing.setAccessibleName(self.tr("How much the charts are smoothed"))
        self.log = QCheckBox(self.tr("log"))
        self.log.setAccessibleName(self.tr("Heights as logarithms"))
        self.save = button(self.tr("All as CSV…"), self.tr("Save all as CSV"))
        self.figures = label(part="muted", wrap=True)
        self._grid = QGridLayout()
        self._grid.setSpacing(14)
        self._columns = 2
        self._headings: list[QWidget] = []
        #: What is to be drawn anew, what has waited longest first.
        self._stale: dict[str, None] = {}
        self._end = 1.0
        self._pointed: float | None = None
        #: Not while the window is painting.
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._draw_in_view)
        self._build()
        self.axis.currentIndexChanged.connect(lambda _: self.point_at(nan))
        self.axis.currentIndexChanged.connect(self._redraw)
        self.smoothing.valueChanged.connect(self._redraw)
        self.log.toggled.connect(self._redraw)
        self.save.clicked.connect(lambda: self.wants_csv.emit(tuple(self.charts)))
        theme.changed.connect(self._redraw)

    def _build(self) -> None:
        bar = QHBoxLayout()
        for one in (self.axis, label(self.tr("smooth"), "muted"), self.smoothing, self.log):
            bar.addWidget(one)
        bar.addStretch(1)
        bar.addWidget(self.save)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.addLayout(self._grid)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 6, 0, 0)
        whole.addLayout(bar)
        whole.addWidget(self.figures)
        whole.addWidget(area, 1)

    @property
    def view(self) -> View:
        """How the charts are looked at."""
        return View(self.axis.currentData(), self.smoothing.value() / 100, self.log.isChecked())

    def show_runs(self, runs: Sequence[RunCurves], over: bool = False) -> None:
        """Draw the curves of runs, each in its colour and stroke; over says that no more numbers come."""
        self._runs = list(runs)
        names = in_order(list(dict.fromkeys(name for run in runs for name in run.names())))
        drawn = [name for name in names if any(run.count(name) > 1 for run in runs)]
        if drawn != list(self.charts):
            self._lay_out(drawn)
        self.save.setEnabled(bool(names))
        self._say_figures([name for name in names if name not in drawn])
        if not names:
            none = self.tr("No numbers: it ended before its first step.")
            none = none if over else self.tr("No numbers yet: they come with the first step.")
            self.figures.setText(none if runs and all(run.reached for run in runs) else self.tr("Reading the numbers…"))
            self.figures.show()
        self._redraw()

    def point_at(self, x: float) -> None:
        """Show all charts' values at a place of the axis."""
        self._pointed = None if isnan(x) else x
        for chart in self.charts.values():
            chart.point_at(self._pointed)

    def _lay_out(self, names: Sequence[str]) -> None:
        for gone in set(self.charts) - set(names):
            _take_away(self.charts.pop(gone))
        for heading in self._headings:
            _take_away(heading)
        self._headings = []
        kept: Mapping[str, Chart] = {name: self.charts.get(name) or self._make(name) for name in names}
        self.charts = dict(kept)
        row = 0
        for group, grouped in groupby(self.charts, lambda name: words_of(name).group):
            heading = label(in_language(group), "muted")
            self._headings.append(heading)
            self._grid.addWidget(heading, row, 0, 1, -1)
            row = lay_out([self.charts[name] for name in grouped], self._grid, row + 1, self._columns)

    def _fit(self) -> None:
        """Stand as many charts beside each other as have room."""
        columns = max(1, min(_MOST_COLUMNS, self.width() // letters(self, _NARROWEST)))
        if columns != self._columns:
            self._columns = columns
            self._lay_out(list(self.charts))

    def _make(self, name: str) -> Chart:
        words = words_of(name)
        chart = Chart(in_language(words.title), f"{in_language(words.meaning)}\n{name}".strip(), self._theme)
        chart.pointed.connect(self.point_at)
        chart.wants_csv.connect(partial(self.wants_csv.emit, (name,)))
        chart.exposed.connect(partial(self._have_exposed, name))
        return chart

    def _say_figures(self, names: Sequence[str]) -> None:
        said = []
        for run in self._runs:
            there = [(name, run.last(name)) for name in names]
            # Nothing left out is nothing to say.
            there = [(name, value) for name, value in there if value or name != "rows_left_out"]
            found = [f"{_title(name)} {self._figure(name, value)}" for name, value in there if value is not None]
            if found:
                said.append(f"{run.run_id}: " + " · ".join(found))
        self.figures.setText("\n".join(said))
        self.figures.setVisible(bool(said))

    def _figure(self, name: str, value: float) -> str:
        if name == "eval_ready":  # which is kept as a number, as all metrics are
            return self.tr("yes") if value else self.tr("no: see Readiness")
        return f"{value:.4g}"

    def _redraw(self) -> None:
        """Draw anew what is in view; what is not waits until it is scrolled to."""
        waiting = [name for name in self._stale if name in self.charts]
        self._stale = dict.fromkeys([*waiting, *self.charts])
        self._end = self._furthest()
        self._draw_in_view()

    def _have_exposed(self, name: str) -> None:
        """Draw what has come into view, by being scrolled to or laid out or because the page is shown."""
        if name in self._stale:
            self._later.start()

    def _draw_in_view(self) -> None:
        """Draw what is in view, for one turn; what is left has its turn after the window's other events."""
        view, until = self.view, perf_counter() + _TURN_SECONDS
        for name in [name for name in self._stale if not self.charts[name].visibleRegion().isEmpty()]:
            chart = self.charts[name]
            chart.show_curves([(run, run.curve(name, view.axis)) for run in self._runs], view)
            chart.plot.setXRange(0, self._end, padding=0.02)
            chart.point_at(self._pointed)
            del self._stale[name]
            if perf_counter() >= until:
                self._later.start()
                return

    def _furthest(self) -> float:
        """Return where on the axis the longest curve ends."""
        last = (run.curve(name, self.view.axis).x[-1] for name in self.charts for run in self._runs if run.count(name))
        return max(map(float, last), default=1.0) or 1.0

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Stand the charts anew."""
        super().resizeEvent(event)
        self._fit()


def _title(name: str) -> str:
    words = words_of(name)
    title = in_language(words.title)
    return f"{in_language(words.group)}: {title}" if words.group == "Alarms" else title


def _take_away(widget: QWidget) -> None:
    """Hide a widget at once and delete it when nothing works with it any more."""
    widget.hide()
    widget.deleteLater()
