"""A page of runs: what its stages are for, what they lack, a button that starts each, and every run of them."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ui.deeds import Deed, of_stage
from ui.pages.page import Page
from ui.places import Place, need_sentence, stage_title
from ui.run_control import RunControl, command_of
from ui.session import Session
from ui.static_words import in_language
from ui.widgets.cards import EmptyCard
from ui.widgets.inspector import Facts
from ui.widgets.jobs import RunsPanel
from ui.widgets.texts import button, moment
from ui.widgets.train_button import train_text

#: The page on which what is needed gets made.
_MADE_ON = {
    "chains": "chains",
    "comparisons": "preferences",
    "labels": "preferences",
    "preference_model": "training",
    "sft_weights": "training",
    "preference_model_weights": "training",
    "rl_weights": "training",
}


class StagesPage(Page):
    """Starts the runs of some stages and shows them."""

    def __init__(self, place: Place, session: Session, control: RunControl, parent: QWidget | None = None) -> None:
        super().__init__(place, parent)
        self._session, self._control = session, control
        self.card = EmptyCard(place.purpose)
        self.starts: dict[str, QPushButton] = {}
        row = QHBoxLayout()
        for stage in place.stages:
            made = button(self.tr("Start: {stage}").format(stage=stage_title(stage)), primary=True)
            made.clicked.connect(partial(self._start, stage))
            self.starts[stage] = made
            row.addWidget(made)
        row.addStretch(1)
        self.runs = RunsPanel(session, control, self.tr("Runs of {page}").format(page=place.title), place.all_stages)
        self.runs.chosen.connect(self._inspect)
        self.column.addWidget(self.card)
        self.column.addLayout(row)
        self.column.addWidget(self.runs, 1)
        session.overview_changed.connect(self._changed)
        session.runs_changed.connect(self._runs_changed)

    def refresh(self) -> None:
        """Show what is missing upstream, and allow what can be started."""
        overview = self._session.overview
        if overview is None:
            return
        lacks = {stage: overview.lacks(stage) for stage in self.place.stages}
        for stage, needs in lacks.items():
            self.starts[stage].setEnabled(not needs)
            self.starts[stage].setToolTip(" ".join(need_sentence(need) for need in needs))
        for made in self.starts.values():
            made.show()
        undone = [stage for stage in self.place.stages if stage not in overview.finished]
        first = next(iter([*undone, *(stage for stage, needs in lacks.items() if needs)]), None)
        if first is None:
            self._show_done()
            return
        self.card.show()
        if self._session.is_going(first):  # nobody is asked to start it twice
            words = self.tr("{stage} is under way; it goes on if you close the window.").format(
                stage=stage_title(first)
            )
            self.card.offer(words, self.tr("Watch it"), self.runs.table.setFocus)
        elif not lacks[first]:
            text = self.tr("Start: {stage}").format(stage=stage_title(first))
            self.card.offer(self.tr("Everything it needs is there."), text, lambda: self._start(first))
            self.starts[first].hide()  # the card has the same button
        elif lacks[first][0] in ("prompts", "test_prompts"):
            self.card.offer(need_sentence(lacks[first][0]), self.tr("Import prompts…"), self.wants_prompts.emit)
        else:
            self._offer_upstream(lacks[first][0])

    def deeds(self) -> Iterable[Deed]:
        """Starting each stage."""
        for stage in self.place.stages:
            text = self.tr("Start: {stage}").format(stage=stage_title(stage))
            yield of_stage(text, partial(self._start, stage), self._session, stage)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show what has changed meanwhile."""
        super().showEvent(event)
        self.refresh()

    def _changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def _show_done(self) -> None:
        """Show that nothing is left to start here."""
        self.card.hide()

    def _offer_upstream(self, need: str) -> None:
        if _MADE_ON[need] == self.place.key:
            stage = need.removesuffix("_weights")
            text = self.tr("Start: {stage}").format(stage=stage_title(stage))
            self.card.offer(need_sentence(need), text, lambda: self._start(stage))
            self.starts[stage].hide()
        elif _MADE_ON[need] == "training":
            stage = need.removesuffix("_weights")
            train = partial(self._session.wants_training.emit, stage, "")
            self.card.offer(need_sentence(need), train_text(stage), train)
        else:
            self.card.offer(need_sentence(need), self.tr("Go there"), lambda: self.go.emit(_MADE_ON[need]))

    def _start(self, stage: str) -> None:
        self._control.start(stage, then=self.runs.seek)

    def _runs_changed(self, ids: tuple[str, ...]) -> None:
        """Tell anew of the run that is told of: it has begun or ended meanwhile."""
        if self.runs.current in ids:
            self.tell()

    def tell(self) -> None:
        """Tell the inspector of the chosen run again."""
        if self.isVisible():
            self._inspect(self.runs.current)

    def _inspect(self, run_id: str) -> None:
        facts = run_facts(self._session, run_id)
        if facts is not None:
            self.inspect.emit(facts)


def run_facts(session: Session, run_id: str) -> Facts | None:
    """Return where a run comes from, for the inspector."""
    one = next((one for one in session.runs if one.run.id == run_id), None)
    if one is None or session.folder is None:
        return None
    run, plan = one.run, one.run.plan
    lines = [
        (_tr("State"), ": ".join(filter(None, (in_language(str(run.state)), in_language(run.reason))))),
        (_tr("Made"), moment(run.created)),
    ]
    if plan is not None:
        models = "\n".join(f"{role}: {ref.label}" for role, ref in plan.models.items())
        settings = "\n".join(f"{key} = {value}" for key, value in plan.settings.items())
        lines += [
            (_tr("Selected"), in_language(plan.selection)),
            (_tr("Completes"), ", ".join(plan.amends)),
            (_tr("Models"), models),
            (_tr("Constitution"), plan.constitution_hash[:12]),
            (_tr("Seed"), str(plan.seed)),
            (_tr("Settings"), settings),
        ]
    lines.append((_tr("Command"), command_of(session.folder, run)))
    return Facts(run_id, lines)


def _tr(text: str) -> str:
    return QCoreApplication.translate("stages", text)
