"""Shares of prompts for several splits, each in percent, and whether they make a whole."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QVBoxLayout, QWidget

from ui.static_words import in_language
from ui.widgets.numbers import roomy
from ui.widgets.texts import label, set_part

#: What stands there first: most of it to train on.
_FIRST = {"train": 90.0, "test": 10.0}


class _Percent(QDoubleSpinBox):
    """A percentage with no more digits than it needs."""

    def textFromValue(self, value: float) -> str:  # noqa: N802
        return f"{value:g}"


class ShareFields(QWidget):
    """A box for each split; changed tells that a share was turned or typed."""

    changed = Signal()

    def __init__(self, splits: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        self.boxes: Mapping[str, QDoubleSpinBox] = {split: self._box(split) for split in splits}
        for split, box in self.boxes.items():
            row.addWidget(label(in_language(split), "muted"))
            row.addWidget(box)
        row.addStretch(1)
        self.sum = label(part="muted", wrap=True)
        column.addWidget(self.sum)
        self._show_sum()

    @property
    def text(self) -> str:
        """The shares as the command line takes them, such as train=0.9,test=0.1."""
        shares = {split: box.value() for split, box in self.boxes.items() if box.value()}
        return ",".join(f"{split}={share / 100:.4g}" for split, share in shares.items())

    @property
    def problem(self) -> str:
        """What is wrong with the shares and what to do, in a sentence; nothing where they make a whole."""
        total = round(sum(box.value() for box in self.boxes.values()), 2)
        if total == 100:
            return ""
        missing = self.tr("give {more}% more") if total < 100 else self.tr("take {more}% away")
        said = self.tr("The shares add up to {total}%, not 100: {what}.")
        return said.format(total=f"{total:g}", what=missing.format(more=f"{abs(100 - total):g}"))

    def _box(self, split: str) -> QDoubleSpinBox:
        box = roomy(_Percent())
        box.setAccessibleName(self.tr("Share of {split} in percent").format(split=in_language(split)))
        box.setDecimals(2)
        box.setRange(0, 100)
        box.setSingleStep(5)
        box.setSuffix("%")
        box.setValue(_FIRST.get(split, 0.0))
        box.valueChanged.connect(self._turned)
        return box

    def _turned(self) -> None:
        self._show_sum()
        self.changed.emit()

    def _show_sum(self) -> None:
        set_part(self.sum, "bad" if self.problem else "muted")
        self.sum.setText(
            self.problem
            or self.tr("100% in all. Which prompt goes where is drawn by its text; near duplicates go together.")
        )
