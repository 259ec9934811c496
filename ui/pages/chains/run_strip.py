"""What a run of chains is set to and what it would cost, and the button that starts it."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ui.session import Failure, Session
from ui.static_words import in_language
from ui.tables.runs_model import duration_text
from ui.widgets.choices import widen_list
from ui.widgets.numbers import ROOM, roomy
from ui.widgets.role_choice import RoleChoice, offer_models
from ui.widgets.texts import button, counted, label, letters, set_part

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.estimating import Estimate

    Reckoned = tuple[Estimate, tuple[str, ...]]

#: Letters of the choice “Selected prompts (100)”.
_LONGEST_CHOICE = 15
_WAIT_MS = 200


class RunStrip(QWidget):
    """Settings on top, the rest behind a button; the estimate follows every change."""

    #: The settings of a run to start.
    wants_run = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.prompts = QComboBox()
        self.prompts.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.prompts.setMinimumContentsLength(_LONGEST_CHOICE)
        self.rounds, self.max_tokens, self.seed = _number(0, 16), _number(0, 100_000), _number(0, 2**31 - 1)
        self.limit = _number(0, 10_000_000)
        self.temperature = roomy(QDoubleSpinBox(minimum=0.0, maximum=5.0, singleStep=0.1, decimals=2))
        self.critique, self.few_shots = QCheckBox(self.tr("Critiques")), QCheckBox(self.tr("Examples in front"))
        self.response = RoleChoice(self.tr("Response model"), self.tr("demo, a run or a folder"))
        self.critic = RoleChoice(self.tr("Critic"), self.tr("as response model"))
        self.principles = QLineEdit()
        self.estimate = label(part="muted", wrap=True)
        self.examples = label(part="muted", wrap=True)
        self.examples.hide()
        self.more = QToolButton()
        self.start = button(self.tr("Run chains"), self.tr("Start a run of chains with these settings"), primary=True)
        self._selected: tuple[str, ...] = ()
        self._examples_by_hand = False
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self._reckon)
        self._fill()
        #: What the cost was reckoned of last, but for what is asked for.
        self._standing: object = None
        self._lay_out()
        self._connect()

    def keep_up(self) -> None:
        """Reckon again where there are other prompts, another version or other runs than when that was looked at last."""
        overview, runs = self._session.overview, self._session.runs
        over = tuple(one.run.id for one in runs if one.run.stage == "chains" and not one.active)
        standing = (overview.rows.get("prompts"), overview.constitution_hash, over) if overview else None
        if standing != self._standing:
            self._standing = standing
            self.refresh()

    def refresh(self) -> None:
        """Reckon again, since the project may hold other prompts and runs."""
        if self._session.folder is not None and not self._timer.isActive():
            self._timer.start()
            if self.more.isChecked():
                self._offer(True)

    def select_prompts(self, ids: tuple[str, ...]) -> None:
        """Let the run take these prompts alone, of those the person selected in the table."""
        self._selected = ids
        place = self.prompts.findData("selected")
        self.prompts.setItemText(place, self.tr("Selected prompts ({count})").format(count=len(ids)))
        self.prompts.setCurrentIndex(place)
        self.refresh()

    def settings(self) -> dict[str, str]:
        """Return what is asked for, as texts; what is as usual is left out."""
        usual = _usual()
        values: dict[str, Any] = {
            "rounds": self.rounds.value(),
            "temperature": round(self.temperature.value(), 2),
            "max_tokens": self.max_tokens.value(),
            "critique": self.critique.isChecked(),
            "limit": self.limit.value(),
            "principles": self.principles.text().strip(),
        }
        texts = {name: str(value) for name, value in values.items() if value != usual[name]}
        if self._examples_by_hand:  # else they are put in front where they leave the model room to answer
            texts["few_shots"] = str(self.few_shots.isChecked())
        for role, line in (("response", self.response), ("critic", self.critic)):
            if line.text():
                texts[role] = line.text()
        if self.seed.value():
            texts["seed"] = str(self.seed.value())
        return texts | self._choice()

    def _choice(self) -> dict[str, str]:
        chosen = str(self.prompts.currentData() or "")
        if chosen == "selected":
            return {"prompts": ",".join(self._selected)} if self._selected else {}
        if chosen.startswith("tag:"):
            return {"tag": chosen.removeprefix("tag:")}
        return {"only": chosen} if chosen else {}

    def _fill(self) -> None:
        usual = _usual()
        self.rounds.setValue(usual["rounds"])
        self.temperature.setValue(usual["temperature"])
        self.critique.setChecked(usual["critique"])
        self.few_shots.setChecked(usual["few_shots"])
        for text, key in (
            (self.tr("All prompts"), ""), (self.tr("Without a chain"), "new"), (self.tr("Stale chains"), "stale"),
            (self.tr("Flagged chains"), "flagged"), (self.tr("Unchanged chains"), "unchanged"),
            (self.tr("Left out, too long"), "left_out"),
            (self.tr("Selected prompts"), "selected"),
        ):  # fmt: skip
            self.prompts.addItem(text, key)
        self.principles.setPlaceholderText(self.tr("all, by weight"))
        self.max_tokens.setSpecialValueText(self.tr("as the task"))
        self.limit.setSpecialValueText(self.tr("all"))
        self.max_tokens.setMinimumWidth(
            self.max_tokens.sizeHint().width() + ROOM
        )  # else its words are pushed to the edge
        self.more.setText(self.tr("More"))
        self.more.setCheckable(True)
        self.more.setAccessibleName(self.tr("Show more settings of the run"))

    def _lay_out(self) -> None:
        first, second = QHBoxLayout(), QHBoxLayout()
        first.setSpacing(5)
        second.setSpacing(5)
        second.setContentsMargins(0, 0, 0, 0)
        for text, name, widget in (
            (self.tr("Write"), "only", self.prompts),
            (self.tr("Rounds"), "rounds", self.rounds),
            (self.tr("Seed"), "seed", self.seed),
            ("", "critique", self.critique),
        ):
            _put(first, text, widget, name)
        first.addWidget(self.more)
        first.addStretch(1)
        first.addWidget(self.start)
        for text, name, field in (
            (self.tr("Temperature"), "temperature", self.temperature),
            (self.tr("Tokens"), "max_tokens", self.max_tokens),
            (self.tr("At most"), "limit", self.limit),
            ("", "few_shots", self.few_shots),
        ):
            _put(second, text, field, name)
        second.addStretch(1)
        third = QHBoxLayout()
        third.setSpacing(5)
        for text, name, line in (
            (self.tr("Principles"), "principles", self.principles),
            (self.tr("Response model"), "response", self.response),
            (self.tr("Critic"), "critic", self.critic),
        ):
            _put(third, text, line, name)
        for field_place in range(1, third.count(), 2):
            third.setStretch(field_place, 1)
        self._rest = QWidget()
        rest = QVBoxLayout(self._rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(5)
        rest.addLayout(second)
        rest.addLayout(third)
        self._rest.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(first)
        column.addWidget(self._rest)
        column.addWidget(self.estimate)
        column.addWidget(self.examples)

    def _connect(self) -> None:
        self.more.toggled.connect(self._rest.setVisible)
        self.start.clicked.connect(lambda: self.wants_run.emit(self.settings()))
        self.prompts.activated.connect(lambda _: self.refresh())
        for number in (self.rounds, self.max_tokens, self.seed, self.limit):
            number.valueChanged.connect(lambda _: self.refresh())
        self.temperature.valueChanged.connect(lambda _: self.refresh())
        self.critique.toggled.connect(lambda _: self.refresh())
        self.few_shots.clicked.connect(self._choose_examples)
        for choice in (self.response, self.critic):
            choice.currentTextChanged.connect(lambda _: self.refresh())
        self.principles.editingFinished.connect(self.refresh)
        self.more.toggled.connect(self._offer)
        self._session.opened.connect(lambda _: self._begin())

    def _begin(self) -> None:
        """Begin anew, with another project."""
        self._examples_by_hand = False

    def _choose_examples(self) -> None:
        self._examples_by_hand = True
        self.refresh()

    def _show_examples(self, crowding: str) -> None:
        """Say beside the estimate what became of the examples; until a person chose, they go in front only where they fit."""
        if not self._examples_by_hand:
            self.few_shots.setChecked(not crowding)
        words = ""
        if crowding:
            words = (
                self.tr("! The examples may not fit: {why}.")
                if self._examples_by_hand
                else self.tr("Examples are left out: {why}. “Examples in front”, under More, puts them back.")
            ).format(why=crowding)
        self.examples.setText(words)
        self.examples.setVisible(bool(words))

    def _offer(self, unfolded: bool) -> None:
        if unfolded:
            offer_models(self._session, {"response": self.response, "critic": self.critic}, self)

    def _reckon(self) -> None:
        settings = self.settings()
        doing = self.tr("Reckoning what the run costs")
        self._session.ask(doing, lambda project: _reckoned(project, settings), self._show, self._cannot)

    def _show(self, reckoned: "Reckoned") -> None:
        found, tags = reckoned
        time = self.tr("time unknown") if found.seconds is None else duration_text(found.seconds)
        words = self.tr("{chains} by {models} · {calls} calls · {tokens} tokens · {time}  ({basis})")
        set_part(self.estimate, "muted")
        self.estimate.setText(
            words.format(
                chains=counted(found.chains, self.tr("1 chain"), self.tr("{count} chains")),
                models=self.tr(" and ").join(found.models),
                calls=f"{found.calls:,}",
                tokens=f"{found.tokens:,}",
                time=time,
                basis=in_language(found.basis),
            )
        )
        self.start.setEnabled(True)
        self._show_examples(in_language(found.crowding))
        self._show_tags(tags)

    def _cannot(self, failure: Failure) -> None:
        set_part(self.estimate, "warning")
        self.estimate.setText(failure.sentence)
        self.start.setEnabled(False)

    def _show_tags(self, tags: tuple[str, ...]) -> None:
        there = [str(self.prompts.itemData(place)) for place in range(self.prompts.count())]
        for tag in tags:
            if f"tag:{tag}" not in there:
                self.prompts.addItem(self.tr("Tagged {tag}").format(tag=tag), f"tag:{tag}")
        widen_list(self.prompts)


def _reckoned(project: "Project", settings: dict[str, str]) -> "Reckoned":
    from workbench.project.estimating import estimate_chains  # noqa: PLC0415
    from workbench.runs.machine import known_machine  # noqa: PLC0415

    found = estimate_chains(project.store, settings, known_machine(), project.constitution.constitution)
    return found, tuple(project.store.taggings.tags())


def _usual() -> dict[str, Any]:
    from workbench.records.settings import ChainSettings  # noqa: PLC0415

    return vars(ChainSettings())


def _help(name: str) -> str:
    from dataclasses import fields  # noqa: PLC0415

    from workbench.records.settings import ChainSettings  # noqa: PLC0415

    return next(
        (in_language(str(knob.metadata.get("help", ""))) for knob in fields(ChainSettings) if knob.name == name), ""
    )


def _number(low: int, high: int) -> QSpinBox:
    made = roomy(QSpinBox(minimum=low, maximum=high))
    made.setMaximumWidth(letters(made, 15))
    return made


def _put(row: QHBoxLayout, text: str, widget: QWidget, name: str) -> None:
    if text:
        row.addWidget(label(text, "muted"))
        widget.setAccessibleName(f"{text}: {_help(name)}" if _help(name) else text)
    widget.setToolTip(_help(name))
    row.addWidget(widget)
