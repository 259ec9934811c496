"""What an evaluation found: a plane of harmlessness and helpfulness, win rates by a judge, and how the answers read."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QScrollArea,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.look.theme import Theme
from ui.static_words import in_language
from ui.widgets.interval_plots import Bar, BarsView, Interval, PlanePoint, PlaneView
from ui.widgets.numbers import roomy
from ui.widgets.reading_table import reading_table
from ui.widgets.texts import label

if TYPE_CHECKING:
    from workbench.project.evaluations import Findings, Validity

    Corrections = Mapping[tuple[str, str, str], Any]

_KINDS = ("red-team", "helpful")
#: What is measured in parts of all answers.
_SHARES = frozenset(
    {"wording: evasive", "distinct", "top_sentence"}
    | {f"oracle: {name}" for name in ("evasive", "refusal", "bare_refusal", "engages")}
)


#: Pixels between a row's two lines and the next row's.
_AIR = 10


class ResultsPane(QWidget):
    """Shows findings for the marked models; chosen tells (newer, older, kind of prompts) of a win rate."""

    chosen = Signal(object)
    #: The title of a judge whose win rates at equal length are wanted.
    wants_equal_length = Signal(str)
    #: A figure was chosen in the table.
    figure_chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._findings: Findings | None = None
        self._models: tuple[str, ...] = ()
        self._preferred = ""
        #: The kind of prompts and the name of the figure in each row of the table.
        self._rows: list[tuple[str, str]] = []
        #: By judge: win rates at equal length, by kind of prompt and models; None while they are reckoned.
        self._corrected: dict[str, Corrections | None] = {}
        self.reading = label(part="heading", wrap=True)
        self._figures = QWidget()
        self.judge = QComboBox()
        self.judge.setAccessibleName(self.tr("By which judge"))
        self.judge.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.equal_length = QCheckBox(self.tr("At equal length"))
        self.reckoning = label(self.tr("reckoning …"), "muted")
        self.validity = label(part="muted", wrap=True)
        self.plane = PlaneView(self.tr("Harmlessness and helpfulness of the models"), theme)
        self.rates = BarsView(self.tr("Win rates of the newer model over the older"), theme)
        self.rates.setToolTip(self.tr("Choose a win rate to see the prompts on which the newer model lost."))
        self.table = _table(self.tr("How the answers of each model read"))
        self.share = roomy(QSpinBox())
        self.share.setAccessibleName(self.tr("Win rate to tell from one half, in percent"))
        self.share.setRange(51, 99)
        self.share.setValue(60)
        self.share.setSuffix("%")
        self.needed = label(wrap=True)
        self._lay_out()
        self.judge.currentIndexChanged.connect(lambda _: self._show())
        self.equal_length.toggled.connect(lambda _: self._show())
        self.share.valueChanged.connect(lambda _: self._show_needed())
        self.rates.chosen.connect(self.chosen.emit)
        self.table.currentCellChanged.connect(lambda *_: self.figure_chosen.emit())

    @property
    def judge_name(self) -> str:
        """The title of the judge that is chosen."""
        return str(self.judge.currentData() or "")

    def prefer(self, judge: str) -> None:
        """Show this judge's figures, now or as soon as there are any."""
        place = self.judge.findData(judge)
        self._preferred = "" if place >= 0 else judge
        if place >= 0:
            self.judge.setCurrentIndex(place)

    def wait_for(self, run: str) -> None:
        """Say that an evaluation is being read, in the place of the figures; those that are shown stay if they are its own."""
        if self._findings is None or self._findings.run != run:
            words = self.tr("Reading {run} and reckoning its intervals …")
            self.reading.setText(words.format(run=run or self.tr("the evaluation")))
            self._show_figures(False)

    def stop_waiting(self) -> None:
        """Say that it could not be read; what went wrong is told elsewhere."""
        self.reading.setText(self.tr("This evaluation could not be read."))

    def show_findings(self, findings: "Findings | None", models: Sequence[str]) -> None:
        """Show an evaluation's findings as far as they are of these models."""
        if findings is not self._findings:
            self._corrected.clear()
        self._findings, self._models = findings, tuple(models)
        self._show_figures(True)
        judges = list(findings.measured["judges"]) if findings else []
        if judges != [self.judge.itemData(place) for place in range(self.judge.count())]:
            kept = self._preferred or self.judge_name
            self.judge.blockSignals(True)
            self.judge.clear()
            for judge in judges:
                title = in_language(judge)
                self.judge.addItem(title[:1].upper() + title[1:], judge)
            self.judge.setCurrentIndex(max(0, self.judge.findData(kept)))
            self.judge.blockSignals(False)
        self._preferred = ""
        self._show()

    def show_equal_length(self, findings: "Findings", judge: str, corrected: "Corrections") -> None:
        """Show what a judge's win rates are at equal length, if these findings are still the ones that are shown."""
        if findings is self._findings:
            self._corrected[judge] = corrected
            self._show()

    def _lay_out(self) -> None:
        choice, plots, power = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        choice.addWidget(label(self.tr("Judge")))
        choice.addWidget(self.judge)
        choice.addWidget(self.equal_length)
        choice.addWidget(self.reckoning)
        choice.addStretch(1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 6, 0)
        column.addWidget(label(self.tr("Win rates among decided pairs"), "heading", wrap=True))
        column.addWidget(self.rates)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(right)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(self.tr("Win rates, scrolled"))
        left = QVBoxLayout()
        left.addWidget(label(self.tr("Elo points, 95% intervals over prompts"), "heading", wrap=True))
        left.addWidget(self.plane, 1)
        plots.addLayout(left, 1)
        plots.addWidget(scroll, 1)
        power.addWidget(label(self.tr("To tell a win rate of")))
        power.addWidget(self.share)
        power.addWidget(self.needed, 1)
        body = QVBoxLayout(self._figures)
        body.setContentsMargins(0, 0, 0, 0)
        body.addLayout(choice)
        body.addWidget(self.validity)
        body.addLayout(plots, 3)
        body.addLayout(power)
        body.addWidget(self.table, 2)
        self.reading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.addWidget(self.reading, 1)
        whole.addWidget(self._figures, 1)
        self._show_figures(True)

    def _show_figures(self, there: bool) -> None:
        self.reading.setVisible(not there)
        self._figures.setVisible(there)

    def _show(self) -> None:
        judged = self._findings.measured["judges"].get(self.judge_name, {}) if self._findings else {}
        self._show_validity()
        self._want_equal_length()
        titles = (self.tr("helpful prompts"), self.tr("red-team prompts"))
        empty = self.tr("The plane needs decided pairs on both kinds of prompt by this judge.")
        self.plane.show_points(_points(judged, self._models), titles, empty)
        self.rates.show_bars(self._bars(judged), self.tr("This judge has decided no pair of the marked models."))
        self._show_table()
        self._show_needed()

    def _want_equal_length(self) -> None:
        """Ask for win rates at equal length where they are to be shown and nobody has reckoned them yet."""
        wanted, judge = self.equal_length.isChecked(), self.judge_name
        if wanted and judge and judge not in self._corrected:
            self._corrected[judge] = None
            self.wants_equal_length.emit(judge)
        self.reckoning.setVisible(wanted and bool(judge) and self._corrected[judge] is None)

    def _show_validity(self) -> None:
        found: Validity | None = self._findings.validity.get(self.judge_name) if self._findings else None
        says = []
        if found is not None and found.agreement is not None:
            text = self.tr("agrees with people's blind judgements in {rate:.0%} ({low:.0%}–{high:.0%}, n {n})")
            one = found.agreement
            says.append(text.format(rate=one.value, low=one.low, high=one.high, n=one.n))
        elif found is not None:
            says.append(self.tr("has not been held against people's judgements"))
        if found is not None and found.flips is not None:
            says.append(
                self.tr("turns with the order in {rate:.0%}, which counts as a tie").format(rate=found.flips.value)
            )
        self.validity.setText(self.tr("It {says}.").format(says="; ".join(says)) if says else "")
        self.validity.setVisible(bool(says))

    def _bars(self, judged: Mapping[str, Any]) -> list[Bar]:
        bars = []
        for kind in sorted(judged, key=lambda one: _KINDS.index(one) if one in _KINDS else 9):
            for rate in judged[kind]["win_rates"]:
                if rate["model"] in self._models and rate["against"] in self._models:
                    bars.append(self._bar(kind, rate))
        return bars

    def _bar(self, kind: str, rate: Mapping[str, Any]) -> Bar:
        known = self._corrected.get(self.judge_name) if self.equal_length.isChecked() else None
        corrected = (known or {}).get((kind, rate["model"], rate["against"]))
        one = corrected["rate"] if corrected else rate["decided"]
        name = self.tr("{model} over {against}").format(model=rate["model"], against=rate["against"])
        key = (rate["model"], rate["against"], kind)
        if one is None:
            return Bar(name, None, self.tr("all ties"), in_language(kind), key)
        decided = self.tr("one decided pair") if one["n"] == 1 else self.tr("{n} decided pairs").format(n=one["n"])
        below = self.tr("{kind} · {decided}, {ties:.0%} ties").format(
            kind=in_language(kind), decided=decided, ties=rate["ties"]["value"]
        )
        says = f"{one['value']:.0%}  [{one['low']:.0%}–{one['high']:.0%}]"
        return Bar(name, _interval(one), says, below, key)

    def _show_needed(self) -> None:
        from workbench.measurement.power import pairs_needed  # noqa: PLC0415

        judged = self._findings.measured["judges"].get(self.judge_name, {}) if self._findings else {}
        rates = [rate for part in judged.values() for rate in part["win_rates"]]
        ties = max((rate["ties"]["value"] for rate in rates), default=0.0)
        share = self.share.value() / 100
        plain = pairs_needed(share)
        says = self.tr("from one half with 80% power, {count} decided pairs are needed").format(count=plain)
        if 0 < ties < 1:
            more = self.tr("; up to {count} with this judge's ties.").format(count=pairs_needed(share, ties=ties))
            says += more
        self.needed.setText(says)

    def _show_table(self) -> None:
        policies = self._findings.measured["policies"] if self._findings else {}
        models = [name for name in self._models if name in policies]
        kinds = dict.fromkeys(kind for name in models for kind in policies[name])
        rows = [
            (kind, key)
            for kind in sorted(kinds, key=lambda one: _KINDS.index(one) if one in _KINDS else 9)
            for key in self._measures()
            if any(key in policies[name].get(kind, {}) for name in models)
        ]
        self._rows = rows
        self.table.setColumnCount(len(models) + 1)
        self.table.setRowCount(len(rows))
        self.table.setHorizontalHeaderLabels([self.tr("What"), *models])
        for row, (kind, key) in enumerate(rows):
            self.table.setItem(row, 0, QTableWidgetItem(f"{self._measures()[key]} · {in_language(kind)}"))
            for column, name in enumerate(models, 1):
                self.table.setItem(
                    row, column, QTableWidgetItem(_shown(policies[name].get(kind, {}).get(key), key in _SHARES))
                )
        for row in range(len(rows)):
            self.table.setRowHeight(row, self.table.sizeHintForRow(row) + _AIR)
        if models:
            self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)

    @property
    def chosen_figure(self) -> tuple[str, str, str] | None:
        """The title of the chosen figure, the kind of prompts it is of, and what it is called in the findings."""
        row = self.table.currentRow()
        if not 0 <= row < len(self._rows):
            return None
        kind, key = self._rows[row]
        return self._measures()[key], kind, key

    def _measures(self) -> dict[str, str]:
        """Return what is measured, what matters most first."""
        return {
            "oracle: harm": self.tr("Harm by oracle"),
            "oracle: helpfulness": self.tr("Helpfulness by oracle"),
            "preference_model: preference_model": self.tr("Score, PM-predicted"),
            "oracle: refusal": self.tr("Refusals"),
            "oracle: bare_refusal": self.tr("Bare refusals"),
            "oracle: engages": self.tr("Engages"),
            "wording: evasive": self.tr("Evasive by wording"),
            "oracle: evasive": self.tr("Evasive by oracle"),
            "words": self.tr("Words"),
            "tokens": self.tr("Tokens"),
            "distinct": self.tr("Distinct answers"),
            "top_sentence": self.tr("Commonest sentence in"),
        }


def _table(name: str) -> QTableWidget:
    table = reading_table(name)
    table.setTextElideMode(Qt.TextElideMode.ElideNone)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    return table


def _points(judged: Mapping[str, Any], models: Sequence[str]) -> list[PlanePoint]:
    """Return the models that have points on both kinds of prompt, if these are counted from the same model."""
    red, helpful = (judged.get(kind, {}).get("elo") for kind in _KINDS)
    if not red or not helpful or red["anchor"] != helpful["anchor"]:
        return []
    red, helpful = red["scores"], helpful["scores"]
    both = [name for name in models if name in red and name in helpful]
    return [PlanePoint(name, _interval(helpful[name]), _interval(red[name])) for name in both] if len(both) > 1 else []


def _interval(one: Mapping[str, Any]) -> Interval:
    return Interval(one["value"], one["low"], one["high"])


def _shown(value: Any, share: bool) -> str:
    """Return a number, and below it its interval: beside it there is no room for it where models are many."""
    if isinstance(value, Mapping):
        low, high = (_number(value[end], share).rstrip("%") for end in ("low", "high"))
        return f"{_number(value['value'], share)}\n[{low}{' to ' if value['low'] < 0 else '–'}{high}]"
    return "–" if value is None else _number(value, share)


def _number(value: float, share: bool) -> str:
    if share:
        return f"{value:.1%}"
    return (f"{value:.3g}" if abs(value) >= 1 else f"{value:.2g}").replace("-", "−")
