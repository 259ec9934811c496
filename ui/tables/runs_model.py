"""The project's runs as a Qt table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QObject, QPersistentModelIndex, Qt

from ui.places import stage_title
from ui.static_words import in_language
from ui.tips import plain_tip
from workbench.errors import BadInputError
from workbench.records.run import TRAININGS

if TYPE_CHECKING:
    from ui.run_watch import RunNow
    from workbench.records.run import Run

Index = QModelIndex | QPersistentModelIndex
#: Keeps a rate on one line.
_PER = "\N{WORD JOINER}/\N{WORD JOINER}"

_MARKS = {
    "running": "●",
    "starting": "●",
    "stopping": "●",
    "queued": "…",
    "paused": "‖",
    "finished": "✓",
    "failed": "✕",
    "stopped": "■",
    "interrupted": "!",
}


class RunsModel(QAbstractTableModel):
    """Newest first; a row keeps its place in the view while its numbers change."""

    def __init__(self, parent: QObject | None = None, stages: Sequence[str] = ()) -> None:
        super().__init__(parent)
        self._stages = stages
        self._runs: list[RunNow] = []
        self._titles = (
            self.tr("Run"),
            self.tr("Step"),
            self.tr("State"),
            self.tr("Progress"),
            self.tr("Time"),
            self.tr("Reason"),
        )

    def show_runs(self, runs: "Sequence[RunNow]") -> None:
        """Take the runs as they are now."""
        wanted = [one for one in runs if not self._stages or one.run.stage in self._stages]
        if wanted == self._runs:
            return
        same = [one.run.id for one in wanted] == [one.run.id for one in self._runs]
        if same:
            self._runs = wanted
            if wanted:
                self.dataChanged.emit(self.index(0, 0), self.index(len(wanted) - 1, len(self._titles) - 1))
            return
        self.beginResetModel()
        self._runs = wanted
        self.endResetModel()

    def run_at(self, row: int) -> "RunNow | None":
        """Return the run in a row."""
        return self._runs[row] if 0 <= row < len(self._runs) else None

    def row_of(self, run_id: str) -> int:
        """Return the row of a run, or -1."""
        return next((row for row, one in enumerate(self._runs) if one.run.id == run_id), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many runs there are."""
        return 0 if parent.isValid() else len(self._runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text."""
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole) or not index.isValid():
            return None
        one = self._runs[index.row()]
        run = one.run
        texts = (
            run.id,
            stage_title(run.stage),
            state_text(run),
            progress_text(one),
            duration_text(run.seconds) if run.seconds else "",
            in_language(run.reason),
        )
        shown = texts[index.column()]
        return plain_tip(shown) if role == Qt.ItemDataRole.ToolTipRole else shown

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        return None


def state_mark(state: str) -> str:
    """Return the shape that stands for a state."""
    return _MARKS.get(state, "·")


def state_text(run: "Run") -> str:
    """Return a run's state with its shape; of one that is discarded nothing else matters."""
    said = QCoreApplication.translate("runs", "discarded") if run.discarded else in_language(str(run.state))
    return f"{state_mark(str(run.state))} {said}"


def can_stop(run: "Run") -> bool:
    """Whether stopping a run keeps something: a training that stands still has a checkpoint and no model yet."""
    return not run.state.over and not (run.stage in TRAININGS and run.state.resumable)


def retry_text(run: "Run") -> str:
    """Return what the button of a retry says; empty where nothing is left to try."""
    if run.out_of_room:
        return QCoreApplication.translate("runs", "Retry without examples")
    try:
        return QCoreApplication.translate("runs", "Retry in less memory") if _retry_of(run) else ""
    except BadInputError:
        return ""


def retry_words(run: "Run") -> str:
    """Return why a run failed that can be retried, and what a retry does otherwise, or why none can."""
    try:
        sentence = _retry_of(run)
    except BadInputError as error:
        return f"{in_language(run.reason)}\n{in_language(error.sentence)}"
    told = QCoreApplication.translate("runs", "A retry: {sentence}.").format(sentence=in_language(sentence))
    return f"{in_language(run.reason)}\n{told}" if sentence else in_language(run.reason)


def _retry_of(run: "Run") -> str:
    from workbench.project.retrying import retry_of  # noqa: PLC0415 - it brings the store along, too much for a window's start

    return retry_of(run.plan).sentence if run.out_of_memory and run.plan is not None else ""


def progress_text(one: "RunNow") -> str:
    """Return how far a run has come, how fast it goes and how long it will take."""
    if prepares(one):
        return QCoreApplication.translate("runs", "preparing")
    waits = one.run.state == "queued" and one.run.stage not in TRAININGS  # whose steps are not counted yet
    if not one.run.done and not one.active and not waits:
        return ""
    parts = [f"{one.run.done:,} / {one.run.total:,}"]
    if one.run.waits:
        parts.append(QCoreApplication.translate("runs", "waiting for an answer"))
    elif one.rate and one.active:
        parts.append(f"{one.rate:.1f}{_PER}s" if one.rate >= 0.1 else f"{one.rate * 60:.1f}{_PER}min")
    if one.eta is not None and one.active and not one.run.waits:
        left = QCoreApplication.translate("runs", "{time} left").format(time=duration_text(one.eta))
        parts.append(left.replace(" ", "\N{NO-BREAK SPACE}"))
    return " · ".join(parts)


def prepares(one: "RunNow") -> bool:
    """Whether a training has not taken a step yet, so that nobody knows how many there will be."""
    return one.run.stage in TRAININGS and not one.run.done and one.active


def duration_text(seconds: float) -> str:
    """Return a duration in words a person reads at a glance."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
