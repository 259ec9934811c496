"""The audit planner: how many random pairs an aim needs, how many are done, and the button that draws and locks them."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QRadioButton, QSpinBox, QVBoxLayout, QWidget

from ui.static_words import in_language
from ui.widgets.numbers import roomy
from ui.widgets.texts import button, label, set_part

if TYPE_CHECKING:
    from workbench.project.auditing import Aim


class AuditPlanner(QFrame):
    """Works out the size as the aim is edited; draws nothing by itself."""

    #: The aim.
    draw = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_part(self, "card")
        self._pool = self._size = self._done = 0
        self._complete = True
        self.by_width = QRadioButton(self.tr("Know the agreement to within"))
        self.by_bound = QRadioButton(self.tr("Show that errors are below"))
        self.by_width.setChecked(True)
        self.within = self._percent(5, 1, 40, self.tr("Half-width of the interval, in per cent"), "±")
        self.expect = self._percent(80, 0, 100, self.tr("Agreement you expect, in per cent"))
        self.most = self._percent(5, 1, 50, self.tr("Share of errors to rule out, in per cent"))
        self.misses = roomy(QSpinBox(minimum=0, maximum=50, value=2))
        self.misses.setAccessibleName(self.tr("Misses that may be among them"))
        self.words, self.warning = label(part="heading", wrap=True), label(part="muted", wrap=True)
        self.button = button(self.tr("Draw and lock this sample"), primary=True)
        self._lay_out()
        for radio in (self.by_width, self.by_bound):
            radio.toggled.connect(self._plan)
        for box in (self.within, self.expect, self.most, self.misses):
            box.valueChanged.connect(self._plan)
        self.button.clicked.connect(lambda: self.draw.emit(self.aim()))

    def aim(self) -> "Aim":
        """Return what the audit is to find out."""
        from workbench.project.auditing import Aim  # noqa: PLC0415

        most = self.most.value() / 100 if self.by_bound.isChecked() else 0.0
        return Aim(self.within.value() / 100, self.expect.value() / 100, most, self.misses.value())

    def show_pool(self, pool: int, size: int, done: int, complete: bool) -> None:
        """Take how many labelled pairs there are, and how far the newest sample is."""
        self._pool, self._size, self._done, self._complete = pool, size, done, complete
        self._plan()

    def _percent(self, value: int, low: int, high: int, name: str, prefix: str = "") -> QSpinBox:
        box = roomy(QSpinBox(minimum=low, maximum=high, value=value, prefix=prefix, suffix="%"))
        box.setAccessibleName(name)
        return box

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.addWidget(label(self.tr("Audit planner"), "heading"))
        for first, box, words, other in (
            (self.by_width, self.within, self.tr("if about"), self.expect),
            (self.by_bound, self.most, self.tr("misses up to"), self.misses),
        ):
            row = QHBoxLayout()
            for widget in (first, box, label(words), other):
                row.addWidget(widget)
            row.addStretch(1)
            column.addLayout(row)
        column.addWidget(self.words)
        column.addWidget(self.warning)
        row = QHBoxLayout()
        row.addWidget(self.button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)

    def _plan(self) -> None:
        from workbench.errors import BadInputError  # noqa: PLC0415

        width = self.by_width.isChecked()
        for box, on in ((self.within, width), (self.expect, width), (self.most, not width), (self.misses, not width)):
            box.setEnabled(on)
        self.button.setEnabled(self._pool > 0)
        if not self._pool:
            self.words.setText(self.tr("No pair has a label yet."))
            return
        try:
            size = self.aim().size(self._pool)
        except BadInputError as error:
            self.words.setText(in_language(error.sentence))
            self.button.setEnabled(False)
            return
        more = self.tr("; {count} are left to answer").format(count=max(0, size - self._done)) if self._done else ""
        words = self.tr("{size} random pairs of {pool} labelled{more}.")
        self.words.setText(words.format(size=f"{size:,}", pool=f"{self._pool:,}", more=more))
        locked = self._size and not self._complete
        set_part(self.button, "" if locked else "primary")  # to go on with that one comes first
        self.warning.setText(
            self._warning(size)
            if locked
            else self.tr("Fix the size first: whoever stops when the figures please has measured nothing.")
        )

    def _warning(self, size: int) -> str:
        """Say what becomes of the sample that is locked and not done."""
        if size < self._size:
            return self.tr(
                "A sample of {size} is locked and not done. This smaller one takes its place; the labels of the pairs it leaves "
                "out can be seen then."
            ).format(size=f"{self._size:,}")
        return self.tr(
            "A sample is locked and not done. This one takes its place; of the same labels it holds that one whole."
        )
