"""The coverage of the principles as a table: counts sort as numbers, what is not there as less than everything."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Qt

from ui.tables.listed_model import ListedModel

if TYPE_CHECKING:
    from workbench.project.coverage import PrincipleCoverage

    Value = Callable[[PrincipleCoverage], float | str | None]

#: What a proxy sorts by.
SORT = Qt.ItemDataRole.UserRole
_VALUES: "tuple[Value, ...]" = (
    lambda one: one.title,
    lambda one: one.counted.drawn,
    lambda one: one.changed,
    lambda one: one.unchanged,
    lambda one: one.counted.labels,
    lambda one: one.order_flips,
    lambda one: one.agreement.value if one.agreement else None,
)


class CoverageModel(ListedModel):
    """One row a principle."""

    def __init__(self, parent: QObject | None = None) -> None:
        titles = (
            (_tr("Principle"), _tr("As it is called in lists")),
            (_tr("Drawn"), _tr("Revisions it was drawn for")),
            (_tr("Changed"), _tr("Share of words its newest revisions changed")),
            (_tr("Unchanged"), _tr("Share of its revisions that are what they began from")),
            (_tr("Labels"), _tr("Comparisons labelled by it")),
            (_tr("Order flips"), _tr("Share of its labels that turned with the order of the responses")),
            (
                _tr("People agree"),
                _tr("Share of blind reviews of its pairs that chose as its labels did, with a 95% interval"),
            ),
        )
        super().__init__(titles, parent)

    def cell(self, row: "PrincipleCoverage", column: int, role: int) -> Any:
        """Return a cell as text, or as what it sorts by."""
        value = _VALUES[column](row)
        if role == SORT:
            return -1.0 if value is None else value
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == len(_VALUES) - 1 and row.agreement:
            return _tr("{value:.0%} ({low:.0%}–{high:.0%}, {n})").format(
                value=value, low=row.agreement.low, high=row.agreement.high, n=row.counted.reviews
            )
        if column == 0 and not row.in_constitution:
            return _tr("{title} (not in it any more)").format(title=value)
        return "–" if value is None else f"{value:.0%}" if isinstance(value, float) else value


def _tr(text: str) -> str:
    return QCoreApplication.translate("coverage", text)
