"""The three trainings in the order of the method, each with how it stands and what it still needs."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ui.places import Mark, need_sentence, stage_title
from ui.static_words import in_language
from ui.widgets.texts import label

if TYPE_CHECKING:
    from ui.run_watch import RunNow
    from workbench.project.overview import Overview

#: Pixels beside a box's text: padding and border.
_BESIDE = 28


class Box(QPushButton):
    """Two lines, cut short where there is no room for them; a reader of the screen is told them whole."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._lines: tuple[str, ...] = ()
        self.setAccessibleName(name)
        self.setMinimumHeight(48)
        self.setAutoDefault(True)  # Return presses it where it has the focus, as all buttons here

    def show_lines(self, *lines: str) -> None:
        """Show lines of text."""
        self._lines = lines
        self.setAccessibleDescription("; ".join(lines))
        self.updateGeometry()
        self._cut()

    def sizeHint(self) -> QSize:  # noqa: N802
        """As wide as the whole lines."""
        width = max((self.fontMetrics().horizontalAdvance(line) for line in self._lines), default=0)
        # One more, for a width is a fraction rounded down.
        return QSize(width + 1 + _BESIDE, max(48, 2 * self.fontMetrics().lineSpacing() + 16))

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """As wide as a few letters."""
        return QSize(60, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut the lines anew."""
        super().resizeEvent(event)
        self._cut()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Measure anew in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._cut()

    def _cut(self) -> None:
        room, end = max(20, self.width() - _BESIDE), Qt.TextElideMode.ElideRight
        self.setText("\n".join(self.fontMetrics().elidedText(line, end, room) for line in self._lines))


class PipelineStrip(QWidget):
    """A button for each training, which asks for a new run of it; the next to do stands out."""

    chosen = Signal(str)

    def __init__(self, stages: Sequence[str], beside: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[str, Box] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for number, stage in enumerate((*stages, *beside), 1):
            if number > 1:
                row.addWidget(label(self.tr("or") if stage in beside else "▶", "muted"))
            made = Box(self.tr("New run: {stage}").format(stage=stage_title(stage)))
            made.clicked.connect(partial(self.chosen.emit, stage))
            self.buttons[stage] = made
            row.addWidget(made, 1)

    def show_state(self, overview: "Overview", runs: "Sequence[RunNow]") -> None:
        """Show how each training stands."""
        for number, (stage, made) in enumerate(self.buttons.items(), 1):
            newest = next((one for one in runs if one.run.stage == stage and not one.run.discarded), None)
            lacks = overview.lacks(stage)
            mark = _mark(stage, overview, newest)
            made.show_lines(f"{number}   {stage_title(stage)}", f"{mark.value} {self._words(mark, newest, lacks)}")
            made.setEnabled(not lacks)
            made.setToolTip(" ".join(map(need_sentence, lacks)) or self.tr("Set up a new run of this training."))

    def _words(self, mark: Mark, newest: "RunNow | None", lacks: Sequence[str]) -> str:
        if mark is Mark.DONE and newest is not None and lacks:  # done, but not to be done again as things are
            return in_language(str(newest.run.state))
        if lacks:
            return self._needs(lacks[0])
        if newest is None:
            return self.tr("ready to train")
        return f"{newest.run.id}: {in_language(str(newest.run.state))}"

    def _needs(self, need: str) -> str:
        """Say in a few words what is missing; the tooltip says it whole."""
        numbers = {stage: number for number, stage in enumerate(self.buttons, 1)}
        if need in numbers:
            return self.tr("needs {number}").format(number=numbers[need])
        if need.endswith("_weights"):
            return self.tr("needs weights of {number}").format(number=numbers[need.removesuffix("_weights")])
        words = {
            "chains": self.tr("needs chains"),
            "comparisons": self.tr("needs pairs"),
            "labels": self.tr("needs labels"),
        }
        return words.get(need, self.tr("needs prompts"))


def _mark(stage: str, overview: "Overview", newest: "RunNow | None") -> Mark:
    if newest is not None and (newest.active or newest.run.state == "queued"):
        return Mark.GOING
    if newest is not None and newest.run.state.resumable:
        return Mark.ATTENTION
    return Mark.DONE if stage in overview.finished else Mark.NOT_STARTED
