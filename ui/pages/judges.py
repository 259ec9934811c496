"""The gate before labelling: judges asked questions whose answers are known, and whether they are ready to label."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.pages.figure_facts import gate_facts
from ui.places import need_sentence
from ui.run_control import RunControl
from ui.session import Failure, Session
from ui.static_words import in_language
from ui.widgets.cards import EmptyCard
from ui.widgets.reading_table import reading_table
from ui.widgets.texts import button, label
from ui.widgets.train_button import TrainButton

if TYPE_CHECKING:
    from workbench.measurement.intervals import Estimate
    from workbench.project import Project
    from workbench.project.judge_gates import Gate


class JudgesPane(QWidget):
    """Asks a set of the feedback model or the preference model, and shows what each of them reached."""

    inspect = Signal(object)
    #: Somebody wants to import a set.
    wants_import = Signal()

    def __init__(self, session: Session, control: RunControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._control = session, control
        self._gates: list[Gate] = []
        self.card = EmptyCard(
            self.tr(
                "Before a model labels, ask it questions whose right answers are known: is it right often enough, steady "
                "under the order of the options, and do its probabilities mean what they say?"
            )
        )
        self.card.offer(
            self.tr("There is no evaluation set yet: rows of prompt, corrects and incorrects, as JSON lines."),
            self.tr("Import a set…"),
            self.wants_import.emit,
        )
        self.set = QComboBox()
        self.set.setAccessibleName(self.tr("Evaluation set to ask"))
        self.judge = QComboBox()
        self.judge.setAccessibleName(self.tr("Judge to ask"))
        for box in (self.set, self.judge):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for judge, title in self._titles().items():
            self.judge.addItem(title, judge)
        self.rationale = QCheckBox(self.tr("step by step"))
        self.rationale.setAccessibleName(self.tr("Let the feedback model think step by step (chain of thought)"))
        self.start = button(self.tr("Ask"), self.tr("Ask the judge this evaluation set"), primary=True)
        self.why = label(part="muted", wrap=True)
        self.train = TrainButton(session, self.tr("the judge gate"))
        self.table = reading_table(self.tr("What judges reached on evaluation sets"), 7)
        self.verdict = label(part="heading", wrap=True)
        self._asking = QWidget()
        self._lay_out()
        self.start.clicked.connect(self._start)
        self.judge.currentIndexChanged.connect(lambda _: self._allow())
        self.table.currentCellChanged.connect(lambda row, *_: self._choose(row))

    def refresh(self) -> None:
        """Read which sets there are and what judges reached on them."""
        self._session.ask(self.tr("Reading the evaluation sets"), _found, self._show)

    def _titles(self) -> dict[str, str]:
        return {"feedback": self.tr("feedback model"), "preference_model": self.tr("preference model")}

    def _lay_out(self) -> None:
        self.table.setHorizontalHeaderLabels(
            [
                self.tr("Ready"),
                self.tr("Judge"),
                self.tr("Set"),
                self.tr("Right"),
                self.tr("Turns with the order"),
                self.tr("Off by"),
                self.tr("Run"),
            ]
        )
        header = self.table.horizontalHeaderItem(5)
        if header is not None:
            header.setToolTip(self.tr("Calibration error: how far its probabilities are off on average"))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        row = QHBoxLayout(self._asking)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (self.set, self.judge, self.rationale, self.start):
            row.addWidget(widget)
        row.addWidget(self.train)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.card)
        column.addWidget(self._asking)
        column.addWidget(self.why)
        column.addWidget(self.table, 1)
        column.addWidget(self.verdict)
        column.addStretch(0)

    def _show(self, found: "tuple[dict[str, int], list[Gate]]") -> None:
        sets, self._gates = found
        chosen = self.set.currentData()
        self.set.clear()
        if len(sets) > 1:
            self.set.addItem(self.tr("all sets ({count} items)").format(count=sum(sets.values())), "")
        for name, count in sets.items():
            self.set.addItem(self.tr("{name} ({count} items)").format(name=name, count=count), name)
        self.set.setCurrentIndex(max(0, self.set.findData(chosen)))
        self.card.setVisible(not sets)
        for widget in (self._asking, self.verdict):
            widget.setVisible(bool(sets))
        self.table.setVisible(bool(sets and self._gates))
        self._allow()
        self._fill()

    def _allow(self) -> None:
        """A preference model scores and cannot think aloud, and must have been trained."""
        overview, judge = self._session.overview, self.judge.currentData()
        need = overview.lacks_judge() if overview is not None and judge == "preference_model" else ""
        why = need_sentence(need) if need else ""
        self.rationale.setEnabled(judge == "feedback")
        self.start.setEnabled(not need)
        self.start.setToolTip(why)
        self.why.setText(why)
        self.why.setVisible(bool(need) and not self.card.isVisible())
        self.train.offer("preference_model" if need else "")

    def _fill(self) -> None:
        titles = self._titles()
        self.table.setRowCount(len(self._gates))
        for row, gate in enumerate(self._gates):
            judge = titles.get(gate.judge, gate.judge)
            verdict = gate.verdict
            cells = (
                self.tr("✓ ready") if verdict.ready else self.tr("✕ not ready"),
                self.tr("{judge}, step by step").format(judge=judge) if gate.rationale else judge,
                f"{gate.sets} (n {verdict.accuracy.n})",
                _shown(verdict.accuracy),
                _shown(verdict.order_flips) if verdict.order_flips else self.tr("one order only"),
                f"{verdict.calibration_error.value:.2f}",
                gate.run,
            )
            for column, text in enumerate(cells):
                self.table.setItem(row, column, QTableWidgetItem(text))
        if self._gates:
            self.table.setCurrentCell(0, 0)
        self._choose(0 if self._gates else -1)

    def _choose(self, row: int) -> None:
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        gate = self._gates[row] if 0 <= row < len(self._gates) else None
        nobody = self.tr("Nobody was asked yet: choose a set and a judge, and press Ask. What it reaches stands here.")
        self.verdict.setText(in_language(gate.verdict.sentence) if gate else nobody)
        if gate is not None and self.isVisible():
            self.inspect.emit(gate_facts(self._session, gate))

    def _start(self) -> None:
        judge = str(self.judge.currentData())
        settings = {"judges": judge}
        if name := self.set.currentData():
            settings["set_name"] = str(name)
        if judge == "feedback" and self.rationale.isChecked():
            settings["rationale"] = "true"
        self.start.setEnabled(False)  # a double click would ask twice
        self._control.start("evaluation_set", settings, lambda _: self._allow(), self._have_failed)

    def _have_failed(self, failure: Failure) -> None:
        self._allow()
        self._session.failed.emit(failure)


def _shown(one: "Estimate") -> str:
    return f"{one.value:.0%}  [{one.low:.0%}–{one.high:.0%}]"


def _found(project: "Project") -> "tuple[dict[str, int], list[Gate]]":
    from workbench.project.judge_gates import evaluation_sets, gates  # noqa: PLC0415

    return evaluation_sets(project), gates(project)
