"""The overview: how far each step has come, the next thing to do, and what came of it all."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ui.pages.page import Page
from ui.places import Place, mark_of, places, stage_title
from ui.session import Session
from ui.widgets.cards import CARD_LETTERS, EmptyCard
from ui.widgets.outcome_card import OutcomeCard
from ui.widgets.texts import button, counted, label, scrolling, set_part

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.outcome import Outcome
    from workbench.project.overview import Overview

#: Places that are no step of the method.
_WITHOUT = ("overview", "models", "disk", "settings")


class OverviewPage(Page):
    """Counts by step, one button for what comes next, and how the models of the newest evaluation compare."""

    selects = False

    def __init__(self, place: Place, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(place, parent)
        self._session = session
        self.next_step = EmptyCard(self.tr("What comes next"))
        set_part(self.next_step.purpose, "heading")
        card = QFrame()
        set_part(card, "card")
        self._rows = QFormLayout(card)
        self._rows.setContentsMargins(24, 18, 24, 18)
        self._rows.setHorizontalSpacing(28)
        self._rows.setVerticalSpacing(9)
        card.setMaximumWidth(CARD_LETTERS * card.fontMetrics().averageCharWidth())
        self.outcome = OutcomeCard()
        #: The evaluations, and their states, of which the outcome was read.
        self._read: Sequence[tuple[str, str]] = []
        self.outcome.wants_more.connect(lambda: self.go.emit("evaluate"))
        inside = QWidget()
        inside.setMaximumWidth(
            card.maximumWidth()
        )  # else the cards' lines are counted as if they were as wide as the page
        body = QVBoxLayout(inside)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(10)
        for part in (card, self.next_step, self.outcome):
            body.addWidget(part)
        body.addStretch(1)
        self.column.addWidget(scrolling(inside, whole_width=True), 1)
        self._signs: dict[str, QLabel] = {}
        self._said: dict[str, QLabel] = {}
        self._trainings = next(one.all_stages for one in places() if one.key == "training")
        for one in places():
            if one.key not in _WITHOUT:
                self._said[one.key] = label(wrap=True)
                self._rows.addRow(self._way(one), self._said[one.key])
        session.overview_changed.connect(self._changed)
        session.closed.connect(self._forget)
        session.runs_changed.connect(lambda _: self._changed())

    def refresh(self) -> None:
        """Count again."""
        overview = self._session.overview
        if overview is None:
            return
        for place in places():
            if place.key not in _WITHOUT:
                mark = mark_of(place, overview, self._session.runs)
                self._signs[place.key].setText(mark.value)
                self._said[place.key].setText(self._words(place.key, mark.word))
        self._offer_next()
        self._read_outcome()

    def _read_outcome(self) -> None:
        """Read what came of it where evaluations are others than when it was read last."""
        evaluations = [(one.run.id, one.run.state) for one in self._session.runs if one.run.stage == "evaluation"]
        if evaluations != self._read:
            self._read = evaluations
            doing = self.tr("Reading what was found")
            self._session.ask(doing, _outcome, self.outcome.show_outcome, owner=self.outcome)

    def _forget(self) -> None:
        self._read = []
        self.outcome.show_outcome(None)

    def _changed(self) -> None:
        if self.isVisible():
            self.refresh()

    def _way(self, place: Place) -> QWidget:
        """Return a step's mark and the button that leads to it."""
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        sign = self._signs[place.key] = label()
        sign.setFixedWidth(2 * sign.fontMetrics().averageCharWidth())
        there = button(place.title.replace("&", "&&"), self.tr("Go to the page {page}").format(page=place.title))
        there.setMinimumHeight(0)
        set_part(there, "link")
        there.clicked.connect(partial(self.go.emit, place.key))
        row.addWidget(sign)
        row.addWidget(there)
        row.addStretch(1)
        return made

    def _words(self, key: str, state: str) -> str:
        overview = self._session.overview
        assert overview is not None
        rows = overview.rows
        if key == "training":
            made = [stage_title(stage) for stage in self._trainings if stage in overview.finished]
            return " · ".join(made or [state])
        parts = {
            "constitution": (
                overview.constitution,
                counted(overview.principles, self.tr("1 principle"), self.tr("{count} principles")),
                counted(overview.versions, self.tr("1 version"), self.tr("{count} versions")),
            ),
            "chains": (
                counted(rows["prompts"], self.tr("1 prompt"), self.tr("{count} prompts")),
                counted(rows["chains"], self.tr("1 chain"), self.tr("{count} chains")),
            ),
            "preferences": (
                counted(rows["comparisons"], self.tr("1 pair"), self.tr("{count} pairs")),
                counted(rows["labels"], self.tr("1 label"), self.tr("{count} labels")),
                counted(rows["reviews"], self.tr("1 decision of people"), self.tr("{count} decisions of people")),
            ),
            "evaluate": (
                counted(rows["test_prompts"], self.tr("1 test prompt"), self.tr("{count} test prompts")),
                counted(rows["answers"], self.tr("1 answer"), self.tr("{count} answers")),
            ),
        }
        return " · ".join(parts[key])

    def _first_training(self) -> str:
        return self.tr(
            "The revisions are there. A model learns them first (SFT): it then writes the answers that are compared."
        )

    def _offer_next(self) -> None:
        overview = self._session.overview
        assert overview is not None
        if not overview.rows.get("prompts"):
            says = self.tr("The project has no prompts yet: the questions a model is to answer and to revise.")
            self.next_step.offer(says, self.tr("Import prompts…"), self.wants_prompts.emit)
            return
        stage = next_stage(overview)
        if stage is not None:
            place = next(one for one in places() if stage in one.stages)
            says = self._first_training() if stage == "sft" else place.purpose
            text = self.tr("Go to {page}").format(page=place.title)
            self.next_step.offer(says, text, partial(self.go.emit, place.key))
            return
        says = self.tr("Every step has been done. Edit a principle and see what changes, or review the labels.")
        self.next_step.offer(says, self.tr("Go to Constitution"), lambda: self.go.emit("constitution"))


def next_stage(overview: "Overview") -> str | None:
    """Return the first stage of the method that is not done: SFT before the comparisons, whose answers its model writes."""
    from workbench.project.overview import NEEDS  # noqa: PLC0415

    of_the_method = {stage for place in places() for stage in place.stages}
    return next((stage for stage in NEEDS if stage in of_the_method and stage not in overview.finished), None)


def _outcome(project: "Project") -> "Outcome | None":
    from workbench.project.outcome import outcome  # noqa: PLC0415

    return outcome(project)
