"""What would change: a pinned sample of comparisons labelled as committed and as edited, in the background."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QSpinBox, QVBoxLayout, QWidget

from ui.asker import Asker, Inquiry
from ui.session import Failure, Session
from ui.tables.shifts_model import ShiftsModel
from ui.user_settings import UserSettings
from ui.widgets.cover import is_covered
from ui.widgets.inspector import Facts
from ui.widgets.numbers import roomy
from ui.widgets.paged_table import listed_table
from ui.widgets.texts import button, counted, label, set_part

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.would_change import Cost, Shift, WhatChanges
    from workbench.records.request import Labelled, LabelRequest, ModelRequest, Piece


class ChangePanel(QWidget):
    """Calls and time are told before anything is asked; the sample is the same each time."""

    #: Facts for the inspector.
    inspect = Signal(object)
    #: The principle whose pairs are to be reviewed; empty where it is the whole constitution.
    wants_reviews = Signal(str)

    def __init__(self, session: Session, asker: Asker, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._asker, self._settings = session, asker, settings
        self._principle = ""
        self._inquiry: Inquiry | None = None
        self._request: LabelRequest | None = None
        self._labels: list[Labelled] = []
        #: The feedback model; the one labels would take where nothing is named.
        self.model = ""
        self.scope = QComboBox()
        self.scope.addItems([self.tr("This principle"), self.tr("The whole constitution")])
        self.scope.setAccessibleName(self.tr("What the comparisons are labelled by"))
        self.sample = roomy(QSpinBox(minimum=20, maximum=200, singleStep=20, value=40))
        self.sample.setAccessibleName(self.tr("How many comparisons are labelled"))
        self.go = button(self.tr("Label the sample"), primary=True)
        self.stop = button(self.tr("Stop"), self.tr("Stop labelling"))
        self.word = label(part="muted", wrap=True)
        self.review = button("", self.tr("Review pairs, so that what changes is held against what people say"))
        self.review.hide()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.rows = ShiftsModel(self)
        self.table = listed_table(self.rows, self.tr("Comparisons and how their labels move"))
        self._lay_out()
        self._connect()
        self._show_going(False)

    def look(self, principle_id: str) -> None:
        """Tell what labelling would take for a principle; called again whenever the draft has changed."""
        other = self._principle != principle_id and self.scope.currentIndex() == 0
        self._principle = principle_id
        if other and self._inquiry is None:
            self.rows.show_rows(())
        if self._inquiry is None and self._session.folder is not None:
            proposal = self._proposal()
            self._session.ask(
                self.tr("Counting what it takes"),
                lambda project: _cost(project, proposal),
                self._show_cost,
                self._cannot,
            )

    def forget(self) -> None:
        """Begin anew, with another project; nothing more is heard of what was asked of the one before."""
        self._inquiry, self._request, self._labels = None, None, []
        self.rows.show_rows(())
        self._say("")
        self._show_going(False)

    @property
    def going(self) -> bool:
        """Whether labels are being made."""
        return self._inquiry is not None

    def _proposal(self) -> tuple[str, int, str]:
        return self._principle if self.scope.currentIndex() == 0 else "", self.sample.value(), self.model

    def _begin(self) -> None:
        proposal = self._proposal()
        self._labels, self._request = [], None
        self.rows.show_rows(())
        self._say(self.tr("Asking the model…"))
        self._inquiry = self._asker.ask(
            self.tr("Labelling a sample"), lambda project: _request(project, proposal), self._hear, self._begun
        )
        self._show_going(True)

    def _begun(self, request: "ModelRequest") -> None:
        from workbench.records.request import LabelRequest  # noqa: PLC0415

        if isinstance(request, LabelRequest):
            self._request = request
            self.progress.setRange(0, len(request.comparisons) * len(request.constitutions))
            self.progress.setValue(0)

    def _hear(self, piece: "Piece") -> None:
        from workbench.records.request import Ended, Labelled, Notice  # noqa: PLC0415

        if isinstance(piece, Labelled):
            self._labels.append(piece)
            self._say(self.tr("Labelling as committed and as edited…"))
            self.progress.setValue(len(self._labels))
        elif isinstance(piece, Notice):
            self._say(piece.text)
        elif isinstance(piece, Ended):
            self._inquiry = None
            self._show_going(False)
            if piece.state == "refused":
                self._say(piece.sentence, "bad")
            elif self._request is not None:
                request, labels = self._request, tuple(self._labels)
                self._session.ask(
                    self.tr("Comparing the labels"), lambda project: _changes(project, request, labels), self._show
                )

    def _show(self, found: "tuple[list[Shift], WhatChanges]") -> None:
        shifts, changes = found
        self.rows.show_rows(shifts)
        self._say(_summary(self, changes), "heading" if changes.n else "muted")
        self._offer_reviews(changes.agreement_after is None)

    def _offer_reviews(self, lacking: bool) -> None:
        """Offer to review the pairs of what is asked, where nothing says yet which of two labels is right."""
        of_one = self.tr("Review pairs of this principle") if self._proposal()[0] else self.tr("Review pairs")
        self.review.setText(of_one)
        self.review.setVisible(lacking and self._inquiry is None)

    def _show_cost(self, cost: "Cost") -> None:
        time = (
            self.tr("time is known once labels were made")
            if cost.seconds is None
            else self.tr("about {seconds:.0f} s").format(seconds=max(1.0, cost.seconds))
        )
        self.go.setEnabled(True)
        if not self.rows.rows:
            words = self.tr(
                "{n} comparisons, {reviewed} of them reviewed: {calls} calls of the feedback model, {time}."
            )
            said = [words.format(n=cost.comparisons, reviewed=cost.reviewed, calls=cost.calls, time=time)]
            if not cost.reviewed:
                said.append(self.tr("Whether people agree more or less is known of reviewed pairs alone."))
            if cost.reviewed_elsewhere:
                said.append(
                    self.tr("Those there are belong to prompts this is not asked on, or to an audit under way.")
                )
            self._say(" ".join(said))
            self._offer_reviews(not cost.reviewed)

    def _cannot(self, failure: Failure) -> None:
        self.go.setEnabled(False)
        self.review.hide()
        if not self.rows.rows:
            self._say(failure.sentence)

    def _inspect(self, index: QModelIndex) -> None:
        shift = self.rows.rows[index.row()]
        lines = [
            (self.tr("Prompt"), shift.prompt),
            (self.tr("Response a"), shift.comparison.response_a),
            (self.tr("Response b"), shift.comparison.response_b),
            (self.tr("Asked as committed"), shift.before.answers[0].sent if shift.before.answers else ""),
            (self.tr("Asked as edited"), shift.after.answers[0].sent if shift.after.answers else ""),
            (self.tr("Feedback model"), shift.after.model),
        ]
        texts = {
            self.tr("Response a"),
            self.tr("Response b"),
            self.tr("Asked as committed"),
            self.tr("Asked as edited"),
        }
        title = self.tr("{before:.2f} → {after:.2f}")
        heading = title.format(before=shift.before.probability_a, after=shift.after.probability_a)
        covered = frozenset(texts if is_covered(self._settings, shift.kind) else ())
        self.inspect.emit(Facts(heading, lines, covered))

    def _say(self, text: str, part: str = "muted") -> None:
        self.word.setText(f"✕ {text}" if part == "bad" else text)
        set_part(self.word, part)

    def _show_going(self, going: bool) -> None:
        comes, goes = (self.stop, self.go) if going else (self.go, self.stop)
        comes.show()
        if goes.hasFocus():  # else the keyboard would be with whoever comes next once it is gone
            comes.setFocus()
        goes.hide()
        self.progress.setVisible(going)
        if going:
            self.review.hide()

    def _forget(self) -> None:
        if self._inquiry is None:
            self.rows.show_rows(())
            self.look(self._principle)

    def _connect(self) -> None:
        self.go.clicked.connect(self._begin)
        self.review.clicked.connect(lambda: self.wants_reviews.emit(self._proposal()[0]))
        self.stop.clicked.connect(lambda: self._inquiry.cancel() if self._inquiry else None)
        self.scope.currentIndexChanged.connect(self._forget)
        self.sample.valueChanged.connect(self._forget)
        self.table.clicked.connect(self._inspect)
        self.table.activated.connect(self._inspect)

    def _lay_out(self) -> None:
        self.progress.setAccessibleName(self.tr("Labels made"))
        above = QHBoxLayout()
        above.addWidget(self.scope)
        above.addWidget(label(self.tr("Comparisons")))
        above.addWidget(self.sample)
        above.addWidget(self.progress, 1)
        above.addStretch(1)
        above.addWidget(self.go)
        above.addWidget(self.stop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addLayout(above)
        told = QHBoxLayout()
        told.addWidget(self.word, 1)
        told.addWidget(self.review)
        column.addLayout(told)
        column.addWidget(self.table, 1)


def _summary(owner: QWidget, found: "WhatChanges") -> str:
    text = owner.tr("{flipped} of {n} labels flip; probabilities move by {move:.2f} on average.").format(
        flipped=found.flipped, n=found.n, move=found.mean_move
    )
    if found.agreement_before is None or found.agreement_after is None:
        return (
            text
            + " "
            + owner.tr(
                "None of them is reviewed, so nothing says which is right: review some, and label the sample again."
            )
        )
    return (
        text
        + " "
        + owner.tr(
            "Agreement with {reviews}: {before:.0%} as committed, {after:.0%} ({low:.0%}–{high:.0%}) as edited."
        ).format(
            reviews=counted(found.agreement_after.n, owner.tr("1 review"), owner.tr("{count} reviews")),
            before=found.agreement_before.value,
            after=found.agreement_after.value,
            low=found.agreement_after.low,
            high=found.agreement_after.high,
        )
    )


def _request(project: "Project", proposal: tuple[str, int, str]) -> "LabelRequest":
    from workbench.project.would_change import Proposal, change_request  # noqa: PLC0415 - on the store's thread

    principle_id, sample, model = proposal
    return change_request(project, Proposal(principle_id, sample, feedback=model))


def _cost(project: "Project", proposal: tuple[str, int, str]) -> "Cost":
    from workbench.project.would_change import cost_of  # noqa: PLC0415

    return cost_of(project, _request(project, proposal))


def _changes(
    project: "Project", request: "LabelRequest", labels: "tuple[Labelled, ...]"
) -> "tuple[list[Shift], WhatChanges]":
    from workbench.project.would_change import shifts_of, what_changes  # noqa: PLC0415

    shifts = shifts_of(project, request, labels)
    return shifts, what_changes(shifts)
