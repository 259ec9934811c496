"""Pairs as a Qt table: what the feedback model, the preference model and people say of each."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QObject, Qt

from ui.tables.paged_model import PagedModel

if TYPE_CHECKING:
    from workbench.store.comparison_states import ComparisonState

#: By which order a column's heading sorts.
SORTED_BY = ("made", "probability", "doubt", "score", "principle", "decision")
_RIGHT = (1, 2, 3)


class PairsModel(PagedModel):
    """One comparison a row; the labels of an audit that is not done are not shown."""

    def __init__(self, parent: QObject | None = None) -> None:
        titles = (
            _tr("Prompt"), _tr("AI: P(a)"), _tr("Sureness"), _tr("PM: P(a)"), _tr("Principle"), _tr("Review"),
        )  # fmt: skip
        super().__init__(titles, parent, _RIGHT)
        self.hidden: Collection[str] = frozenset()
        #: Whether nothing at all is told, and by whom decisions on hidden pairs are shown.
        self._silent, self._reader = False, ""
        #: The first column's title, which says in words what an arrow would say wrongly: it sorts by age, not by its texts.
        self.first_title = titles[0]

    def hide(self, ids: Collection[str], reader: str = "") -> None:
        """Show no labels of these comparisons, at once: what is on the screen must not give away an audit.

        What others than the reader decided on them is not shown either: two people who judge one pair do so independently.
        """
        if self._silent or (ids, reader) != (self.hidden, self._reader):
            self.hidden, self._reader, self._silent = ids, reader, False
            self.paint_again()

    def hide_all(self) -> None:
        """Show nothing that is said of any pair until it is known again what may be shown."""
        self._silent = True
        self.paint_again()

    def tells(self, comparison_id: str) -> bool:
        """Whether what models say of a pair may be shown."""
        return not self._silent and comparison_id not in self.hidden

    def say_order(self, by_age: bool, descending: bool) -> None:
        """Tell in the first column's title whether the pairs stand by age."""
        age = _tr("Prompt (newest first)") if descending else _tr("Prompt (oldest first)")
        self.first_title = age if by_age else _tr("Prompt")
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, 0)

    def cell(self, row: "ComparisonState", column: int, role: int) -> Any:
        """Return what a cell of a pair shows."""
        if column == 0:
            return row.prompt if role == Qt.ItemDataRole.ToolTipRole else " ".join(row.prompt.split())
        if not self.tells(row.comparison_id) and (column in _RIGHT or (column == 5 and row.reviewer != self._reader)):
            return "…" if self._silent else "" if column == 5 and not row.decision else _tr("in audit")
        if role == Qt.ItemDataRole.ToolTipRole:
            shown = str(self.cell(row, column, Qt.ItemDataRole.DisplayRole))
            return "\n".join(says for sign, says in _signs().items() if sign in shown) or shown
        if column == 1:
            return _chance(row.probability_a) + (" ⇄" if row.order_flip else "")
        if column == 2:
            return "" if row.probability_a is None else f"{abs(row.probability_a - 0.5) * 2:.0%}"
        if column == 3:
            return _chance(row.scored_a) + (" ≠" if row.disputed else "")
        return row.principle_id if column == 4 else self._reviewed(row)

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title, or what its signs mean."""
        if role == Qt.ItemDataRole.DisplayRole and (section, orientation) == (0, Qt.Orientation.Horizontal):
            return self.first_title
        if role == Qt.ItemDataRole.ToolTipRole and orientation == Qt.Orientation.Horizontal:
            return (
                _tr("Sorts by when the pairs were made."),
                _tr("The AI's probability that response a is better; ⇄: the two orders disagree."),
                _tr("How far the AI's probability lies from a coin's."),
                _tr("The preference model's; ≠: it disagrees with the AI. An evaluation judges held-out pairs."),
                _tr("The principle the AI was asked by."),
                _tr("What people say; ✗: against the AI, ⊘: excluded from training."),
            )[section]
        return super().headerData(section, orientation, role)

    def _reviewed(self, row: "ComparisonState") -> str:
        against = " ✗" if row.overruled and self.tells(row.comparison_id) else ""
        words = f"{decision_words().get(row.decision, row.decision)}{against}"
        return words + (" ⊘" if row.excluded else "")


def _signs() -> dict[str, str]:
    """Return what the signs in the cells mean."""
    return {
        "⇄": _tr("⇄ The AI's answer turns with the order in which it reads the two responses."),
        "≠": _tr("≠ The preference model finds the other response better than the AI does."),
        "✗": _tr("✗ People chose against the AI."),
        "⊘": _tr("⊘ Excluded from training."),
    }


def state_words() -> dict[str, str]:
    """Return the states in which pairs are sought, in words."""
    return {
        "all": _tr("All pairs"),
        "open": _tr("Not reviewed"),
        "reviewed": _tr("Reviewed"),
        "overruled": _tr("People against the AI"),
        "disputed": _tr("AI against preference model"),
        "flips": _tr("Order flips"),
        "flagged": _tr("Flagged"),
        "unlabelled": _tr("Without a label"),
        "excluded": _tr("Excluded from training"),
    }


def decision_words() -> dict[str, str]:
    """Return what a person can say of responses a and b, in words."""
    return {
        "a_much": _tr("a much better"),
        "a": _tr("a better"),
        "tie": _tr("tie"),
        "b": _tr("b better"),
        "b_much": _tr("b much better"),
        "both_bad": _tr("both bad"),
        "skip": _tr("skipped"),
        "flag": _tr("flagged"),
    }


def _chance(probability: float | None) -> str:
    return "–" if probability is None else f"{probability:.2f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("pairs", text)
