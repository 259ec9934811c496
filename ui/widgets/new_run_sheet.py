"""The sheet for a new training: what matters on top, the rest below, what it will need, and the buttons that start it."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.places import stage_title
from ui.run_control import RunControl
from ui.session import Failure, Session
from ui.static_words import in_language
from ui.tables.runs_model import duration_text
from ui.widgets.launcher_choice import LauncherChoice
from ui.widgets.role_choice import RoleChoice, offer_models, role_title, role_words
from ui.widgets.setting_fields import SettingFields, help_of
from ui.widgets.texts import button, label, scrolling, set_part
from ui.widgets.train_button import TrainButton
from workbench.project.model_choice import ROLES_OF
from workbench.project.repeating import command_for
from workbench.records.presets import FIRST, PRESETS, preset
from workbench.records.settings import SETTINGS

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.training_estimate import TrainingEstimate

_WAIT_MS = 400
#: Roles nobody plays unless somebody is named.
_ADDED = frozenset({"reward_2", "reward_3", "feedback", "gold"})


class NewRunSheet(QWidget):
    """One stage's settings; whatever is edited, what the run would need is worked out anew."""

    #: The id of the run that was started.
    started = Signal(str)
    closed = Signal()

    def __init__(self, stage: str, session: Session, control: RunControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage, self._session, self._control = stage, session, control
        self._asked, self._refused, self._held, self._left = 0, False, False, False
        self.preset = QComboBox()
        for name, meaning in PRESETS.items():
            self.preset.addItem(f"{name}: {in_language(meaning)}", name)
        self.preset.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.preset.setMinimumContentsLength(12)
        self.preset.setAccessibleName(self.tr("Preset to begin from"))
        self.preset.setToolTip(self.tr("Settings that suit a machine, to begin from; each can be changed below."))
        self.first = SettingFields(stage, FIRST[stage])
        rest = [one.name for one in fields(SETTINGS[stage]) if one.name not in FIRST[stage]]
        self.rest = SettingFields(stage, rest)
        self.launcher = LauncherChoice()
        roles = {role: self._model(role) for role in ROLES_OF[stage]}
        offer_models(session, roles, self)
        self.models: dict[str, QComboBox] = {**roles}
        if stage == "sft":
            self.models["chains"] = self._chains()
        self.seed = QLineEdit("0")
        self.seed.setAccessibleName(self.tr("Seed of all chance"))
        self.seed.setToolTip(help_of(stage, "seed"))
        self.selection = label(part="muted", wrap=True)
        self.memory = QProgressBar()
        self.memory.setTextVisible(False)
        self.memory.setAccessibleName(self.tr("Memory the run will need, of what is free"))
        self.memory_words, self.time = label(wrap=True), label(wrap=True)
        self.trouble = label(part="bad", wrap=True)
        self.train = TrainButton(session, self.tr("this run"))
        #: What had the keyboard when a start was asked for.
        self._pressed: QWidget | None = None
        self.refusal, self.reason = label(part="bad", wrap=True), QLineEdit()
        self.start = button(self.tr("Start [Ctrl+Enter]"), self.tr("Start this training"), primary=True)
        self.smoke = button(self.tr("Smoke run"), self.tr("Start a smoke run of 20 steps"))
        self.prepare = button(
            self.tr("Prepare only"), self.tr("Make this training's folder without starting it, to be worked anywhere")
        )
        self.copy = button(self.tr("Copy as command"), self.tr("Copy the command that starts this training"))
        self.cancel = button(self.tr("Cancel"), self.tr("Close the sheet without starting"))
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._estimate)
        self._build()
        self._connect()
        self._take_preset()

    def texts(self) -> dict[str, str]:
        """Return what is asked for that is not as usual, as a command would say it."""
        models = {role: box.currentText().strip() for role, box in self.models.items()}
        seed, launcher = self.seed.text().strip(), self.launcher.text()
        return {
            **self.first.changed(),
            **self.rest.changed(),
            **{role: text for role, text in models.items() if text},
            **({"launcher": launcher} if launcher else {}),
            **({"seed": seed} if seed not in ("", "0") else {}),
            **self._override(),
        }

    def show_texts(self, texts: Mapping[str, str]) -> None:
        """Fill the sheet in: settings, models and seed as texts() gives them; what is not named is as usual."""
        self.first.show_values(texts)
        self.rest.show_values(texts)
        for role, box in self.models.items():
            box.setCurrentText(texts.get(role, ""))
        self.unfold_models.setChecked(any(texts.get(role) for role in _ADDED))
        self.seed.setText(texts.get("seed", "0"))
        self.reason.setText(texts.get("override_reason", ""))
        self.launcher.show_text(texts.get("launcher", ""))
        self.unfold.setChecked(bool(self.launcher.text()) or self.unfold.isChecked())
        self._estimate()

    def _override(self) -> dict[str, str]:
        """Return the settings by which a reward that is not ready is taken all the same, where somebody said why."""
        reason = self.reason.text().strip() if self._refused else ""
        return {"override_readiness": "true", "override_reason": reason} if reason else {}

    def command(self) -> str:
        """Return the command that starts the same run."""
        return command_for(self._session.folder, self.stage, self.texts()) if self._session.folder else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Close with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _model(self, role: str) -> RoleChoice:
        title = role_title(role, self.stage)
        name = self.tr("Model: {role}").format(role=title[:1].lower() + title[1:])
        made = RoleChoice(name, self.tr("none") if role in _ADDED else self.tr("by itself"))
        made.setToolTip(f"{role}: {role_words()[role]}\n{made.toolTip()}")
        return made

    def _chains(self) -> QComboBox:
        box = QComboBox()
        box.setEditable(True)
        box.addItems(["", "all", *(one.run.id for one in self._session.runs if one.run.stage == "chains")])
        box.setAccessibleName(self.tr("Chains to learn from"))
        line = box.lineEdit()
        if line is not None:
            line.setPlaceholderText(self.tr("the newest"))
        box.setToolTip(self.tr("Runs of chains, separated by commas; empty takes the newest."))
        return box

    def _build(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 10, 0)
        column.setSpacing(10)
        begin = QHBoxLayout()
        begin.addWidget(label(self.tr("Preset"), "muted"))
        begin.addWidget(self.preset, 1)
        column.addLayout(begin)
        column.addWidget(self.first)
        column.addWidget(label(self.tr("Models and chains") if self.stage == "sft" else self.tr("Models"), "heading"))
        usual = {role_title(role, self.stage): box for role, box in self.models.items() if role not in _ADDED}
        column.addLayout(self._named({**usual, self.tr("Seed"): self.seed}))
        self._fold_away(column)
        column.addStretch(1)
        area = scrolling(inside, whole_width=True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 0, 0, 0)
        whole.addWidget(label(self.tr("New run: {stage}").format(stage=stage_title(self.stage)), "heading"))
        whole.addWidget(self.selection)
        whole.addWidget(area, 1)
        whole.addWidget(self._needs())

    def _named(self, named: dict[str, Any]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for place, (name, field) in enumerate(named.items()):
            row, at = divmod(place, 3)
            said = label(name, "muted")
            said.setToolTip(field.toolTip())
            grid.addWidget(said, 2 * row, at)
            grid.addWidget(field, 2 * row + 1, at)
            grid.setColumnStretch(at, 1)
        return grid

    def _fold_away(self, column: QVBoxLayout) -> None:
        """Put what few runs need below buttons that unfold it."""
        self.more_models, added = QWidget(), {role: box for role, box in self.models.items() if role in _ADDED}
        grid = self._named({role_title(role, self.stage): box for role, box in added.items()})
        grid.setContentsMargins(0, 0, 0, 0)
        self.more_models.setLayout(grid)
        self.unfold_models = fold(self.tr("More models"), self.tr("Show the models no run needs"), self.more_models)
        advanced = QWidget()
        inside = QVBoxLayout(advanced)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.rest)
        inside.addWidget(self.launcher)
        self.unfold = fold(self.tr("Advanced"), self.tr("Show all other settings"), advanced)
        for part in (self.unfold_models, self.more_models, self.unfold, advanced):
            column.addWidget(part)
        self.unfold_models.setVisible(bool(added))  # not before it stands in the sheet: it would be a window of its own

    def _needs(self) -> QFrame:
        card = QFrame()
        set_part(card, "card")
        column = QVBoxLayout(card)
        row = QHBoxLayout()
        row.addWidget(self.memory, 1)
        row.addWidget(self.memory_words, 3)
        column.addLayout(row)
        column.addWidget(self.time)
        told = QHBoxLayout()
        told.addWidget(self.trouble, 1)
        told.addWidget(self.train)
        column.addLayout(told)
        column.addWidget(self.refusal)
        column.addWidget(self.reason)
        self.reason.setPlaceholderText(self.tr("Train by it all the same? Say why in a line, which the run keeps"))
        self.reason.setAccessibleName(self.tr("Why to train by a preference model that is not ready"))
        for now, aside in (((self.start, self.smoke), (self.cancel,)), ((self.prepare, self.copy), ())):
            buttons = QHBoxLayout()
            for one in now:
                buttons.addWidget(one)
            buttons.addStretch(1)
            for one in aside:
                buttons.addWidget(one)
            column.addLayout(buttons)
        for part in (self.trouble, self.refusal, self.reason):
            part.hide()
        return card

    def _connect(self) -> None:
        self.preset.currentIndexChanged.connect(self._take_preset)
        for part in (self.first, self.rest):
            part.edited.connect(self._timer.start)
        self.launcher.changed.connect(self._timer.start)
        for box in self.models.values():
            box.currentTextChanged.connect(self._timer.start)
        self.reason.textChanged.connect(self._allow)
        self.reason.returnPressed.connect(self.start.click)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            QShortcut(
                QKeySequence(keys), self, self._start_by_key, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
            )
        self.start.clicked.connect(lambda: self._start(self.texts()))
        self.smoke.clicked.connect(lambda: self._start(self.texts() | preset(self.stage, "smoke")))
        self.prepare.clicked.connect(self._prepare)
        self.copy.clicked.connect(self._copy)
        self.cancel.clicked.connect(self.closed.emit)
        self.closed.connect(lambda: setattr(self, "_left", True))

    def _take_preset(self) -> None:
        values = preset(self.stage, self.preset.currentData())
        self.first.show_values(values)
        self.rest.show_values(values)
        self._estimate()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.command())
        self._control.told.emit(self.tr("The command is on the clipboard."))

    def _start(self, texts: dict[str, str]) -> None:
        self._hold()
        self._control.start(self.stage, texts, self._begun, self._could_not, lambda: not self._left)
        self._say_waits()

    def _start_by_key(self) -> None:
        """Start; where a reason is wanted first, have keys go to it."""
        if self.start.isEnabled():
            self.start.click()
        elif self.reason.isVisible():
            self.reason.setFocus()

    def _prepare(self) -> None:
        self._hold()
        texts, wanted = self.texts(), lambda: not self._left
        self._control.prepare(self.stage, texts, self._begun, self._could_not, wanted)
        self._say_waits()

    def _begun(self, run_id: str) -> None:
        if not self._left:
            self.started.emit(run_id)

    def _say_waits(self) -> None:
        """Say what is waited for; a run that is not made yet is given up by Cancel."""
        if self._control.measures:
            self.memory.setRange(0, 0)
            self.memory_words.setText(self.tr("Measuring first what this machine does best, once: it takes a while."))
            self.time.setText(self.tr("The run begins by itself after that. Cancel gives it up."))

    def _hold(self) -> None:
        """Allow nothing more until it is known what came of it."""
        self._pressed, self._held = self.focusWidget(), True
        self._asked += 1  # an estimate that is still to come would allow a second start
        self.copy.setFocus()  # Qt would hand the keyboard on to what may throw all of it away
        for one in (self.start, self.smoke, self.prepare):
            one.setEnabled(False)

    def _estimate(self) -> None:
        if self._held:
            return
        self._asked += 1
        self.memory_words.setText(self.tr("estimating…"))
        self.time.setText("")
        number, stage, texts = self._asked, self.stage, self.texts()
        self._session.ask(
            self.tr("Estimating"),
            lambda project: _estimate(project, stage, texts),
            lambda found: self._show(found) if number == self._asked else None,
            lambda failure: self._could_not(failure) if number == self._asked else None,
            owner=self,
        )

    def _allow(self) -> None:
        """Allow a start; where the reward is not ready only once somebody has said why it is taken all the same."""
        refused = self._refused and "override_readiness" not in self.texts()
        for one, hint in (
            (self.start, ""),
            (self.smoke, self.tr("20 steps, to see that everything fits together.")),
            (self.prepare, self.tr("Make the run's folder without starting it, to be worked on another machine.")),
        ):
            one.setEnabled(not refused)
            one.setToolTip(self.tr("The preference model is not ready: say first why to go on.") if refused else hint)

    def _could_not(self, failure: Failure) -> None:
        self._held = False
        self._allow()
        if self._pressed is not None and self.copy.hasFocus():
            self._pressed.setFocus()
        self._pressed = None
        self.memory.reset()
        self.memory_words.setText(self.tr("Not known as long as something is missing."))
        self.trouble.setText(f"✕ {failure.sentence}")
        self.train.offer_for(failure)
        self.trouble.show()

    def _show(self, found: "TrainingEstimate") -> None:
        self.trouble.hide()
        self.train.withdraw()
        self._refused = bool(found.not_ready)
        self.refusal.setText(f"✕ {in_language(found.not_ready)}")
        for part in (self.refusal, self.reason):
            part.setVisible(self._refused)
        self._allow()
        self.selection.setText(self.tr("Learns from {selection}.").format(selection=in_language(found.selection)))
        for role, name in found.models.items():
            line = self.models[role].lineEdit() if role in self.models else None
            if line is not None:
                line.setPlaceholderText(name)
        self.memory.setRange(0, max(1, round(found.free_mb)))
        self.memory.setValue(min(round(found.memory_mb), round(found.free_mb)))
        verdict = {"fits": self.tr("✓ fits"), "tight": self.tr("! tight"), "will not fit": self.tr("✕ will not fit")}
        self.memory_words.setText(
            self.tr("{verdict}: about {needed:.1f} of {free:.1f} GB free").format(
                verdict=verdict[found.fits], needed=found.memory_mb / 1000, free=found.free_mb / 1000
            )
            + (self._measured(found) if found.similar else self.tr(" (by formula; no similar run yet)"))
        )
        parts = [f"{in_language(name)}: {amount:.0f} MB" for name, amount in found.parts.items()]
        self.memory_words.setToolTip("\n".join(parts))
        time = self.tr("cannot be told before a first run on this device: the smoke run finds out")
        if found.seconds is not None:
            time = self.tr("about {time}").format(time=duration_text(found.seconds))
        steps = self.tr("one step") if found.steps == 1 else self.tr("{steps} steps").format(steps=found.steps)
        self.time.setText(f"{steps}, {time}\n{in_language(found.spread)}" if found.spread else f"{steps}, {time}")

    def _measured(self, found: "TrainingEstimate") -> str:
        gigabytes = found.measured_mb * 1.048576 / 1000
        return self.tr(" ({run}, which is similar, held {measured:.1f})").format(
            run=found.similar[0], measured=gigabytes
        )


def fold(title: str, name: str, content: QWidget) -> QToolButton:
    """Hide content, and return the button that shows it."""

    def turn(on: bool) -> None:
        content.setVisible(on)
        made.setText(f"▾ {title}" if on else f"▸ {title}")

    made = QToolButton()
    made.setCheckable(True)
    made.setAccessibleName(name)
    made.toggled.connect(turn)
    turn(False)
    return made


def _estimate(project: "Project", stage: str, texts: dict[str, str]) -> "TrainingEstimate":
    from workbench.project.training_estimate import estimate  # noqa: PLC0415
    from workbench.runs.machine import known_machine  # noqa: PLC0415

    return estimate(project, stage, texts, known_machine())
