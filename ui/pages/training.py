"""The page of trainings: start one, watch it and others over it, read what it writes, and see to it when it needs somebody."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ui.asker import Asker
from ui.curves import RunCurves
from ui.look.theme import Theme
from ui.pages.page import Page
from ui.places import Place, need_sentence, stage_title
from ui.run_control import RunControl
from ui.session import Failure, Session
from ui.widgets.cards import EmptyCard
from ui.widgets.file_dialogs import ask_where_to_save
from ui.widgets.inspector import Facts
from ui.widgets.pipeline_strip import PipelineStrip
from ui.widgets.readiness_view import ReadinessView
from ui.widgets.run_head import RunHead
from ui.widgets.samples_view import SamplesView
from ui.widgets.texts import TextView

if TYPE_CHECKING:
    from ui.run_watch import RunNow
    from ui.widgets.chart_board import ChartBoard
    from ui.widgets.new_run_sheet import NewRunSheet
    from ui.widgets.rl_cockpit import RlCockpit
    from ui.widgets.training_runs import TrainingRuns
    from workbench.measurement.rl_health import Sign
    from workbench.project import Project
    from workbench.project.curves import CurveUpdate, Reached
    from workbench.records.run import Plan
    from workbench.runs.journal import Line


class TrainingPage(Page):
    """What is shown of a run is read when its page is seen, and again whenever the run has gone on."""

    def __init__(
        self,
        place: Place,
        session: Session,
        control: RunControl,
        asker: Asker,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(place, parent)
        self._session, self._control, self._theme = session, control, theme
        self._curves: dict[str, RunCurves] = {}
        self._reading: set[str] = set()
        self.strip = PipelineStrip(place.stages, place.beside)
        self.strip.chosen.connect(self.set_up)
        self.card = EmptyCard(place.purpose)
        self.head = RunHead()
        self.head.asked.connect(self._asked)
        self.board: ChartBoard | None = None
        self.runs: TrainingRuns | None = None
        self.sheet: NewRunSheet | None = None
        self._wanted = ""
        self.cockpit: RlCockpit | None = None
        self.samples = SamplesView(theme)
        self.readiness = ReadinessView(session, asker)
        self.config = TextView(self.tr("What the run was made with"))
        self.log = TextView(self.tr("What the run said"))
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(self.tr("Views of a training"))
        self.tabs.tabBar().setAccessibleName(self.tr("Charts, samples, configuration or log"))
        self.tabs.currentChanged.connect(lambda _: self._read())
        self._right = QStackedWidget()
        self._split = QSplitter()
        self._split.setChildrenCollapsible(False)
        self.column.addWidget(self.strip)
        self.column.addWidget(self.card)
        self.column.addWidget(self._split, 1)
        self.column.addStretch(0)
        session.overview_changed.connect(self._show)
        session.runs_changed.connect(self._have_gone_on)
        session.closed.connect(self._forget)

    @property
    def run(self) -> "RunNow | None":
        """The run that is looked at."""
        current = self.runs.current if self.runs else ""
        return next((one for one in self._mine() if one.run.id == current), None)

    def refresh(self) -> None:
        """Show what is there now."""
        if self._session.folder is not None:
            self._build()
            self._show()
            self._read()

    def set_up(self, stage: str) -> None:
        """Show the sheet for a new run of a stage; one that was left for a look at a run comes back as it was."""
        if self.sheet is not None and self.sheet.stage == stage:
            self._right.setCurrentWidget(self.sheet)
            return
        from ui.widgets.new_run_sheet import NewRunSheet  # noqa: PLC0415

        self._close_sheet()
        self.sheet = NewRunSheet(stage, self._session, self._control)
        self.sheet.closed.connect(self._close_sheet)
        self.sheet.started.connect(self._started)
        self._right.addWidget(self.sheet)
        self._right.setCurrentWidget(self.sheet)
        self._show()
        self.sheet.preset.setFocus()

    def _set_up_again(self, plan: "Plan") -> None:
        """Show a sheet filled in as for a run that was."""
        from workbench.project.repeating import asked_of  # noqa: PLC0415

        self._close_sheet()
        self.set_up(plan.stage)
        assert self.sheet is not None
        self.sheet.show_texts({**asked_of(plan), "seed": str(plan.seed)})

    def _close_sheet(self) -> None:
        if self.sheet is not None:
            self._right.removeWidget(self.sheet)
            self.sheet.deleteLater()
            self.sheet = None
            self._show()

    def _started(self, run_id: str) -> None:
        self._close_sheet()
        self._wanted = run_id
        self._session.look_soon()

    def _build(self) -> None:
        """Make what draws only when the page is first seen: plotting takes a while to load."""
        if self.board is not None:
            return
        from ui.widgets.chart_board import ChartBoard  # noqa: PLC0415
        from ui.widgets.rl_cockpit import RlCockpit  # noqa: PLC0415
        from ui.widgets.training_runs import TrainingRuns  # noqa: PLC0415

        self.board, self.runs, self.cockpit = ChartBoard(self._theme), TrainingRuns(self._theme), RlCockpit(self._theme)
        self.board.wants_csv.connect(self._save_csv)
        self.board.axis.currentIndexChanged.connect(self._read)
        self.runs.chosen.connect(self._chose)
        self.runs.laid_over.connect(self._draw)
        self.runs.laid_over.connect(self._read)
        for view, text in (
            (self.board, self.tr("Charts")),
            (self.cockpit, self.tr("Cockpit")),
            (self.readiness, self.tr("Readiness")),
            (self.samples, self.tr("Samples")),
            (self.config, self.tr("Config")),
            (self.log, self.tr("Log")),
        ):
            self.tabs.addTab(view, text)
        seen = QWidget()
        column = QVBoxLayout(seen)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.head)
        column.addWidget(self.tabs, 1)
        self._right.addWidget(seen)
        self._split.addWidget(self.runs)
        self._split.addWidget(self._right)
        self._split.setSizes([250, 740])
        self._split.setStretchFactor(1, 1)

    def _mine(self) -> "list[RunNow]":
        return [one for one in self._session.runs if one.run.stage in self.place.all_stages]

    def _show(self) -> None:
        overview, runs = self._session.overview, self._mine()
        if overview is None or self.runs is None or self.board is None:
            return
        self.strip.show_state(overview, runs)
        self.runs.show_runs(runs)
        if self._wanted in [one.run.id for one in runs]:
            self.runs.choose(self._wanted)
            self._wanted = ""
        self._split.setVisible(bool(runs) or self.sheet is not None)
        self.card.setVisible(not runs and self.sheet is None)
        if not runs:
            self._offer(overview.lacks(self.place.stages[0]))
        one = self.run
        if one is not None:
            self._show_head(one)

    def _show_head(self, one: "RunNow") -> None:
        """Show a run's head, and the tabs its kind of training has."""
        self.head.show_run(one)
        for view, stage in ((self.cockpit, "rl"), (self.readiness, "preference_model"), (self.samples, "rl")):
            if view is not None:
                self.tabs.setTabVisible(self.tabs.indexOf(view), one.run.stage == stage)

    def _offer(self, lacks: tuple[str, ...]) -> None:
        first = self.place.stages[0]
        if not lacks:
            text = self.tr("Set up: {stage}").format(stage=stage_title(first))
            self.card.offer(self.tr("Everything it needs is there."), text, lambda: self.set_up(first))
        elif lacks[0] == "prompts":
            self.card.offer(need_sentence(lacks[0]), self.tr("Import prompts…"), self.wants_prompts.emit)
        else:
            self.card.offer(need_sentence(lacks[0]), self.tr("Go there"), lambda: self.go.emit("chains"))

    def _have_gone_on(self, changed: tuple[str, ...]) -> None:
        self._show()
        if self.isVisible() and self.runs is not None and set(changed) & set(self.runs.shown):
            self._read()

    def _chose(self, _: str) -> None:
        one = self.run
        if one is not None:
            self._right.setCurrentIndex(0)
            self._show_head(one)
            self._inspect(one)
            self._draw()
            self._read()

    def _read(self) -> None:
        """Read what the tab in view shows."""
        one, view = self.run, self.tabs.currentWidget()
        if one is None or self.runs is None or not self.isVisible():
            return
        if view in (self.board, self.cockpit):
            for run_id in self.runs.shown:
                self._read_curves(run_id)
        if view is self.cockpit and self.cockpit is not None:
            self._ask(one.run.id, partial(_signs, run_id=one.run.id), self.cockpit.show_signs)
        elif view is self.readiness:
            shown = partial(self.readiness.show_checks, one.run.id)
            self._ask(one.run.id, partial(_checks, run_id=one.run.id), shown)
        elif view is self.samples:
            self._ask(one.run.id, partial(_samples, run_id=one.run.id), self.samples.show_samples)
        elif view is self.log:
            self._ask(one.run.id, partial(_log, run_id=one.run.id), self._show_log)
        elif view is self.config:
            self.config.setPlainText(_config(one))

    def _ask(self, run_id: str, request: Any, then: Any) -> None:
        def show(found: Any) -> None:
            if self.runs is not None and self.runs.current == run_id:
                then(found)

        self._session.ask(self.tr("Reading run {run}").format(run=run_id), request, show)

    def _read_curves(self, run_id: str) -> None:
        if run_id in self._reading:
            return
        self._reading.add(run_id)
        curves = self._curves.setdefault(run_id, RunCurves(run_id))
        self._session.ask(
            self.tr("Reading the numbers of {run}").format(run=run_id),
            partial(_curves, run_id=run_id, reached=curves.reached, timed=self._timed),
            self._have_curves,
            partial(self._no_curves, run_id),
        )

    @property
    def _timed(self) -> bool:
        return self.board is not None and self.board.view.axis == "time"

    def _no_curves(self, run_id: str, failure: Failure) -> None:
        self._reading.discard(run_id)
        self._session.failed.emit(failure)

    def _have_curves(self, update: "CurveUpdate") -> None:
        self._reading.discard(update.run_id)
        if update.run_id not in self._curves:
            return
        self._curves[update.run_id].take(update)
        self._draw()

    def _draw(self) -> None:
        """Draw what is known of the shown runs."""
        if self.runs is None or self.board is None or self.cockpit is None:
            return
        shown = [self._curves[run_id] for run_id in self.runs.shown if run_id in self._curves]
        self.board.show_runs(shown)
        self.cockpit.show_runs(shown)

    def _show_log(self, lines: "list[Line]") -> None:
        text = "\n".join(f"{line.clock}  {line.text}" for line in lines)
        if text != self.log.toPlainText():
            self.log.setPlainText(text)
            self.log.verticalScrollBar().setValue(self.log.verticalScrollBar().maximum())

    def _asked(self, what: str) -> None:
        one = self.run
        if one is None:
            return
        if what == "resume":
            self._control.resume(one.run.id)
        elif what == "again" and one.run.plan is not None:
            self._set_up_again(one.run.plan)
        elif what == "copy":
            self._control.copy(one.run)
        elif what == "keep":
            self._control.keep(one.run.id)
        elif what == "retry":
            self._control.retry(one.run.id)
        elif what in ("pause", "stop", "discard"):
            self._control.request(one.run.id, what)  # type: ignore[arg-type]

    def _save_csv(self, names: tuple[str, ...]) -> None:
        shown = self.runs.shown if self.runs else []
        if not shown:
            return
        suggested = f"{shown[0]}-{names[0].replace('/', '-')}.csv" if len(names) == 1 else f"{shown[0]}.csv"
        then = partial(self.save_csv, runs=shown, names=names)
        ask_where_to_save(self, self.tr("Save as CSV"), self.tr("Tables (*.csv)"), then, Path.home() / suggested)

    def save_csv(self, file: Path, runs: list[str], names: tuple[str, ...]) -> None:
        """Write every value of some numbers of some runs."""
        said = self.tr("Saved {file}.").format(file=file.name)
        self._session.ask(
            self.tr("Saving {file}").format(file=file.name),
            partial(_write_csv, file=file, runs=runs, names=names),
            lambda _: self.told.emit(said),
        )

    def _inspect(self, one: "RunNow") -> None:
        if self._session.folder is not None:
            lines = [(self.tr("What it was made with"), _config(one))]
            self.inspect.emit(Facts(one.run.id, [*lines, (self.tr("Command"), self._control.command(one.run))]))

    def _forget(self) -> None:
        self._close_sheet()
        self._curves.clear()
        self._reading.clear()
        if self.runs is not None and self.board is not None:
            self.runs.show_runs(())
            self.board.show_runs(())


def _curves(project: "Project", run_id: str, reached: "Reached | None", timed: bool) -> "CurveUpdate":
    from workbench.project.curves import curves_since  # noqa: PLC0415

    return curves_since(project, run_id, reached, timed)


def _signs(project: "Project", run_id: str) -> "list[Sign]":
    from workbench.project.health import signs_of  # noqa: PLC0415

    return signs_of(project, run_id)


def _checks(project: "Project", run_id: str) -> list[dict[str, Any]]:
    return [row for row in project.rows("readiness") if row["run_id"] == run_id]


def _samples(project: "Project", run_id: str) -> Any:
    from workbench.project.samples import pinned_prompts  # noqa: PLC0415

    return pinned_prompts(project, run_id)


def _log(project: "Project", run_id: str) -> "list[Line]":
    from workbench.runs.journal import said_by  # noqa: PLC0415

    return said_by(project.run_folder(run_id))


def _write_csv(project: "Project", file: Path, runs: list[str], names: tuple[str, ...]) -> None:
    from workbench.project.curves import write_csv  # noqa: PLC0415

    write_csv(project, file, runs, names)


def _config(one: "RunNow") -> str:
    plan = one.run.plan
    if plan is None:
        return ""
    models = [f"{role} = {ref.label or ref.location}" for role, ref in plan.models.items()]
    settings = [f"{name} = {value}" for name, value in plan.settings.items()]
    machine = [f"{name} = {value}" for name, value in plan.machine.items() if not isinstance(value, dict)]
    more = [f"seed = {plan.seed}", f"constitution = {plan.constitution_hash[:12]}", f"made = {plan.created}"]
    return "\n".join([plan.selection, "", *models, *more, "", *settings, "", *machine])
