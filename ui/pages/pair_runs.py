"""The runs that sample comparisons and label them, each started from a sheet that says what it will cost."""

from ui.pages.stages import StagesPage


class PairRuns(StagesPage):
    """As the page of any stages, but nothing starts before its settings were shown."""

    def _start(self, stage: str) -> None:
        from ui.widgets.pair_run_sheet import PairRunSheet  # noqa: PLC0415

        PairRunSheet(stage, self._session, self._control, self).open()
