"""What a policy writes to the same few prompts while it learns, beside what it wrote where it began."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QListWidget,
    QSlider,
    QSplitter,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.look.theme import Theme
from ui.user_settings import UserSettings
from ui.widgets.cover import Cover
from ui.widgets.diff_view import DiffView
from ui.widgets.reading_table import reading_table
from ui.widgets.texts import TextView, label

if TYPE_CHECKING:
    from workbench.project.samples import PinnedPrompt
    from workbench.records.policy_sample import PolicySample


class SamplesView(QWidget):
    """Choose a prompt, move through the steps; words that are not as at the start are marked, and below stand all answers."""

    #: The prompt and the sample that are looked at, and whether the texts are covered.
    looked_at = Signal(object, object, bool)

    def __init__(self, theme: Theme, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pinned: Sequence[PinnedPrompt] = ()
        #: The prompt and the step that are to be shown once they are there.
        self._sought: tuple[str, int] | None = None
        self.empty = label(wrap=True, part="muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.prompts = QListWidget()
        self.prompts.setAccessibleName(self.tr("Pinned prompts"))
        self.prompts.setWordWrap(True)
        self.prompts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.prompt = TextView(self.tr("The chosen prompt"))
        self.prompt.setMaximumHeight(self.fontMetrics().lineSpacing() * 3 + 12)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Step of the training whose answer is shown"))
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setPageStep(1)
        self.step = label(part="heading")
        self.policy = DiffView(self.tr("What the policy writes, compared with where it began"), theme)
        self.reference = TextView(self.tr("What was written where the training began"))
        self.reference_head = label(part="muted", wrap=True)
        self.course = _table(self.tr("The answers to the prompt by step"))
        self.course.setHorizontalHeaderLabels(
            [self.tr("Step"), self.tr("Reward"), self.tr("KL"), self.tr("What the policy writes")]
        )
        self._whole = QSplitter()
        self._whole.addWidget(self.prompts)
        self.cover = Cover(self._answers(), settings, self.tr("Show the covered samples"))
        self._whole.addWidget(self.cover)
        self._whole.setSizes([220, 560])
        self._whole.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self._whole, 1)
        self.prompts.currentRowChanged.connect(self._chose)
        self.slider.valueChanged.connect(self._show_step)
        self.course.currentCellChanged.connect(lambda row, *_: self.slider.setValue(row) if row >= 0 else None)
        self.cover.revealed.connect(self._tell)
        self.show_samples(())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Tell what is looked at."""
        super().showEvent(event)
        self._tell()

    def show_samples(self, pinned: "Sequence[PinnedPrompt]") -> None:
        """Show pinned prompts with their answers; the last step stays the last while answers come."""
        if pinned == self._pinned and pinned:
            self._find()
            self._tell()
            return
        at_end = self.slider.value() == self.slider.maximum()
        same = [one.text for one in pinned] == [one.text for one in self._pinned]
        self._pinned = pinned
        self._whole.setVisible(bool(pinned))
        self.empty.setVisible(not pinned)
        self.empty.setText(
            self.tr(
                "A model in training answers a few pinned prompts again and again. This run has told of no answers yet: they "
                "come with its first step, and never where “pinned” is 0."
            )
        )
        if not same:
            self.prompts.clear()
            self.prompts.addItems([one.text for one in pinned])
            self.prompts.setCurrentRow(0 if pinned else -1)
        self._chose(self.prompts.currentRow(), at_end)
        self._find()

    def seek(self, prompt_id: str, step: int) -> None:
        """Show a prompt's answer of a step with the samples that are shown next."""
        self._sought = prompt_id, step

    def _find(self) -> None:
        if self._sought is None:
            return
        prompt_id, step = self._sought
        for row, one in enumerate(self._pinned):
            if one.id == prompt_id:
                self._sought = None
                self.prompts.setCurrentRow(row)
                self.slider.setValue(next((at for at, sample in enumerate(one.samples) if sample.step == step), 0))

    def _answers(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.prompt)
        column.addWidget(self.step)
        column.addWidget(self.slider)
        column.addWidget(self.policy, 3)
        column.addWidget(self.reference_head)
        column.addWidget(self.reference, 2)
        column.addWidget(self.course, 3)
        return inner

    def _chose(self, row: int, to_end: bool = True) -> None:
        if not 0 <= row < len(self._pinned):
            return
        self.prompt.setPlainText(self._pinned[row].text)
        self.cover.look(self._pinned[row].id, self._pinned[row].kind)
        self._fill_course(self._pinned[row].samples)
        last = len(self._pinned[row].samples) - 1
        self.slider.setMaximum(max(0, last))
        self.slider.setEnabled(last > 0)
        if to_end:
            self.slider.setValue(last)
        self._show_step()

    def _fill_course(self, samples: "Sequence[PolicySample]") -> None:
        table = self.course
        table.blockSignals(True)
        table.setRowCount(len(samples))
        for row, sample in enumerate(samples):
            numbers = (f"{sample.step}", _shown(sample.score, 2), _shown(sample.kl, 1))
            for column, text in enumerate((*numbers, " ".join(sample.text.split()))):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignRight if column < len(numbers) else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                table.setItem(row, column, item)
        for column in (1, 2):  # where nothing rewards there are none
            table.setColumnHidden(column, all(sample.score is None for sample in samples))
        table.blockSignals(False)

    def _show_step(self) -> None:
        row = self.prompts.currentRow()
        if not 0 <= row < len(self._pinned):
            return
        samples = self._pinned[row].samples
        sample = samples[min(self.slider.value(), len(samples) - 1)]
        self.course.blockSignals(True)
        self.course.setCurrentCell(samples.index(sample), 0)
        self.course.blockSignals(False)
        steps = self.tr("Step {step} of {last}").format(step=sample.step, last=samples[-1].step)
        self.step.setText("   ".join([steps, *self._numbers(sample)]))
        # A policy begins as its reference, and both write from the same random numbers: that is what it wrote at the start.
        began = self._pinned[row].began(sample)
        self.policy.show_difference(began, sample.text)
        self.reference.setPlainText(began)
        reward = sample.reference_score
        rewarded = self.tr("the reference   reward {score:.2f}").format(score=reward) if reward is not None else ""
        step = self.tr("step {step}").format(step=samples[0].step)
        self.reference_head.setText(self.tr("Where it began: {place}").format(place=rewarded or step))
        self._tell()

    def _tell(self) -> None:
        row = self.prompts.currentRow()
        if self.isVisible() and 0 <= row < len(self._pinned):
            samples = self._pinned[row].samples
            self.looked_at.emit(
                self._pinned[row], samples[min(self.slider.value(), len(samples) - 1)], self.cover.covered
            )

    def _numbers(self, sample: "PolicySample") -> list[str]:
        """Return what is known of a sample where something rewards."""
        if sample.score is None or sample.kl is None:
            return []
        return [self.tr("reward {score:.2f}   KL {kl:.1f} nats").format(score=sample.score, kl=sample.kl)]


def _shown(number: float | None, digits: int) -> str:
    return "" if number is None else f"{number:.{digits}f}"


def _table(name: str) -> QTableWidget:
    table = reading_table(name, 4)
    table.setWordWrap(False)
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
    header = table.horizontalHeader()
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setStretchLastSection(True)
    return table
