"""The bar with what is running, and the drawer with every run of the project."""

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.machine_load import MachineLoad
from ui.run_control import RunControl
from ui.session import Session
from ui.tables.runs_model import RunsModel, can_stop, prepares, progress_text, retry_text, retry_words
from ui.widgets.reading_table import RowsView
from ui.widgets.texts import button, label, letters

_MOST_SHOWN = 2
#: Letters in a column of all runs, and of a page's own, which stands between rail and inspector; reasons take what is left.
_WIDE, _NARROW = (24, 20, 16, 32, 10, 8), (19, 17, 15, 29, 9, 8)


class JobsBar(QWidget):
    """Running runs with their progress, and how busy the processor is."""

    opened = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.button = QToolButton()
        self.button.clicked.connect(self.opened.emit)
        self._bars = [(label(), QProgressBar()) for _ in range(_MOST_SHOWN)]
        self.measuring = label(self.tr("● Measuring this machine, once"))
        self.measuring.hide()
        self._load = label(part="muted")
        self._machine = MachineLoad()
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.addWidget(self.button)
        row.addSpacing(12)
        row.addWidget(self.measuring)
        for name, bar in self._bars:
            bar.setFixedWidth(letters(bar, 20))
            bar.setTextVisible(False)
            row.addWidget(name)
            row.addWidget(bar)
            row.addSpacing(12)
        row.addStretch(1)
        row.addWidget(self._load)
        session.runs_changed.connect(self._show_runs)
        session.closed.connect(self._show_runs)
        self._timer = QTimer(self, interval=2000)
        self._timer.timeout.connect(self._show_load)
        self._timer.start()
        self._show_runs()

    def _show_runs(self, _: object = None) -> None:
        running = [one for one in self._session.runs if one.active]
        waiting = sum(one.run.state == "queued" for one in self._session.runs)
        words = self.tr("Jobs ({running} running, {waiting} waiting)").format(running=len(running), waiting=waiting)
        self.button.setText(words if running or waiting else self.tr("Jobs"))
        self.button.setAccessibleName(self.tr("Show all jobs"))
        for place, (name, bar) in enumerate(self._bars):
            one = running[place] if place < len(running) else None
            name.setVisible(one is not None)
            bar.setVisible(one is not None)
            if one is not None:
                name.setText(f"● {one.run.id}  {progress_text(one)}")
                bar.setRange(0, 0 if prepares(one) else one.run.total)
                bar.setValue(one.run.done)

    def _show_load(self) -> None:
        self._load.setText(self._machine.words())


class RunsPanel(QWidget):
    """A table of runs and what can be done with the chosen one."""

    chosen = Signal(str)

    def __init__(
        self,
        session: Session,
        control: RunControl,
        name: str,
        stages: tuple[str, ...] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._control = session, control
        self._sought, self._picked = "", False
        #: Pixels the column of reasons has.
        self._room = 0
        self.model = RunsModel(self, stages)
        self.table = _table(self.model, name, _NARROW if stages else _WIDE)
        self.reason = label(part="muted", wrap=True)
        self.pause = self._button(self.tr("Pause"), name, lambda run: control.request(run, "pause"))
        self.resume = self._button(self.tr("Resume"), name, control.resume)
        self.stop = self._button(self.tr("Stop and keep"), name, lambda run: control.request(run, "stop"))
        self.discard = self._button(self.tr("Stop and discard"), name, lambda run: control.request(run, "discard"))
        self.end = self._button(self.tr("End now"), name, control.end)
        self.end.setToolTip(self.tr("Do not wait for the step in hand. A training is left at its newest checkpoint."))
        self.retry = self._button(self.tr("Retry"), name, self._retry)
        self.copy = self._button(self.tr("Copy as command"), name, self._copy)
        row = QHBoxLayout()
        # What comes and goes stands last: it moves nothing below a pointer.
        for one in (self.pause, self.resume, self.stop, self.discard, self.copy, self.end, self.retry):
            row.addWidget(one)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.reason)
        column.addLayout(row)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.clicked.connect(self._pick)
        self.model.dataChanged.connect(lambda *_: self._allow())
        self.table.horizontalHeader().sectionResized.connect(self._resized)
        session.runs_changed.connect(self._show_runs)
        session.closed.connect(self._show_runs)
        self._allow()
        self._show_runs()

    def _button(self, text: str, name: str, do: object) -> QPushButton:
        made = button(text, f"{text}: {name}")
        made.clicked.connect(lambda: callable(do) and self._id() and do(self._id()))
        return made

    def _show_runs(self, _: object = None) -> None:
        kept = self._id()
        self.model.show_runs(self._session.runs)
        if self._sought and self.model.row_of(self._sought) >= 0:
            kept, self._sought = self._sought, ""
            self.table.setCurrentIndex(self.model.index(self.model.row_of(kept), 0))
        row = self.model.row_of(kept) if kept else 0
        if not self.table.currentIndex().isValid() and self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(max(row, 0), 0))
        self._allow()  # not before a run is chosen again: a button that is disabled meanwhile loses the keyboard

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Choose a run that is at work, unless somebody chose another: there is room for few, and the newest stand above."""
        super().showEvent(event)
        one = self.model.run_at(self.table.currentIndex().row())
        if not self._picked and (one is None or not one.active):
            rows = range(self.model.rowCount())
            active = next((row for row in rows if (run := self.model.run_at(row)) is not None and run.active), None)
            if active is not None:
                self.table.setCurrentIndex(self.model.index(active, 0))

    def _pick(self) -> None:
        self._picked = True

    def choose(self, run_id: str) -> None:
        """Choose a run by its id."""
        self._picked = True
        row = self.model.row_of(run_id)
        if row >= 0:
            self.table.setCurrentIndex(self.model.index(row, 0))
            self.table.setFocus()

    @property
    def current(self) -> str:
        """The id of the chosen run."""
        return self._id()

    def _id(self) -> str:
        one = self.model.run_at(self.table.currentIndex().row())
        return one.run.id if one else ""

    def _choose(self, current: QModelIndex, _: QModelIndex) -> None:
        self._allow()
        if current.isValid():
            self.chosen.emit(self._id())

    def _allow(self) -> None:
        one = self.model.run_at(self.table.currentIndex().row())
        state = one.run.state if one else None
        made_only = state == "queued" and one is not None and one.run.reason.startswith("made but")
        stopping = state == "stopping"
        self.pause.setEnabled(bool(one and (one.active or state == "queued") and not made_only and not stopping))
        self.resume.setEnabled(bool(one and (one.run.state.resumable or made_only)))
        self.stop.setEnabled(bool(one and can_stop(one.run) and not stopping))
        self.discard.setEnabled(bool(one and not one.run.state.over and not stopping))
        self.end.setVisible(stopping)
        again = retry_text(one.run) if one else ""
        self.retry.setVisible(bool(again))
        self.retry.setText(again)
        self.reason.setText(retry_words(one.run) if one else "")
        self._show_reason()
        self.copy.setEnabled(one is not None)

    def _resized(self, column: int, _: int, width: int) -> None:
        if column == self.model.columnCount() - 1:
            self._room = width  # the table tells the old one until all of it is laid out
            self._show_reason()

    def _show_reason(self) -> None:
        """Show a reason below the table where it cannot be read in it whole, where it stands last."""
        text = self.reason.text()
        whole = "\n" not in text and self.fontMetrics().horizontalAdvance(text) < self._room - letters(self.table, 3)
        self.reason.setVisible(bool(text) and not whole)

    def _retry(self, run_id: str) -> None:
        self._control.retry(run_id, self.seek)

    def seek(self, run_id: str) -> None:
        """Choose a run as soon as it is listed."""
        self._sought = run_id
        self._show_runs()

    def _copy(self, run_id: str) -> None:
        one = self.model.run_at(self.model.row_of(run_id))
        if one is not None:
            self._control.copy(one.run)


def _table(model: RunsModel, name: str, widths: tuple[int, ...]) -> QTableView:
    table = RowsView()
    table.setModel(model)
    table.setAccessibleName(name)
    table.setTabKeyNavigation(False)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.setWordWrap(False)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 12)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    table.horizontalHeader().setHighlightSections(False)
    for column, width in enumerate(widths):
        table.setColumnWidth(column, letters(table, width))
    return table
