"""The figures of an audit, each with what it means, its interval and a way to the pairs it rests on."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.widgets.figure_card import FigureCard

if TYPE_CHECKING:
    from workbench.measurement.audit import AuditFigures
    from workbench.measurement.intervals import Estimate

_IN_A_ROW = 4


class AuditCards(QWidget):
    """Order flips are counted over all labels and shown always, the others once the sample may be told of."""

    #: What the pairs have in common, and their ids.
    wants_pairs = Signal(str, object)
    #: The pairs whose answer turned with the order.
    wants_flips = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards = {name: FigureCard(title, meaning) for name, title, meaning in self._kinds()}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for place, card in enumerate(self.cards.values()):
            grid.addWidget(card, *divmod(place, _IN_A_ROW))
            grid.setColumnStretch(place % _IN_A_ROW, 1)

    def show_flips(self, labels: int, found: "Estimate | None") -> None:
        """Show in what share of all labels the order turned the answer."""
        card = self.cards["flips"]
        card.show_share(found, hint=self.tr("counted"))
        card.lead_to(round(found.value * labels) if found is not None else 0, self.wants_flips.emit)

    def show_figures(self, found: "AuditFigures | None") -> None:
        """Show what blind answers say; None hides it."""
        for name, card in self.cards.items():
            card.setVisible(found is not None or name == "flips")
        if found is None:
            return
        cards = self.cards
        cards["agreement"].show_share(found.agreement)
        cards["kappa"].show_number(found.kappa)
        cards["human"].show_share(found.human, self.tr("no pair has two reviewers"))
        cards["left"].show_share(found.left_side, hint=self._left_hint(found.left_side))
        words = self.tr("of {count} blind answers").format(count=f"{found.answers:,}")
        cards["ties"].say(f"{found.ties} + {found.both_bad}", words)
        brier = "" if found.brier is None else self.tr("Brier {value:.3f}").format(value=found.brier)
        cards["calibration"].show_number(found.calibration_error, hint=brier)
        bound = "–" if found.error_bound is None else f"{found.error_bound:.1%}"
        pairs = len(found.behind.get("decided", ()))
        words = self.tr("{misses} misses on {pairs} pairs, 95%, one-sided")
        cards["errors"].say(bound, words.format(misses=found.misses, pairs=f"{pairs:,}"))
        self._lead(found)

    def _lead(self, found: "AuditFigures") -> None:
        ways = {
            "agreement": ("decided", self.tr("Audit: a side was named")),
            "human": ("people", self.tr("Audit: several reviewers")),
            "ties": ("undecided", self.tr("Audit: tie or both bad")),
            "errors": ("missed", self.tr("Audit: against the label")),
        }
        for name, (which, words) in ways.items():
            ids = found.behind.get(which, ())
            self.cards[name].lead_to(len(ids), partial(self.wants_pairs.emit, words, ids))

    def _left_hint(self, found: "Estimate | None") -> str:
        if found is None:
            return ""
        fair = found.low <= 0.5 <= found.high
        return self.tr("✓ no bias seen") if fair else self.tr("! sides are drawn at random: this is a bias")

    def _kinds(self) -> Iterator[tuple[str, str, str]]:
        """Yield each card's name, its title and what its figure means."""
        # fmt: off
        yield "agreement", self.tr("Agreement with people"), self.tr(
            "In what share of the blind answers that name a side the label names the same one; a label of exactly one half "
            "counts as half right."
        )
        yield "kappa", self.tr("Kappa (p_e = 0.5)"), self.tr(
            "Agreement beyond chance: 0 is what a coin reaches, 1 is full agreement. Chance is one half, since the sides are "
            "drawn at random."
        )
        yield "human", self.tr("People among themselves: the ceiling"), self.tr(
            "How often two reviewers of one pair name the same side. A label can hardly agree with people more than they do "
            "with each other."
        )
        yield "left", self.tr("Left side chosen"), self.tr(
            "How often the answer on the left was chosen. Sides are drawn at random: an interval without 50% shows a habit "
            "of the reviewers."
        )
        yield "flips", self.tr("Order flips (all labels)"), self.tr(
            "Labels whose answer turned when the responses changed places. They are counted over all labels, not estimated "
            "from the sample."
        )
        yield "ties", self.tr("Ties and both bad"), self.tr(
            "Answers that name no side: ties, and pairs of which both are bad. No figure beside counts them."
        )
        yield "calibration", self.tr("Calibration error"), self.tr(
            "How far labels' probabilities are from how often people agree with them, on average; 0 is best. Brier is the "
            "mean squared distance: 0 is best, a coin has 0.25."
        )
        yield "errors", self.tr("Errors are fewer than"), self.tr(
            "What the misses found rule out: with 95% confidence a smaller share of all labels than this is wrong."
        )
        # fmt: on
