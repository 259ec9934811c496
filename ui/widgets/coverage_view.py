"""What each principle does, so that one that does nothing, or misfires, is found."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, QSortFilterProxyModel, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QStyle, QVBoxLayout, QWidget

from ui.tables.coverage_model import SORT, CoverageModel
from ui.widgets.paged_table import listed_table
from ui.widgets.texts import label

if TYPE_CHECKING:
    from workbench.project.coverage import PrincipleCoverage


class _Titles(QHeaderView):
    """Keeps room for the sign of sorting in the column that is sorted by, for in each it would leave the names none."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.sortIndicatorChanged.connect(lambda *_: self.resizeSections(QHeaderView.ResizeMode.ResizeToContents))

    def sectionSizeFromContents(self, section: int) -> QSize:  # noqa: N802
        """Return what a title needs."""
        size = super().sectionSizeFromContents(section)
        if section != self.sortIndicatorSection():
            sign = self.style().pixelMetric(QStyle.PixelMetric.PM_HeaderMarkSize, None, self)
            size.setWidth(max(size.width() - sign, 0))
        return size


class CoverageView(QWidget):
    """A table that sorts by any column; choosing a row chooses the principle."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = CoverageModel(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.model)
        self._sorted.setSortRole(SORT)
        self.table = listed_table(self._sorted, self.tr("What each principle does"), _Titles())
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self._word = label(part="muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self._word)
        column.addWidget(self.table, 1)
        self.table.activated.connect(self._choose)
        self.table.clicked.connect(self._choose)

    def show_coverage(self, rows: "Sequence[PrincipleCoverage]") -> None:
        """Show what the principles did."""
        self.model.show_rows(rows)
        none = not any(one.counted.drawn or one.counted.labels for one in rows)
        self._word.setText(
            self.tr("No principle has been drawn yet: write chains or have comparisons labelled, and this fills.")
            if none
            else self.tr("Over all runs that were not discarded. Agreement is with blind reviews alone.")
        )

    def _choose(self, index: QModelIndex) -> None:
        self.chosen.emit(self.model.rows[self._sorted.mapToSource(index).row()].id)
