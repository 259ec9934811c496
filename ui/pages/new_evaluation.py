"""The sheet for a new evaluation: who judges, how many prompts, and how much that is to do, told before it starts."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from ui.places import need_sentence
from ui.reading_order import SheetInOrder
from ui.session import Session
from ui.static_words import in_language
from ui.widgets.numbers import roomy
from ui.widgets.role_choice import RoleChoice, offer_models
from ui.widgets.setting_fields import help_of
from ui.widgets.texts import beside, button, counted, label, letters
from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.overview import Overview
    from workbench.records.baselines import Policy


class NewEvaluationSheet(SheetInOrder):
    """Asks for an evaluation's settings; accepts only what can be started."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("New evaluation"))
        self._overview = session.overview
        self.judges = {
            "preference_model": QCheckBox(self.tr("Preference model (scores every answer; overestimates)")),
            "feedback": QCheckBox(self.tr("Feedback model, in both orders")),
            "oracle": QCheckBox(self.tr("Oracle (knows the demo's world, and no other)")),
        }
        for name in ("preference_model", "feedback"):
            self.judges[name].setChecked(True)
        self.limit = _number(self.tr("Most prompts of each kind"), 0, 100_000, 0, self.tr("all"))
        self.test_set = QComboBox()
        self.test_set.setAccessibleName(self.tr("Which test prompts"))
        self._fill_test_sets()
        self.judged = _number(
            self.tr("Pairs the feedback model judges, per two models"), 0, 100_000, 100, self.tr("all")
        )
        self.temperature = roomy(QDoubleSpinBox())
        self.temperature.setAccessibleName(self.tr("Temperature of the answers"))
        self.temperature.setRange(0.0, 2.0)
        self.temperature.setSingleStep(0.1)
        self.temperature.setValue(1.0)
        self.seed = _number(self.tr("Seed of the evaluation"), 0, 1_000_000, 0)
        self.few_shots = QCheckBox(self.tr("Feedback model: the constitution's examples in front"))
        self.few_shots.setChecked(True)
        self.baselines = QLineEdit()
        self.baselines.setAccessibleName(self.tr("Baselines"))
        self.baselines.setPlaceholderText("best_of_16:sl_cai,constitution:base")
        self.models = {role: RoleChoice(text, self._usual(role)) for role, text in self._roles().items()}
        offer_models(session, self.models, self)
        session.ask(self.tr("Looking for models"), _usual_models, self._show_usual, owner=self)
        self.says, self.trouble = label(part="muted", wrap=True), label(part="bad", wrap=True)
        self._lay_out()
        self._take_over(session)
        for box in self.judges.values():
            box.toggled.connect(lambda _: self._check())
        self.limit.valueChanged.connect(lambda _: self._check())
        self.test_set.currentIndexChanged.connect(lambda _: self._check())
        self.baselines.textChanged.connect(lambda _: self._check())
        for model in self.models.values():
            model.currentTextChanged.connect(lambda _: self._check())
        self._check()

    @property
    def settings(self) -> dict[str, str]:
        """What was asked for, as a command line would say it."""
        chosen = [name for name, box in self.judges.items() if box.isChecked()]
        return {
            "judges": ",".join(chosen),
            "limit": str(self.limit.value()),
            **({"test_set": which} if (which := self.test_set.currentData()) != "locked" else {}),
            "judged_pairs": str(self.judged.value()),
            "temperature": str(self.temperature.value()),
            "few_shots": str(self.few_shots.isChecked()).lower(),
            "baselines": self.baselines.text().strip(),
            "seed": str(self.seed.value()),
            **{role: box.text() for role, box in self.models.items() if box.text()},
        }

    def _fill_test_sets(self) -> None:
        """Offer the locked set first, and all prompts there are where more are there."""
        overview = self._overview
        there = overview.rows["test_prompts"] if overview else 0
        more = overview.rows["unlocked_test_prompts"] if overview else 0
        name = overview.test_set if overview else ""
        count = counted(there - more, self.tr("1 prompt"), self.tr("{count} prompts"))
        if not name:
            self.test_set.addItem(self.tr("{count}, which this evaluation locks").format(count=count), "locked")
            return
        self.test_set.addItem(self.tr("Locked set {set}: {count}").format(set=name, count=count), "locked")
        if more:
            words = self.tr("All {there}, {more} more: a set of its own")
            self.test_set.addItem(words.format(there=f"{there:,}", more=f"{more:,}"), "all")
        self.test_set.setToolTip(self.tr("Figures of different sets do not compare."))

    def _roles(self) -> dict[str, str]:
        return {
            "base": self.tr("Base"),
            "sl_cai": self.tr("SL-CAI"),
            "rl_cai": self.tr("RL-CAI"),
            "dpo": self.tr("DPO"),
            "feedback": self.tr("Feedback model"),
            "reward": self.tr("Preference model"),
        }

    def _usual(self, role: str) -> str:
        return self.tr("as usual") if role in ("base", "feedback") else self.tr("the newest")

    def _show_usual(self, found: dict[str, str]) -> None:
        """Say by name whom the evaluation takes where nobody is chosen; whoever is not there yet answers nothing."""
        for role, box in self.models.items():
            if found:
                box.show_usual(found.get(role, self.tr("none yet")))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Be as high as all rows need, now that it is known how they break."""
        super().showEvent(event)
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(max(layout.totalHeightForWidth(self.width()), layout.totalMinimumSize().height()))

    def _model_rows(self) -> QWidget:
        """Return a box for each model, three in a row."""
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(4)
        for place, (role, text) in enumerate(self._roles().items()):
            row, at = divmod(place, 3)
            grid.addWidget(label(text, "muted"), 2 * row, at)
            grid.addWidget(self.models[role], 2 * row + 1, at)
            grid.setColumnStretch(at, 1)
        return made

    def _take_over(self, session: Session) -> None:
        """Begin with what the newest evaluation was asked, so that the two can be held against each other."""
        plans = [one.run.plan for one in session.runs if one.run.stage == "evaluation" and one.run.plan is not None]
        if not plans:
            return
        before = plans[0].settings
        chosen = str(before.get("judges", "")).split(",")
        for name, box in self.judges.items():
            box.setChecked(name in chosen)
        self.limit.setValue(int(before.get("limit", 0)))
        self.judged.setValue(int(before.get("judged_pairs", self.judged.value())))
        self.temperature.setValue(float(before.get("temperature", 1.0)))
        self.few_shots.setChecked(bool(before.get("few_shots", True)))
        self.baselines.setText(str(before.get("baselines", "")))

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(20, 18, 20, 14)
        form.setVerticalSpacing(10)
        purpose = self.tr(
            "Base, SL-CAI and RL-CAI, as far as they are there, answer the locked test prompts; judges compare."
        )
        form.addRow(label(purpose, wrap=True))
        form.addRow(label(self.tr("Models"), "heading"))
        form.addRow(self._model_rows())
        form.addRow(label(self.tr("Judges"), "heading"))
        for box in self.judges.values():
            form.addRow(box)
        form.addRow(label(self.tr("Test prompts")), self.test_set)
        form.addRow(beside(self.limit.accessibleName(), self.limit), self.limit)
        form.addRow(beside(self.tr("Pairs judged, per two models"), self.judged), self.judged)
        row = QHBoxLayout()
        row.addWidget(self.temperature)
        row.addSpacing(10)
        row.addWidget(label(self.tr("Seed")))
        row.addSpacing(4)
        row.addWidget(self.seed)
        row.addStretch(1)
        form.addRow(beside(self.tr("Temperature"), self.temperature), row)
        form.addRow(self.few_shots)
        form.addRow(beside(self.tr("Baselines"), self.baselines), self.baselines)
        form.addRow(self.says)
        form.addRow(self.trouble)
        cancel, foot = button(self.tr("Cancel")), QHBoxLayout()
        self.start = button(self.tr("Start the evaluation"), primary=True)
        self.start.setDefault(True)
        self.start.clicked.connect(self.accept)
        cancel.clicked.connect(self.reject)
        foot.setSpacing(8)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.start)
        form.addRow(foot)
        self.setMinimumWidth(letters(self, 93))
        self._explain()

    def _explain(self) -> None:
        """Give each field its setting's own words."""
        explained = {
            "limit": self.limit, "judged_pairs": self.judged, "temperature": self.temperature, "seed": self.seed,
            "few_shots": self.few_shots, "baselines": self.baselines, "test_set": self.test_set,
        }  # fmt: skip
        for name, field in explained.items():
            field.setToolTip(help_of("evaluation", name))
        for box in self.judges.values():
            box.setToolTip(help_of("evaluation", "judges"))

    def _check(self) -> None:
        lacking = self._overview.lacks_judge() if self._overview and not self.models["reward"].text() else ""
        scorer = self.judges["preference_model"]
        if scorer.isEnabled() == bool(lacking):
            scorer.setEnabled(not lacking)
            scorer.setChecked(not lacking)
        scorer.setToolTip(need_sentence(lacking) if lacking else help_of("evaluation", "judges"))
        trouble, baselines = "", tuple["Policy", ...]()
        try:
            baselines = self._baselines()
        except WorkbenchError as error:
            trouble = in_language(error.sentence)
        if lacking and any(one.best_of > 1 for one in baselines):
            trouble = need_sentence(lacking)  # for it picks the best
        if not self.settings["judges"]:
            trouble = self.tr("Choose at least one judge.")
        self.trouble.setText(trouble)
        self.start.setEnabled(not trouble)
        if self._overview is not None:
            self._say_how_much(self._overview, len(baselines))

    def _say_how_much(self, overview: "Overview", baselines: int) -> None:
        made = {"sl_cai": "sft", "rl_cai": "rl", "dpo": "dpo"}
        there = [role for role, stage in made.items() if self.models[role].text() or stage in overview.finished]
        models, prompts = 1 + len(there) + baselines, overview.rows["test_prompts"]
        if self.test_set.currentData() == "locked":
            prompts -= overview.rows["unlocked_test_prompts"]
        prompts = min(prompts, 2 * self.limit.value()) if self.limit.value() else prompts
        who = counted(models, self.tr("1 model"), self.tr("{count} models"))
        asked = counted(prompts, self.tr("1 test prompt"), self.tr("{count} test prompts"))
        says = self.tr("About {answers} answers: {models}, {prompts}.")
        says = says.format(answers=f"{models * prompts:,}", models=who, prompts=asked)
        alone = self.tr(
            " A model alone is compared with nobody: name another above, or a baseline such as constitution:base."
        )
        self.says.setText(says + (alone if models == 1 else ""))

    def _baselines(self) -> "tuple[Policy, ...]":
        from workbench.records.baselines import parse_baselines  # noqa: PLC0415

        return parse_baselines(self.baselines.text().strip(), ("base", "sl_cai", "rl_cai"))


def _number(name: str, low: int, high: int, value: int, special: str = "") -> QSpinBox:
    box = roomy(QSpinBox())
    box.setAccessibleName(name)
    box.setRange(low, high)
    box.setValue(value)
    box.setSpecialValueText(special)
    return box


def _usual_models(project: "Project") -> dict[str, str]:
    from workbench.project.known_models import usual_models  # noqa: PLC0415

    return usual_models(project.store, "evaluation")
