"""The runs that sample comparisons and label them, each started from a sheet that says what it will cost."""

from PySide6.QtCore import Signal

from ui.pages.stages import StagesPage


class PairRuns(StagesPage):
    """As the page of any stages, but nothing starts before its settings were shown."""

    #: There are labels, and somebody wants to check them.
    wants_review = Signal()

    def _show_done(self) -> None:
        words = self.tr("The labels are there. Check a sample of them before a model learns from them.")
        self.card.offer(words, self.tr("Review labels"), self.wants_review.emit)
        self.card.show()

    def _start(self, stage: str) -> None:
        from ui.widgets.pair_run_sheet import PairRunSheet  # noqa: PLC0415

        sheet = PairRunSheet(stage, self._session, self._control, self)
        sheet.started.connect(self.runs.seek)
        sheet.open()
