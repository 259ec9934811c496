"""The sheet for sampling comparisons or labelling them: settings, model, what it will cost, and the buttons that start it."""

from dataclasses import fields
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui.places import stage_title
from ui.reading_order import SheetInOrder
from ui.run_control import RunControl
from ui.session import Failure, Session
from ui.static_words import in_language, in_words
from ui.tables.runs_model import duration_text
from ui.widgets.role_choice import RoleChoice, offer_models
from ui.widgets.setting_fields import SettingFields, help_of
from ui.widgets.texts import button, label, letters
from ui.widgets.train_button import TrainButton
from workbench.project.model_choice import ROLES_OF
from workbench.project.repeating import command_for
from workbench.records.settings import SETTINGS

if TYPE_CHECKING:
    from workbench.project.pair_estimate import PairEstimate

_WAIT_MS = 400
#: What matters most, in the order in which it is asked.
_FIRST = {
    "comparisons": ("responses", "temperature", "limit"),
    "labels": ("principles", "both_orders", "rationale", "few_shots", "limit"),
}


class PairRunSheet(SheetInOrder):
    """Whatever is edited, calls and minutes are reckoned anew; nothing starts before its button is pressed."""

    #: The id of the run that was started.
    started = Signal(str)

    def __init__(self, stage: str, session: Session, control: RunControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.stage, self._session, self._control = stage, session, control
        self._asked = 0
        names = [one.name for one in fields(SETTINGS[stage])]
        self.first = SettingFields(stage, _FIRST[stage])
        self.rest = SettingFields(stage, [name for name in names if name not in _FIRST[stage]])
        (self.role,) = ROLES_OF[stage]
        self.model = RoleChoice(self.tr("Model: {role}").format(role=self.role), self.tr("by itself"))
        self.seed = QLineEdit("0")
        self.more = QCheckBox(self.tr("Show all settings"))
        self.cost, self.basis = label(part="heading", wrap=True), label(part="muted", wrap=True)
        self.trouble = label(part="bad", wrap=True)
        self.train = TrainButton(session, self.tr("this run"))
        self.advice = label(part="muted", wrap=True)
        self.start = button(self.tr("Start"), self.tr("Start: {stage}").format(stage=stage_title(stage)), primary=True)
        self.copy = button(self.tr("Copy as command"), self.tr("Copy the command that starts this run"))
        self.cancel = button(self.tr("Cancel"), self.tr("Close without starting"))
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._lay_out()
        self._connect()
        for part in (self.first, self.rest):
            part.show_values({})
        self._estimate()
        overview = session.overview
        too_soon = stage == "comparisons" and overview is not None and "sft" not in overview.finished
        self.advice.setVisible(stage == "labels" or too_soon)
        if too_soon:
            words = self.tr(
                "No model has learnt the revisions yet. In the method that one writes the answers: Training, SFT, comes first."
            )
            self.advice.setText(words)
        elif stage == "labels":
            session.ask(self.tr("Looking at the judge gate"), lambda project: project.gate_sentence(), self._show_gate)

    def texts(self) -> dict[str, str]:
        """Return what is asked for that is not as usual, as a command would say it."""
        model, seed = self.model.text(), self.seed.text().strip()
        return {
            **self.first.changed(),
            **self.rest.changed(),
            **({self.role: model} if model else {}),
            **({"seed": seed} if seed not in ("", "0") else {}),
        }

    def command(self) -> str:
        """Return the command that starts the same run."""
        return command_for(self._session.folder, self.stage, self.texts()) if self._session.folder else ""

    def _lay_out(self) -> None:
        title = self.tr("New run: {stage}").format(stage=stage_title(self.stage))
        self.setWindowTitle(title)
        self.setMinimumWidth(letters(self, 103))
        offer_models(self._session, {self.role: self.model}, self)
        self.seed.setAccessibleName(self.tr("Seed of all chance"))
        self.seed.setToolTip(help_of(self.stage, "seed"))
        self.more.setToolTip(self.tr("Show what few runs need to change"))
        self.seed.setMaximumWidth(letters(self.seed, 20))
        row, buttons = QHBoxLayout(), QHBoxLayout()
        row.addWidget(label(self.tr("{role} model").format(role=in_words(self.role)), "muted"))
        row.addWidget(self.model, 1)
        row.addWidget(label(self.tr("Seed"), "muted"))
        row.addWidget(self.seed)
        for one in (self.start, self.copy):
            buttons.addWidget(one)
        buttons.addStretch(1)
        buttons.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(label(title, "title"))
        column.addWidget(self.first)
        column.addLayout(row)
        for part in (self.more, self.rest, self.cost, self.basis, self.advice, self.trouble, self.train):
            column.addWidget(part)
        column.addStretch(1)
        column.addLayout(buttons)
        self.rest.hide()
        self.trouble.hide()
        self.start.setDefault(True)

    def _connect(self) -> None:
        self._timer.timeout.connect(self._estimate)
        for part in (self.first, self.rest):
            part.edited.connect(self._timer.start)
        self.model.currentTextChanged.connect(self._timer.start)
        self.seed.textEdited.connect(self._timer.start)
        self.more.toggled.connect(self._unfold)
        self.start.clicked.connect(self._start)
        self.copy.clicked.connect(self._copy)
        self.train.clicked.connect(self.reject)
        self.cancel.clicked.connect(self.reject)

    def _unfold(self, on: bool) -> None:
        self.rest.setVisible(on)
        self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.command())
        self._control.told.emit(self.tr("The command is on the clipboard."))

    def _start(self) -> None:
        self.start.setEnabled(False)
        self._control.start(self.stage, self.texts(), self._begun, self._could_not)

    def _begun(self, run_id: str) -> None:
        self.started.emit(run_id)
        self.accept()

    def _estimate(self) -> None:
        from workbench.project.pair_estimate import estimate_pairs  # noqa: PLC0415

        self._asked += 1
        number, stage, texts = self._asked, self.stage, self.texts()
        self._session.ask(
            self.tr("Estimating"),
            lambda project: estimate_pairs(project, stage, texts),
            lambda found: self._show(found) if number == self._asked else None,
            lambda failure: self._could_not(failure) if number == self._asked else None,
            owner=self,
        )

    def _show_gate(self, sentence: str) -> None:
        never = self.tr("The feedback model was not asked an evaluation set yet: Evaluate, Judge gate.")
        self.advice.setText(in_language(sentence) or never)

    def _could_not(self, failure: Failure) -> None:
        self.trouble.setText(f"✕ {failure.sentence}")
        self.train.offer_for(failure)
        self.trouble.show()
        self.cost.clear()
        self.basis.clear()
        self.start.setEnabled(True)

    def _show(self, found: "PairEstimate") -> None:
        self.trouble.hide()
        self.train.withdraw()
        time = self.tr("time unknown") if found.seconds is None else self.tr("about {time}").format(
            time=duration_text(found.seconds)
        )  # fmt: skip
        words = self.tr("{selection}: {calls} calls of the model, {time}")
        self.cost.setText(words.format(selection=in_language(found.selection), calls=f"{found.calls:,}", time=time))
        self.basis.setText(f"({in_language(found.basis)})")
        self.model.show_usual(found.models.get(self.role, ""))
