"""What a policy writes to the same few prompts while it learns, beside what it wrote where it began."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QSlider, QSplitter, QVBoxLayout, QWidget

from ui.look.theme import Theme
from ui.widgets.diff_view import DiffView
from ui.widgets.texts import TextView, label

if TYPE_CHECKING:
    from workbench.project.samples import PinnedPrompt
    from workbench.records.policy_sample import PolicySample


class SamplesView(QWidget):
    """Choose a prompt, move through the steps; words that are not as at the start are marked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pinned: Sequence[PinnedPrompt] = ()
        self.empty = label(wrap=True, part="muted")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.prompts = QListWidget()
        self.prompts.setAccessibleName(self.tr("Pinned prompts"))
        self.prompts.setWordWrap(True)
        self.prompts.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Step of the training whose answer is shown"))
        self.slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.slider.setPageStep(1)
        self.step = label(part="heading")
        self.policy = DiffView(self.tr("What the policy writes, compared with where it began"), theme)
        self.reference = TextView(self.tr("What was written where the training began"))
        self.reference_head = label(part="muted", wrap=True)
        self._whole = QSplitter()
        self._whole.addWidget(self.prompts)
        self._whole.addWidget(self._answers())
        self._whole.setSizes([220, 560])
        self._whole.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.empty)
        column.addWidget(self._whole, 1)
        self.prompts.currentRowChanged.connect(self._chose)
        self.slider.valueChanged.connect(self._show_step)
        self.show_samples(())

    def show_samples(self, pinned: "Sequence[PinnedPrompt]") -> None:
        """Show pinned prompts with their answers; the last step stays the last while answers come."""
        if pinned == self._pinned and pinned:
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

    def _answers(self) -> QWidget:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(8, 0, 0, 0)
        column.addWidget(self.step)
        column.addWidget(self.slider)
        column.addWidget(self.policy, 1)
        column.addWidget(self.reference_head)
        column.addWidget(self.reference, 1)
        return inner

    def _chose(self, row: int, to_end: bool = True) -> None:
        if not 0 <= row < len(self._pinned):
            return
        last = len(self._pinned[row].samples) - 1
        self.slider.setMaximum(max(0, last))
        self.slider.setEnabled(last > 0)
        if to_end:
            self.slider.setValue(last)
        self._show_step()

    def _show_step(self) -> None:
        row = self.prompts.currentRow()
        if not 0 <= row < len(self._pinned):
            return
        samples = self._pinned[row].samples
        sample = samples[min(self.slider.value(), len(samples) - 1)]
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

    def _numbers(self, sample: "PolicySample") -> list[str]:
        """Return what is known of a sample where something rewards."""
        if sample.score is None or sample.kl is None:
            return []
        return [self.tr("reward {score:.2f}   KL {kl:.1f} nats").format(score=sample.score, kl=sample.kl)]
