"""What is seen of one training: its head, and below a tab each for charts, cockpit, readiness, samples, configuration and log."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.asker import Asker
from ui.curves import RunCurves
from ui.look.theme import Theme
from ui.pages import training_requests as requests
from ui.session import Failure, Session
from ui.static_words import in_language
from ui.user_settings import UserSettings
from ui.widgets.config_view import ConfigView
from ui.widgets.file_dialogs import ask_where_to_save
from ui.widgets.pair_scores_view import PairScoresView
from ui.widgets.readiness_view import ReadinessView
from ui.widgets.run_head import RunHead
from ui.widgets.samples_view import SamplesView
from ui.widgets.tabs import show_tab, tabbed
from ui.widgets.texts import TextView

if TYPE_CHECKING:
    from ui.run_watch import RunNow
    from ui.widgets.chart_board import ChartBoard
    from ui.widgets.rl_cockpit import RlCockpit
    from workbench.project.curves import CurveUpdate
    from workbench.runs.journal import Line


class RunViews(QWidget):
    """Reads what the tab in view shows; build() makes what draws, for plotting takes a while to load."""

    told = Signal(str)

    def __init__(
        self, session: Session, asker: Asker, theme: Theme, settings: UserSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._one: RunNow | None = None
        self._shown: Sequence[str] = ()
        self._curves: dict[str, RunCurves] = {}
        self._reading: set[str] = set()
        self.head = RunHead()
        self.board: ChartBoard | None = None
        self.cockpit: RlCockpit | None = None
        self.samples, self.pairs = SamplesView(theme, settings), PairScoresView(settings)
        self.readiness = ReadinessView(session, asker, settings)
        self.config = ConfigView()
        self.log = TextView(self.tr("What the run said"))
        for view in (self.samples, self.pairs, self.readiness, self.config, self.log):
            view.setParent(self)  # until it is a tab: without a parent it would outlive the window
            view.hide()
        self.tabs = tabbed(self.tr("Views of a training"), self.tr("Charts, samples, configuration or log"))
        self.tabs.currentChanged.connect(lambda _: self.read())
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.head)
        column.addWidget(self.tabs, 1)

    def build(self) -> None:
        """Make the tabs."""
        from ui.widgets.chart_board import ChartBoard  # noqa: PLC0415
        from ui.widgets.rl_cockpit import RlCockpit  # noqa: PLC0415

        self.board, self.cockpit = ChartBoard(self._theme), RlCockpit(self._theme)
        self.board.wants_csv.connect(self._choose_csv)
        self.board.axis.currentIndexChanged.connect(self.read)
        for view, text in (
            (self.board, self.tr("Charts")),
            (self.cockpit, self.tr("Cockpit")),
            (self.readiness, self.tr("Readiness")),
            (self.samples, self.tr("Samples")),
            (self.pairs, self.tr("Pairs")),
            (self.config, self.tr("Config")),
            (self.log, self.tr("Log")),
        ):
            self.tabs.addTab(view, text)

    def show_run(self, one: "RunNow", shown: Sequence[str]) -> None:
        """Show a run as it is now, the curves of others laid over its own, and the tabs its kind of training has."""
        self._one, self._shown = one, shown
        self.head.show_run(one)
        judges = one.run.stage == "preference_model"
        kinds = [
            (self.cockpit, one.run.stage == "rl"), (self.readiness, judges), (self.pairs, judges), (self.samples, not judges),
        ]  # fmt: skip
        if (self.tabs.currentWidget(), False) in kinds:  # else Qt goes to whichever tab stands beside it
            self.tabs.setCurrentIndex(0)
        for view, has in kinds:
            if view is not None:
                show_tab(self.tabs, self.tabs.indexOf(view), has)

    def read(self) -> None:
        """Read what the tab in view shows."""
        one, view = self._one, self.tabs.currentWidget()
        if one is None or self.board is None or self.cockpit is None or not self.isVisible():
            return
        run_id = one.run.id
        if view in (self.board, self.cockpit):
            for shown in self._shown:
                self._read_curves(shown)
        readers: dict[QWidget, tuple[Any, Any]] = {
            self.cockpit: (requests.signs, self.cockpit.show_signs),
            self.readiness: (requests.checks, partial(self.readiness.show_checks, run_id)),
            self.samples: (requests.samples, self.samples.show_samples),
            self.pairs: (requests.pairs, self.pairs.show_pairs),
            self.log: (requests.log, self._show_log),
        }
        if view in readers:
            self._ask(run_id, *readers[view])
        elif view is self.config:
            self.config.show_parts(*requests.config_parts(one))

    def draw(self) -> None:
        """Draw what is known of the shown runs."""
        if self.board is None or self.cockpit is None:
            return
        shown = [self._curves[run_id] for run_id in self._shown if run_id in self._curves]
        self.board.show_runs(shown, over=self._one is not None and self._one.run.state.over)
        self.cockpit.show_runs(shown)

    def forget(self) -> None:
        """Show nothing: the project is closed."""
        self._one, self._shown = None, ()
        self._curves.clear()
        self._reading.clear()
        self.draw()

    def save_csv(self, file: Path, runs: list[str], names: tuple[str, ...]) -> None:
        """Write every value of some numbers of some runs."""
        said = self.tr("Saved {file}.").format(file=file.name)
        self._session.ask(
            self.tr("Saving {file}").format(file=file.name),
            partial(requests.write_numbers, file=file, runs=runs, names=names),
            lambda _: self.told.emit(said),
        )

    def _ask(self, run_id: str, request: Any, then: Any) -> None:
        def show(found: Any) -> None:
            if self._one is not None and self._one.run.id == run_id:
                then(found)

        self._session.ask(self.tr("Reading run {run}").format(run=run_id), partial(request, run_id=run_id), show)

    def _read_curves(self, run_id: str) -> None:
        if run_id in self._reading:
            return
        self._reading.add(run_id)
        reached = self._curves.setdefault(run_id, RunCurves(run_id)).reached
        timed = self.board is not None and self.board.view.axis == "time"
        self._session.ask(
            self.tr("Reading the numbers of {run}").format(run=run_id),
            partial(requests.curves, run_id=run_id, reached=reached, timed=timed),
            self._have_curves,
            partial(self._no_curves, run_id),
        )

    def _no_curves(self, run_id: str, failure: Failure) -> None:
        self._reading.discard(run_id)
        self._session.failed.emit(failure)

    def _have_curves(self, update: "CurveUpdate") -> None:
        self._reading.discard(update.run_id)
        if update.run_id in self._curves:
            self._curves[update.run_id].take(update)
            self.draw()

    def _show_log(self, lines: "list[Line]") -> None:
        text = "\n".join(f"{line.clock}  {in_language(line.text)}" for line in lines)
        if text != self.log.toPlainText():
            self.log.setPlainText(text)
            self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())

    def _choose_csv(self, names: tuple[str, ...]) -> None:
        shown = list(self._shown)
        if not shown:
            return
        suggested = f"{shown[0]}-{names[0].replace('/', '-')}.csv" if len(names) == 1 else f"{shown[0]}.csv"
        then = partial(self.save_csv, runs=shown, names=names)
        ask_where_to_save(self, self.tr("Save as CSV"), self.tr("Tables (*.csv)"), then, Path.home() / suggested)
