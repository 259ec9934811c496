"""The list of trainings: one is looked at, others can be laid over it, and what they were set to is compared."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.look.theme import Theme
from ui.static_words import in_language
from ui.tables.runs_model import progress_text, state_text
from ui.tips import plain_tip
from ui.widgets.chart import STROKE_MARKS, STROKES, run_colour
from ui.widgets.list_rows import told_below
from ui.widgets.reading_table import reading_table
from ui.widgets.texts import label, letters
from workbench.records.metric_words import words_of

if TYPE_CHECKING:
    from ui.run_watch import RunNow
    from workbench.project.training_outcomes import TrainingOutcome

_ID = Qt.ItemDataRole.UserRole


class TrainingRuns(QWidget):
    """Runs, newest first; a tick lays a run's curves over those of the chosen one."""

    #: The id of the run to look at.
    chosen = Signal(str)
    #: Other runs are to be drawn.
    laid_over = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._runs: dict[str, RunNow] = {}
        self._outcomes: Mapping[str, TrainingOutcome] = {}
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Trainings; a tick lays a run's curves over the others"))
        self.list.setIconSize(QSize(26, 14))
        self.list.setSpacing(1)
        self.setMinimumWidth(letters(self, 26))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        told_below(self.list)
        self.differences = reading_table(self.tr("Settings in which the shown runs differ"))
        self.differences.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        header = self.differences.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)  # a value that is out of view compares with nothing
        header.setMinimumSectionSize(letters(self, 6))
        self.heading = label(part="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list, 3)
        column.addWidget(self.heading)
        column.addWidget(self.differences, 2)
        self.list.currentItemChanged.connect(self._chose)
        self.list.itemChanged.connect(self._ticked)
        theme.changed.connect(self._mark_lines)
        self._show_differences()

    @property
    def current(self) -> str:
        """The id of the run that is looked at."""
        item = self.list.currentItem()
        return str(item.data(_ID)) if item else ""

    @property
    def shown(self) -> list[str]:
        """The ids of the runs whose curves are drawn: the chosen one first, then those with a tick."""
        items = [self.list.item(row) for row in range(self.list.count())]
        ticked = [str(item.data(_ID)) for item in items if item.checkState() == Qt.CheckState.Checked]
        return [run for run in dict.fromkeys((self.current, *ticked)) if run]

    def show_runs(self, runs: "Sequence[RunNow]") -> None:
        """Show the runs as they are now; what is chosen and ticked stays."""
        self._runs = {one.run.id: one for one in runs}
        there = [str(self.list.item(row).data(_ID)) for row in range(self.list.count())]
        self.list.blockSignals(True)
        if there != list(self._runs):
            self._fill(self.current, set(self.shown) - {self.current})
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setText(self._text(self._runs[str(item.data(_ID))]))
        self.list.blockSignals(False)
        if self.list.currentRow() < 0 and self.list.count():
            self.list.setCurrentRow(0)

    def show_outcomes(self, found: "Mapping[str, TrainingOutcome]") -> None:
        """Tell of runs that are over what they came to."""
        self._outcomes = found
        self.show_runs(tuple(self._runs.values()))

    def choose(self, run_id: str) -> None:
        """Look at a run."""
        for row in range(self.list.count()):
            if self.list.item(row).data(_ID) == run_id:
                self.list.setCurrentRow(row)

    def _text(self, one: "RunNow") -> str:
        reached, _, pace = progress_text(one).partition(" · ")  # on a line of its own, for a list is narrow
        reached = reached.replace(" / ", "\N{NO-BREAK SPACE}/\N{NO-BREAK SPACE}")
        told = pace or " · ".join(f"{_title(name)} {_value(name, value)}" for name, value in self._outcome(one))
        return f"{one.run.id}\n{state_text(one.run)}   {reached}" + (f"\n{told}" if told else "")

    def _outcome(self, one: "RunNow") -> "TrainingOutcome":
        return self._outcomes.get(one.run.id, ()) if one.run.state.over else ()

    def _fill(self, current: str, ticked: set[str]) -> None:
        self.list.clear()
        for run_id in self._runs:
            item = QListWidgetItem()
            item.setData(_ID, run_id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if run_id in ticked else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.choose(current)

    def _chose(self, *_: object) -> None:
        self._mark_lines()
        self._show_differences()
        if self.current:
            self.chosen.emit(self.current)

    def _ticked(self, _: QListWidgetItem) -> None:
        self._mark_lines()
        self._show_differences()
        self.laid_over.emit()

    def _mark_lines(self) -> None:
        """Show in which line each run is drawn."""
        places = {run_id: place for place, run_id in enumerate(self.shown)}
        self.list.blockSignals(True)
        for row in range(self.list.count()):
            item = self.list.item(row)
            place = places.get(str(item.data(_ID)))
            item.setIcon(QIcon() if place is None else _line_icon(place, self._theme.dark))
        self.list.blockSignals(False)

    def _show_differences(self) -> None:
        shown = [self._runs[run_id] for run_id in self.shown if run_id in self._runs]
        rows = differing({one.run.id: _asked(one) for one in shown})
        several = len(shown) > 1
        self.differences.setVisible(several and bool(rows))
        self.heading.setVisible(bool(self._runs))
        none = self.tr("Tick a second run to lay its curves over and see what they were set to differently.")
        same = self.tr("The shown runs were set to the same.")
        self.heading.setText(none if not several else self.tr("Set differently:") if rows else same)
        self.differences.setRowCount(len(rows))
        self.differences.setColumnCount(1 + len(shown))
        self.differences.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.differences.horizontalHeader().resizeSection(0, letters(self, 14))  # what differs needs the rest
        marks = (STROKE_MARKS[place % len(STROKE_MARKS)] for place in range(len(shown)))
        heads = [self.tr("Setting"), *(f"{mark} {one.run.id}" for mark, one in zip(marks, shown, strict=True))]
        for column, text in enumerate(heads):
            self.differences.setHorizontalHeaderItem(column, _told(text))
        for row, (name, values) in enumerate(rows.items()):
            for column, text in enumerate((name, *values)):
                self.differences.setItem(row, column, _told(text))


def differing(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what differs between runs: by the name of the setting, each run's value in the order of the runs."""
    names = dict.fromkeys(name for found in settings.values() for name in found)
    values = {name: [str(found.get(name, "–")) for found in settings.values()] for name in names}
    return {name: found for name, found in values.items() if len(set(found)) > 1}


def _told(text: str) -> QTableWidgetItem:
    """Return a cell whose tip says it whole, for there may be no room for that."""
    made = QTableWidgetItem(text)
    made.setToolTip(plain_tip(text))
    return made


def _title(name: str) -> str:
    return in_language(words_of(name).title)


def _value(name: str, value: float) -> str:
    return f"{value:.1%}" if "accurac" in name else f"{value:.3g}"


def _asked(one: "RunNow") -> dict[str, Any]:
    plan = one.run.plan
    if plan is None:
        return {}
    models = {role: ref.label or ref.location for role, ref in plan.models.items()}
    more = {"seed": plan.seed, "selection": plan.selection, "constitution": plan.constitution_hash[:12]}
    return {**plan.settings, **models, **more}


def _line_icon(place: int, dark: bool) -> QIcon:
    picture = QPixmap(26, 14)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    pen = QPen(run_colour(place, dark), 2)
    pen.setStyle(STROKES[place % len(STROKES)])
    painter.setPen(pen)
    painter.drawLine(0, 7, 26, 7)
    painter.end()
    return QIcon(picture)
