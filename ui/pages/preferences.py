"""The page of preferences: reviewing labels, and the runs that make comparisons and label them."""

from collections.abc import Iterable
from functools import partial

from PySide6.QtWidgets import QWidget

from ui.deeds import Deed, of_button
from ui.history import Undoing
from ui.pages.page import OF_PRINCIPLE, Page
from ui.pages.pair_runs import PairRuns
from ui.pages.pair_table import PairTable
from ui.pages.quality import QualityPane
from ui.pages.review import ReviewPane
from ui.places import Place, need_sentence
from ui.run_control import RunControl
from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.inspector import Facts
from ui.widgets.tabs import tabbed


class PreferencesPage(Page):
    """Begins with the review where there are labels, with the runs where there are none."""

    def __init__(
        self, place: Place, session: Session, control: RunControl, settings: UserSettings, parent: QWidget | None = None
    ) -> None:
        super().__init__(place, parent)
        self._session, self._unlabelled, self._decided = session, True, False
        self.review = ReviewPane(session, settings)
        self.table = PairTable(session, settings)
        self.quality = QualityPane(session, settings)
        self.runs = PairRuns(place, session, control)
        self.runs.column.setContentsMargins(0, 8, 0, 0)
        self.runs.hide_title()
        self.tabs = tabbed(self.tr("Views of the preferences"), self.tr("Review, table, quality or runs"))
        self.column.addWidget(self.tabs, 1)  # before what it holds, which would take its style anew with each move
        self.tabs.addTab(self.review, self.tr("Review"))
        self.tabs.addTab(self.table, self.tr("Table"))
        self.tabs.addTab(self.quality, self.tr("Quality"))
        self.tabs.addTab(self.runs, self.tr("Runs"))
        self.review.inspect.connect(self.inspect.emit)
        self.table.inspect.connect(self.inspect.emit)
        self.table.offered.connect(control.offered.emit)
        self.quality.told.connect(control.told.emit)
        self.quality.wants_audit.connect(self._review_audit)
        for pane in (self.review, self.quality):
            pane.drawing.connect(partial(self.table.read_anew, silent=True))
        self.quality.given_up.connect(self.review.begin)
        self.quality.given_up.connect(self.table.read_anew)
        self.review.saved.connect(lambda _: self.table.read_anew())
        for decided in (self.review.saved, self.table.offered):
            decided.connect(self._note_decision)
        self.quality.figures.wants_pairs.connect(self._show_pairs)
        self.quality.figures.wants_flips.connect(lambda: self._show_pairs("", None))
        self.review.audited.connect(lambda: self.tabs.setCurrentWidget(self.quality))
        self.review.wants_labels.connect(lambda: self.tabs.setCurrentWidget(self.runs))
        self.runs.inspect.connect(self.inspect.emit)
        self.runs.go.connect(self.go.emit)
        self.tabs.currentChanged.connect(self._turned)
        self.runs.wants_review.connect(self._begin_review)
        self.runs.wants_prompts.connect(self.wants_prompts.emit)

    @property
    def history(self) -> Undoing | None:
        """The answers of the review, or the overrides of the table."""
        shown = self.tabs.currentWidget()
        return shown.history if isinstance(shown, ReviewPane | PairTable) else None

    def refresh(self) -> None:
        """Read the queue anew."""
        overview = self._session.overview
        if overview is None:
            return
        self.runs.refresh()
        if not overview.rows.get("labels"):
            self.tabs.setCurrentWidget(self.runs)
        elif self._unlabelled:
            self.tabs.setCurrentWidget(self.review)
        self._unlabelled = not overview.rows.get("labels")
        self.review.begin()
        if self.tabs.currentWidget() is self.runs:
            self.runs.tell()

    def show_row(self, row_id: str) -> None:
        """Show a pair by its id, in the table; or have the pairs of a principle reviewed, the most doubtful first."""
        if row_id.startswith(OF_PRINCIPLE):
            principle = row_id.removeprefix(OF_PRINCIPLE)
            self._review_principle(principle) if principle else self._review_queue("uncertain")
            self.review.take_focus()
            return
        self.tabs.setCurrentWidget(self.table)
        self.table.show_pair(row_id)
        self.table.table.setFocus()

    def deeds(self) -> Iterable[Deed]:
        """The runs, a sample, and each queue of the review."""
        yield from self.runs.deeds()
        quality = partial(self.tabs.setCurrentWidget, self.quality)
        yield of_button(self.tr("Draw and lock a sample to audit"), self.quality.planner.button, first=quality)
        overview = self._session.overview
        none = "" if overview is not None and overview.rows.get("labels") else need_sentence("labels")
        for place in range(self.review.queue.count()):
            text = self.tr("Review: {queue}").format(queue=self.review.queue.itemText(place))
            yield Deed(text, partial(self._review_queue, str(self.review.queue.itemData(place))), none)
        yield Deed(self.tr("Review: guidelines"), self.review.show_guidelines, none)
        yield Deed(self.tr("Review: rule of what answers mean"), self.review.show_rule, none)

    def take_focus(self) -> None:
        """Have keys go to the pair in hand, or to the next step."""
        if self.tabs.currentWidget() is self.review:
            self.review.take_focus()
        else:
            super().take_focus()

    def leave(self) -> None:
        """Have the decisions counted that were made here, once for all of them: each would have to wait for it."""
        if self._decided:
            self._decided = False
            self._session.refresh_overview()

    def _note_decision(self) -> None:
        self._decided = True

    def _turned(self) -> None:
        """Tell of what is on the tab that is shown: a label read in the table is not to stand beside a blind review."""
        self.history_changed.emit()
        if not self.isVisible():
            return
        if self.tabs.currentWidget() is self.review:
            told = (self.tr("Origin and label"), self.tr("Told once you have answered."))
            self.inspect.emit(Facts(self.tr("The pair in hand"), [told]))
        else:
            self.inspect.emit(Facts(self.tr("Nothing selected"), []))
        shown = self.tabs.currentWidget()
        if isinstance(shown, PairTable | PairRuns):
            shown.tell()

    def _begin_review(self) -> None:
        self.tabs.setCurrentWidget(self.review)
        self.review.begin()
        self.review.take_focus()

    def _review_audit(self) -> None:
        self._review_queue("audit")

    def _review_queue(self, name: str) -> None:
        self.tabs.setCurrentWidget(self.review)
        self.review.open_queue(name)

    def _show_pairs(self, words: str, ids: tuple[str, ...] | None) -> None:
        """Show the pairs a figure rests on; without ids those whose answer turns with the order."""
        self.tabs.setCurrentWidget(self.table)
        if ids is None:
            self.table.show_state("flips")
        else:
            self.table.show_some(words, ids)
        self.table.table.setFocus()

    def _review_principle(self, principle: str) -> None:
        self.tabs.setCurrentWidget(self.review)
        self.review.open_queue("principle", principle)
