"""The page of trainings: start one, watch it and others over it, and see to it when it needs somebody."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QSplitter, QStackedWidget, QWidget

from ui.asker import Asker
from ui.deeds import Deed, of_stage
from ui.loading_ahead import when_drawable
from ui.look.theme import Theme
from ui.pages.page import Page
from ui.pages.pair_facts import pair_facts
from ui.pages.pair_requests import read_pinned
from ui.pages.run_views import RunViews
from ui.pages.sample_facts import sample_facts
from ui.pages.training_requests import asked_again, config, outcomes, place_of
from ui.places import Place, need_sentence, stage_title
from ui.run_control import RunControl
from ui.session import Session
from ui.static_words import in_language
from ui.user_settings import UserSettings
from ui.widgets.cards import EmptyCard
from ui.widgets.inspector import Facts
from ui.widgets.pipeline_strip import PipelineStrip
from ui.widgets.texts import button, label, letters

if TYPE_CHECKING:
    from ui.run_watch import RunNow
    from ui.widgets.chart_board import ChartBoard
    from ui.widgets.new_run_sheet import NewRunSheet
    from ui.widgets.training_runs import TrainingRuns
    from workbench.project.overview import Overview
    from workbench.project.reviewing import ReviewItem
    from workbench.project.samples import PinnedPrompt
    from workbench.records.policy_sample import PolicySample
    from workbench.records.run import Plan


class TrainingPage(Page):
    """What is shown of a run is read when its page is seen, and again whenever the run has gone on."""

    def __init__(
        self,
        place: Place,
        session: Session,
        control: RunControl,
        asker: Asker,
        theme: Theme,
        settings: UserSettings,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(place, parent)
        self._session, self._control, self._theme = session, control, theme
        self.strip = PipelineStrip(place.stages, place.beside)
        self.strip.chosen.connect(self._set_up_soon)
        self.card = EmptyCard(place.purpose)
        self.opening = label(self.tr("Opening the trainings and their charts …"), "muted")
        self.opening.hide()
        self.views = RunViews(session, asker, theme, settings, self)
        self.views.hide()
        self.head, self.tabs, self.samples, self.pairs = (
            self.views.head, self.views.tabs, self.views.samples, self.views.pairs,
        )  # fmt: skip
        self._hear_views()
        self.runs: TrainingRuns | None = None
        self.sheet: NewRunSheet | None = None
        #: The run to be shown once it is listed, and whether keys are to go here once there is where to.
        self._wanted, self._takes_keyboard = "", False
        #: The runs that are over and told what they came to.
        self._told: list[str] = []
        #: The sample to be shown once its run is: run, prompt and step.
        self._sought: tuple[str, str, int] | None = None
        #: What was asked for before there was something to show it beside.
        self._when_open: Callable[[], None] | None = None
        self.new = button(self.tr("New run"), self.tr("Set up a new training"), primary=True)
        self.new.setMenu(self._menu())
        self.header.addWidget(self.new)
        self._right = QStackedWidget()
        self._split = QSplitter()
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._right)
        self.column.addWidget(self.strip)
        self.column.addWidget(self.card)
        self.column.addWidget(self.opening)
        self.column.addWidget(self._split, 1)
        self.column.addStretch(0)
        session.overview_changed.connect(self._changed)
        session.runs_changed.connect(self._have_gone_on)
        session.closed.connect(self._forget)

    def _hear_views(self) -> None:
        self.head.asked.connect(self._asked)
        self.views.told.connect(self.told)
        self.tabs.currentChanged.connect(lambda _: self._turned())
        self.samples.looked_at.connect(self._inspect_sample)
        self.pairs.looked_at.connect(self._inspect_pair)

    @property
    def run(self) -> "RunNow | None":
        """The run that is looked at."""
        current = self.runs.current if self.runs else ""
        return next((one for one in self._mine() if one.run.id == current), None)

    @property
    def board(self) -> "ChartBoard | None":
        """The charts, once the page was seen."""
        return self.views.board

    def refresh(self) -> None:
        """Show what is there now; where it has to be loaded first, that is said."""
        if not self.opening.isHidden():
            return  # what it draws with is being loaded
        if self.runs is None:
            self.opening.show()
            self.card.hide()
            self._split.hide()
        when_drawable(self, self._open)

    def _open(self) -> None:
        if self._session.folder is not None:
            self._build()
            self.opening.hide()
            self._show()
            self.views.read()
            if self.run is not None and self._right.currentWidget() is self.views:
                self._inspect(self.run)
            self._show_sample()
            if self._takes_keyboard:
                self.take_focus()
            self._takes_keyboard = False
            then, self._when_open = self._when_open, None
            if then is not None:
                then()

    def take_focus(self) -> None:
        """Have keys go to the training that comes next."""
        overview, stages = self._session.overview, self.place.stages
        open_ = [one for one in stages if overview and one not in overview.finished and not overview.lacks(one)]
        if self.opening.isVisible():
            self._takes_keyboard = True
        elif self.card.isVisible() or not self.strip.isVisible() or overview is None:
            super().take_focus()
        else:
            self.strip.buttons[(*open_, stages[0])[0]].setFocus()

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

    def show_row(self, row_id: str) -> None:
        """Show a sample by its id: its run, its prompt, its step."""
        self._session.ask(self.tr("Looking for a sample"), lambda project: place_of(project, row_id), self._have_place)

    def _have_place(self, place: tuple[str, str, int] | None) -> None:
        self._sought = place
        self._show_sample()

    def _show_sample(self) -> None:
        if self._sought is None or self.runs is None or self._sought[0] not in [one.run.id for one in self._mine()]:
            return
        (run_id, prompt_id, step), self._sought = self._sought, None
        self.runs.choose(run_id)
        self._right.setCurrentWidget(self.views)
        self.samples.seek(prompt_id, step)
        self.tabs.setCurrentWidget(self.samples)
        self.views.read()

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        self.choices: dict[str, QAction] = {}
        for stage in self.place.all_stages:
            self.choices[stage] = menu.addAction(stage_title(stage), partial(self._set_up_soon, stage))
        return menu

    def _set_up_again(self, plan: "Plan", folder: Path) -> None:
        """Show a sheet filled in as for a run that was."""
        from workbench.project.repeating import asked_of  # noqa: PLC0415
        from workbench.runs.folder import LAUNCHER  # noqa: PLC0415

        self._close_sheet()
        self.set_up(plan.stage)
        assert self.sheet is not None
        self.sheet.show_texts({**asked_of(plan, folder / LAUNCHER), "seed": str(plan.seed)})

    def deeds(self) -> Iterable[Deed]:
        """Setting up each training, and what the buttons of the run shown do."""
        for stage in self.place.all_stages:
            text = self.tr("New run: {stage}").format(stage=stage_title(stage))
            yield of_stage(text, partial(self._set_up_soon, stage), self._session, stage)
        shown, none = self.run, self.tr("No training is shown.")
        for key, pressed in self.head.buttons.items():
            run = shown.run.id if shown is not None else self.tr("the run shown")
            text = self.tr("{do}: {run}").format(do=pressed.text().rstrip("…"), run=run)
            if shown is None or pressed.isHidden() or not pressed.isEnabled():
                state = (
                    self.tr("It is {state}.").format(state=in_language(str(shown.run.state)))
                    if shown is not None
                    else none
                )
                yield Deed(text, lambda: None, state)
            else:
                yield Deed(text, partial(self._asked, key))

    def _set_up_soon(self, stage: str) -> None:
        if self.runs is None:  # what the sheet stands beside is being loaded: hidden, it would not take the keyboard
            self._when_open = partial(self.set_up, stage)
        else:
            self.set_up(stage)

    def train_anew(self, stage: str, run_id: str) -> None:
        """Show a sheet for a stage's model anew, filled in as for the run whose weights have gone."""
        if self.runs is None:  # what it is shown beside is being loaded
            self._when_open = partial(self.train_anew, stage, run_id)
            return
        self._close_sheet()
        self.set_up(stage)
        self._session.ask(
            self.tr("Reading what was asked of {run}").format(run=run_id or stage),
            lambda project: asked_again(project, stage, run_id),
            self.sheet.show_texts if self.sheet is not None else None,
            owner=self.sheet,
        )

    def _close_sheet(self) -> None:
        if self.sheet is not None:
            had_keyboard = _has_keyboard(self.sheet)
            self._right.removeWidget(self.sheet)
            self.sheet.deleteLater()
            self.sheet = None
            self._show()
            if had_keyboard:  # which Qt would hand to the rail
                self._give_keyboard()

    def _give_keyboard(self) -> None:
        if self.runs is not None and self.runs.isVisible():
            self.runs.list.setFocus()
        else:
            self.take_focus()

    def _started(self, run_id: str) -> None:
        self._close_sheet()
        self._wanted = run_id
        self._session.look_soon()

    def _build(self) -> None:
        """Make what draws only when the page is first seen."""
        if self.runs is not None:
            return
        from ui.widgets.training_runs import TrainingRuns  # noqa: PLC0415

        self.views.build()
        self.runs = TrainingRuns(self._theme)
        self.runs.chosen.connect(self._chose)
        self.runs.laid_over.connect(self._lay_over)
        self._right.addWidget(self.views)
        self._split.insertWidget(0, self.runs)
        self._split.setSizes([letters(self, 42), letters(self, 123)])
        self._split.setStretchFactor(1, 1)

    def _mine(self) -> "list[RunNow]":
        return [one for one in self._session.runs if one.run.stage in self.place.all_stages]

    def _show(self) -> None:
        overview, runs, begun = self._session.overview, self._mine(), False
        if overview is None or self.runs is None:
            return
        self.strip.show_state(overview, runs)
        self._allow(overview)
        self.runs.show_runs(runs)
        self._read_outcomes()
        if self._wanted in [one.run.id for one in runs]:
            self.runs.choose(self._wanted)
            self._wanted = ""
            begun = _has_keyboard(self)
        self._split.setVisible(bool(runs) or self.sheet is not None)
        self.runs.setVisible(bool(runs))
        self.card.setVisible(not runs and self.sheet is None)
        if begun:
            self._give_keyboard()
        if not runs:
            self._offer(overview.lacks(self.place.stages[0]))
        if self.run is not None:
            self.views.show_run(self.run, self.runs.shown)

    def _allow(self, overview: "Overview") -> None:
        for stage, action in self.choices.items():
            lacks = overview.lacks(stage)
            action.setEnabled(not lacks)
            action.setToolTip(" ".join(map(need_sentence, lacks)))

    def _offer(self, lacks: tuple[str, ...]) -> None:
        first = self.place.stages[0]
        if not lacks:
            text = self.tr("Set up: {stage}").format(stage=stage_title(first))
            self.card.offer(self.tr("Everything it needs is there."), text, lambda: self.set_up(first))
        elif lacks[0] == "prompts":
            self.card.offer(need_sentence(lacks[0]), self.tr("Import prompts…"), self.wants_prompts.emit)
        else:
            self.card.offer(need_sentence(lacks[0]), self.tr("Go there"), lambda: self.go.emit("chains"))

    def _changed(self) -> None:
        if self.isVisible():
            self._show()

    def _read_outcomes(self) -> None:
        ended = [one.run for one in self._mine() if one.run.state.over]
        if self.runs is not None and [run.id for run in ended] != self._told:
            self._told = [run.id for run in ended]
            request = partial(outcomes, runs=ended)
            self._session.ask(self.tr("Reading what trainings came to"), request, self.runs.show_outcomes)

    def _have_gone_on(self, changed: tuple[str, ...]) -> None:
        self._changed()
        if self.isVisible() and self.runs is not None and set(changed) & set(self.runs.shown):
            self.views.read()

    def _chose(self, _: str) -> None:
        if self.run is not None:
            self._right.setCurrentWidget(self.views)
            self._inspect(self.run)
            self._lay_over()

    def _lay_over(self) -> None:
        if self.run is not None and self.runs is not None:
            self.views.show_run(self.run, self.runs.shown)
            self.views.draw()
            self.views.read()

    def _asked(self, what: str) -> None:
        one, control = self.run, self._control
        if one is None:
            return
        by_id = {"resume": control.resume, "keep": control.keep, "end": control.end}
        by_run = {"copy": control.copy, "work": control.copy_work}
        if what in by_id:
            by_id[what](one.run.id)
        elif what == "retry":
            control.retry(one.run.id, self._started)
        elif what in by_run:
            by_run[what](one.run)
        elif what == "again" and one.run.plan is not None:
            self._set_up_again(one.run.plan, Path(one.run.folder))
        elif what in ("pause", "stop", "discard"):
            self._control.request(one.run.id, what)  # type: ignore[arg-type]

    def _inspect(self, one: "RunNow") -> None:
        if self._session.folder is not None:
            lines = [(self.tr("What it was made with"), config(one))]
            self.inspect.emit(Facts(one.run.id, [*lines, (self.tr("Command"), self._control.command(one.run))]))

    def _turned(self) -> None:
        """Tell of the run again where the tab shows no sample or pair that is told of instead."""
        if self.run is not None and self.isVisible() and self.tabs.currentWidget() not in (self.samples, self.pairs):
            self._inspect(self.run)

    def _inspect_sample(self, pinned: "PinnedPrompt", sample: "PolicySample", covered: bool) -> None:
        if self.run is not None:
            self.inspect.emit(sample_facts(self.run.run, pinned, sample, covered))

    def _inspect_pair(self, comparison_id: str, covered: bool) -> None:
        """Tell where a pinned pair comes from; of one that is being audited meanwhile not what the label says."""

        def tell(found: "tuple[ReviewItem, list[dict[str, object]], bool]") -> None:
            item, history, reveals = found
            if self.pairs.isVisible():
                self.inspect.emit(pair_facts(item, None, reveals, history, covered))

        self._session.ask(self.tr("Reading the pair"), lambda project: read_pinned(project, comparison_id), tell)

    def _forget(self) -> None:
        self._close_sheet()
        self._told = []
        if self.runs is not None:
            self.runs.show_runs(())
        self.views.forget()


def _has_keyboard(root: QWidget) -> bool:
    focused = QApplication.focusWidget()
    return focused is not None and (focused is root or root.isAncestorOf(focused))
