"""How good the labels are: what blind answers on the locked sample say, where it is weak, and what a better answer would take."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.loading_ahead import when_drawable
from ui.session import Session
from ui.tables.pairs_model import decision_words
from ui.user_settings import UserSettings
from ui.widgets.audit_cards import AuditCards
from ui.widgets.audit_planner import AuditPlanner
from ui.widgets.file_dialogs import ask_where_to_save
from ui.widgets.reading_table import reading_table
from ui.widgets.texts import button, counted, label, letters, set_part
from ui.widgets.wheel import pass_wheel_on

if TYPE_CHECKING:
    from ui.widgets.calibration_plot import CalibrationPlot
    from workbench.measurement.audit import AuditFigures
    from workbench.measurement.calibration import ReliabilityBin
    from workbench.measurement.intervals import Estimate
    from workbench.project import Project
    from workbench.project.auditing import Aim, AuditProgress, AuditReport

    #: A sample's report; labels, and in what share the order counted; labelled pairs; the last reviews, and how many there are.
    Measured = tuple[AuditReport | None, tuple[int, Estimate | None], int, list[dict[str, object]], int]

_MOST_HISTORY = 100
_FEW = 30
#: Letters of a reviewer's name that the history has room for.
_MOST_OF_A_NAME = 24
_COLUMNS = ("created", "reviewer", "before", "decision", "seconds", "blind", "side_shown", "queue", "reason")


class QualityPane(QWidget):
    """Reads the newest sample's report whenever it comes into view."""

    told = Signal(str)
    #: A sample is being drawn: no label may be seen before it is known of which pairs.
    drawing = Signal()
    #: The sample was given up: nobody is to go on with it, and its labels may be shown.
    given_up = Signal()
    #: The locked sample is to be reviewed: it was drawn, or is not done.
    wants_audit = Signal()

    def __init__(self, session: Session, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self.sample = label(part="heading", wrap=True)
        self.underway, self.go_on = QFrame(), button(self.tr("Go on reviewing"), primary=True)
        self.why_not_yet = label(wrap=True)
        self.aside = button(
            self.tr("Set this sample aside…"), self.tr("Give the sample up, on record, and see its labels again")
        )
        self.figures = AuditCards()
        self.cards = self.figures.cards
        self.by_sample = QWidget()
        self.plot: CalibrationPlot | None = None
        self._bins: Sequence[ReliabilityBin] = ()
        self.planner = AuditPlanner()
        self.principles = QGridLayout()
        self.history = reading_table(self.tr("The last reviews"), len(_COLUMNS))
        self.export = button(self.tr("Export CSV…"), self.tr("Export the history of reviews as CSV"))
        self._lay_out()
        self.planner.draw.connect(self._draw)
        self.export.clicked.connect(self._choose_file)
        self.go_on.clicked.connect(self.wants_audit.emit)
        self.aside.clicked.connect(self.ask_why)

    def refresh(self) -> None:
        """Read the report anew."""
        reviewer = self._settings.reviewer
        self._session.ask(
            self.tr("Measuring the labels"), lambda project: _report(project, reviewer), self._have_measured
        )

    def showEvent(self, event: object) -> None:  # noqa: N802
        """Read what has changed meanwhile."""
        super().showEvent(event)  # type: ignore[arg-type]
        self.refresh()
        when_drawable(self, self._make_plot)

    def _make_plot(self) -> None:
        if self.plot is None:
            from ui.widgets.calibration_plot import CalibrationPlot  # noqa: PLC0415

            self.plot = CalibrationPlot()
            self.plot.show_bins(self._bins)
            self._plot_place.addWidget(self.plot)

    def write_csv(self, path: Path) -> None:
        """Write the whole history of reviews."""
        self._session.ask(
            self.tr("Writing {file}").format(file=path.name),
            lambda project: _written(project, path),
            lambda count: self.told.emit(counted(count, self.tr("Wrote 1 review."), self.tr("Wrote {count} reviews."))),
        )

    def _lay_out(self) -> None:
        inside = QWidget()
        set_part(self.underway, "card")
        wait = QHBoxLayout(self.underway)
        wait.addWidget(self.why_not_yet, 1)
        wait.addWidget(self.go_on)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 8, 8, 0)
        column.setSpacing(10)
        above = QHBoxLayout()
        above.addWidget(self.sample, 1)
        above.addWidget(self.aside)
        column.addLayout(above)
        words = self.tr(
            "Estimates come from blind answers on the locked random sample alone. Answers on pairs that somebody picked mend the "
            "data, but say nothing of the rest. Brackets hold 95% intervals, wider where a pair has several reviewers."
        )
        column.addWidget(label(words, "muted", wrap=True))
        column.addWidget(self.underway)
        column.addWidget(self.figures)
        row = QHBoxLayout(self.by_sample)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._plot_card(), 1)
        row.addWidget(self._principle_card(), 1)
        column.addWidget(self.by_sample)
        column.addWidget(self.planner)
        column.addLayout(self._history_part(), 1)
        area = QScrollArea()
        area.setWidget(inside)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(self.tr("Quality of the labels"))
        pass_wheel_on(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)

    def _plot_card(self) -> QFrame:
        card = _card()
        self._plot_place = QVBoxLayout(card)
        self._plot_place.addWidget(
            label(self.tr("Calibration: is a 0.8 right four times out of five?"), "heading", wrap=True)
        )
        return card

    def _principle_card(self) -> QFrame:
        card = _card()
        column = QVBoxLayout(card)
        column.addWidget(label(self.tr("Agreement by principle"), "heading"))
        self.no_principles = label(part="muted", wrap=True)
        column.addWidget(self.no_principles)
        column.addLayout(self.principles)
        column.addStretch(1)
        return card

    def _history_part(self) -> QVBoxLayout:
        titles = (
            self.tr("When"), self.tr("Who"), self.tr("Before"), self.tr("After"), self.tr("Seconds"), self.tr("Blind"),
            self.tr("Left"), self.tr("Queue"), self.tr("Reason"),
        )  # fmt: skip
        self.history.setHorizontalHeaderLabels(titles)
        self.history.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        self.history.setMinimumHeight(180)
        self.history.horizontalHeader().setStretchLastSection(True)
        self.history_words = label(part="heading")
        row, column = QHBoxLayout(), QVBoxLayout()
        row.addWidget(self.history_words)
        row.addStretch(1)
        row.addWidget(self.export)
        column.addLayout(row)
        column.addWidget(self.history)
        return column

    def _have_measured(self, found: "Measured") -> None:
        report, (labels, flips), pool, history, reviews = found
        self.export.setEnabled(bool(reviews))
        words = self.tr("Label history: the last {shown} of {all} reviews, of which none is ever changed")
        self.history_words.setText(words.format(shown=len(history), all=reviews))
        self._show_history(history)
        self.figures.show_flips(labels, flips)
        figures = report.figures if report is not None else None
        self.figures.show_figures(figures)
        self.by_sample.setVisible(figures is not None)
        given_up = report is not None and report.progress.aside is not None
        self.underway.setVisible(report is not None and figures is None and not given_up)
        self.aside.setVisible(report is not None and report.progress.open)
        if report is None:
            self.sample.setText(self.tr("No sample is drawn yet: plan one below."))
            self.planner.show_pool(pool, 0, 0, True)
        else:
            self._show_progress(report.progress, pool)
        if figures is not None:
            self._show_figures(figures)

    def _show_progress(self, progress: "AuditProgress", pool: int) -> None:
        sample = progress.sample
        done = max(progress.done.values(), default=0)
        who = ", ".join(f"{name} {count}" for name, count in progress.done.items()) or self.tr("nobody has begun")
        words = self.tr("Sample of {size} from {pool} labelled pairs, locked {when}. Answered: {who}.")
        said = [words.format(size=sample.size, pool=f"{sample.pool:,}", when=sample.created[:10], who=who)]
        if (aside := progress.aside) is not None:
            words = self.tr("Set aside by {person} on {when}: “{reason}”.")
            said.append(words.format(person=aside.person, when=aside.created[:10], reason=aside.reason))
            said.append(
                self.tr("What those say who had answered all of it stands below.")
                if progress.complete
                else self.tr("No estimate comes from it. Plan a new sample below; it is drawn from the other pairs.")
            )
        self.sample.setText(" ".join(said))
        mine = progress.done.get(self._settings.reviewer, 0)
        words = self.tr(
            "You have answered {done} of {size}. What the answers say of the labels is shown once you are through: figures on "
            "the way would tell you what each label says, and invite stopping where they please."
        )
        self.why_not_yet.setText(words.format(done=mine, size=sample.size))
        if progress.aside is not None:
            self.planner.show_pool(pool, 0, 0, True)
        else:
            self.planner.show_pool(pool, sample.size, done, progress.complete)

    def _show_figures(self, figures: "AuditFigures") -> None:
        self._show_principles(figures)
        self._bins = figures.calibration
        if self.plot is not None:
            self.plot.show_bins(self._bins)

    def _show_principles(self, figures: "AuditFigures") -> None:
        while (item := self.principles.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        found = figures.by_principle
        self.no_principles.setText(self.tr("Click a principle to see its pairs.") if found else self.tr("No data yet."))
        for row, (name, one) in enumerate(sorted(found.items(), key=lambda pair: pair[1].value)):
            made = button(name or "–", self.tr("See the pairs of principle {name}").format(name=name))
            words = self.tr("Audit: {principle}").format(principle=name or "–")
            made.clicked.connect(partial(self.figures.wants_pairs.emit, words, figures.behind_principle[name]))
            few = self.tr("  few!") if one.n < _FEW else ""
            said = f"{one.value:.0%}  [{one.low:.0%}–{one.high:.0%}]  n = {one.n}{few}"
            self.principles.addWidget(made, row, 0)
            self.principles.addWidget(label(said), row, 1)

    def _show_history(self, rows: list[dict[str, object]]) -> None:
        words = {**decision_words(), "withdrawn": self.tr("taken back")}
        self.history.setRowCount(len(rows))
        for place, row in enumerate(rows):
            texts = {
                **row,
                **{name: words.get(str(row[name]), row[name]) for name in ("before", "decision")},
                "blind": self._blind(row),
                "created": str(row["created"])[:19].replace("T", " "),
                "seconds": f"{row['seconds']:.1f}",
                "side_shown": str(row["side_shown"])[0],
            }
            for column, name in enumerate(_COLUMNS):
                self.history.setItem(place, column, QTableWidgetItem(str(texts[name])))
        self.history.resizeColumnsToContents()
        who, most = _COLUMNS.index("reviewer"), letters(self.history, _MOST_OF_A_NAME)
        self.history.setColumnWidth(who, min(self.history.columnWidth(who), most))

    def _blind(self, row: dict[str, object]) -> str:
        if row["after_reveal"]:
            return self.tr("after reveal")
        return self.tr("blind") if row["blind"] else self.tr("no")

    def _draw(self, aim: "Aim") -> None:
        person = self._settings.reviewer
        self.drawing.emit()
        self._session.ask(self.tr("Drawing a sample"), lambda project: _drawn(project, aim, person), self._have_drawn)

    def ask_why(self) -> None:
        """Ask for the reason, without which no sample is set aside."""
        from ui.widgets.review_sheets import AsideSheet  # noqa: PLC0415

        AsideSheet(self._set_aside, self).open()

    def _set_aside(self, reason: str) -> None:
        person = self._settings.reviewer
        self._session.ask(
            self.tr("Setting the sample aside"),
            lambda project: _put_aside(project, reason, person),
            self._have_set_aside,
        )

    def _have_set_aside(self, _: object) -> None:
        self.told.emit(self.tr("The sample is set aside: its labels can be seen again."))
        self.planner.button.setFocus()  # what was pressed goes away, and the next step is to draw another
        self.given_up.emit()
        self.refresh()

    def _have_drawn(self, size: int) -> None:
        self.told.emit(self.tr("A sample of {size} is locked.").format(size=size))
        self.wants_audit.emit()

    def _choose_file(self) -> None:
        title, place = self.tr("Export the history of reviews"), Path.home() / "reviews.csv"
        ask_where_to_save(self, title, self.tr("CSV (*.csv)"), self.write_csv, place)


def _card() -> QFrame:
    card = QFrame()
    set_part(card, "card")
    return card


def _report(project: "Project", reviewer: str) -> "Measured":
    from workbench.project.auditing import audit_report, last_reviews, order_flips, pool_to_draw  # noqa: PLC0415

    store = project.store
    sample, pool = store.audit_samples.newest(), len(pool_to_draw(store))
    report = audit_report(store, sample, reviewer) if sample else None
    flips = (report.labels, report.order_flips) if report else order_flips(store)
    return report, flips, pool, last_reviews(store, _MOST_HISTORY), store.reviews.count()


def _written(project: "Project", path: Path) -> int:
    from workbench.project.auditing import write_history  # noqa: PLC0415

    return write_history(project.store, path)


def _put_aside(project: "Project", reason: str, person: str) -> None:
    from workbench.project.auditing import sample_named, set_aside  # noqa: PLC0415

    set_aside(project.store, sample_named(project.store), reason, person)


def _drawn(project: "Project", aim: "Aim", person: str) -> int:
    from workbench.project.auditing import draw_sample, pool_to_draw  # noqa: PLC0415

    size = aim.size(len(pool_to_draw(project.store)))
    return draw_sample(project.store, size, purpose=aim.words, person=person).size
