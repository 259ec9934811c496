"""The table of all pairs: sorted and filtered in the store, read as it is scrolled, and overridden many at once with a reason."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ui.history import History, Step, Told
from ui.pages import pair_requests as requests
from ui.pages.pair_facts import pair_facts
from ui.session import Failure, Session
from ui.tables.paged_model import PAGE
from ui.tables.pairs_model import SORTED_BY, PairsModel, decision_words
from ui.user_settings import UserSettings
from ui.widgets.choices import widen_list
from ui.widgets.cover import Cover
from ui.widgets.override_row import OverrideRow
from ui.widgets.paged_table import select_apart
from ui.widgets.pair_states import PairStates
from ui.widgets.reading_table import RowsView
from ui.widgets.texts import TextView, counted, label, letters

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QItemSelectionRange

    from ui.pages.pair_requests import Sorted
    from workbench.project import Project
    from workbench.project.reviewing import ReviewItem
    from workbench.records.comparison import Review
    from workbench.store.comparison_states import ComparisonState, Wanted

_TYPING_MS = 300
#: New labels come in many times a second; the table follows them at leisure.
_FOLLOW_MS = 2000
#: Letters a column has room for; the first takes what is left.
_WIDTHS = (0, 14, 13, 14, 18, 21)


class PairTable(QWidget):
    """Scrolling and selecting stay where they are when rows come in."""

    inspect = Signal(object)
    #: A word, the way back and the text of its button.
    offered = Signal(str, str, object)

    def __init__(self, session: Session, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings
        self._stale, self._asked = True, 0
        #: For whom the labels on the screen are shown.
        self._reader = settings.reviewer
        #: What is shown, and of what only the first pairs are as yet.
        self._shown: Wanted | None = None
        self._rest: Wanted | None = None
        #: The number of the pair that is to be selected once all are there.
        self._sought: int | None = None
        self._read_now: tuple[ReviewItem, list[dict[str, object]]] | None = None
        self.history = History(self)
        self.state, self.principle, self.words = PairStates(), QComboBox(), QLineEdit()
        self.count = label(part="muted")
        self.model = PairsModel(self)
        self.table = RowsView()
        self.prompt = TextView(self.tr("The selected pair's prompt"))
        self.response_a, self.response_b = TextView(self.tr("Response a")), TextView(self.tr("Response b"))
        self.prompt.setPlaceholderText(self.tr("Select a pair to read it; several, to override them at once."))
        self.override_row = OverrideRow()
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._following = QTimer(self, interval=_FOLLOW_MS, singleShot=True)
        self._fill_choices()
        self._make_table()
        self._lay_out()
        self._connect()

    def refresh(self) -> None:
        """Read the order anew."""
        wanted = self.wanted()
        self.table.horizontalHeader().setSortIndicatorShown(wanted.sort != "made")
        self.model.say_order(wanted.sort == "made", wanted.descending)
        self._stale, self._asked = False, self._asked + 1
        # To find all pairs that hold some words takes a while: those that are read first come first, but not when read anew.
        first = bool(wanted.words.strip()) and wanted != self._shown
        self._rest, self._shown = wanted if first else None, wanted
        self._ask(replace(wanted, limit=PAGE) if first else wanted)

    def _ask(self, wanted: "Wanted") -> None:
        asked, reviewer = self._asked, self._settings.reviewer
        self._reader = reviewer

        def sort(project: "Project") -> "Sorted | None":
            return requests.sorted_pairs(project, wanted, reviewer) if asked == self._asked else None

        self._session.ask(self.tr("Sorting the pairs"), sort, partial(self._have_sorted, asked, wanted))

    def show_pair(self, comparison_id: str) -> None:
        """Select a pair among all of them, in the order in which they were made: no choice or order hides it there."""
        self._show_all()

        def found(number: int | None) -> None:
            self._sought = number
            self.refresh()

        self._session.ask(
            self.tr("Looking for a pair"), lambda project: requests.number_of(project, comparison_id), found
        )

    def show_some(self, words: str, ids: tuple[str, ...]) -> None:
        """Show some pairs alone, which words tell apart."""
        self._show_all()
        self.state.choose_some(words, ids)
        self.refresh()

    def show_state(self, state: str) -> None:
        """Show all pairs in a state."""
        self._show_all()
        self.state.setCurrentIndex(self.state.findData(state))

    def _show_all(self) -> None:
        boxes = (self.state, self.principle, self.words, self.table.horizontalHeader())
        blocked = [QSignalBlocker(box) for box in boxes]
        self.state.setCurrentIndex(0)
        self.principle.setCurrentIndex(0)
        self.words.setText("")
        self.table.horizontalHeader().setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        blocked.clear()

    def read_anew(self, silent: bool = False) -> None:
        """Read all again before the table is seen next; silent: tell nothing of any pair before, for a sample is drawn."""
        self._stale = True
        self.setProperty("shown", "")
        if silent:
            self.model.hide_all()
            self.state.forget_some()  # what they have in common may tell a label that nobody is to see now
        if self.isVisible():
            self.refresh()

    def wanted(self) -> "Wanted":
        """Return which pairs are asked for, in which order."""
        from workbench.store.comparison_states import Wanted  # noqa: PLC0415

        header = self.table.horizontalHeader()
        descending = header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder
        sort, (state, among) = SORTED_BY[max(0, header.sortIndicatorSection())], self.state.asked
        principle = str(self.principle.currentData() or "")
        return Wanted(state, principle, self.words.text(), sort, descending, among=among)

    def override(self, decision: str, reason: str) -> None:
        """Decide all selected pairs at once, with a reason."""
        keys, reviewer = self._selected(), self._settings.reviewer
        self.table.setFocus()  # so that Ctrl+Z takes the override back, not what is typed
        self.override_row.begin()
        self._session.ask(
            self.tr("Overriding {count} pairs").format(count=f"{len(keys):,}"),
            lambda project: requests.override_pairs(project, keys, reviewer, decision, reason),
            partial(self._overridden, len(keys)),
            self._not_overridden,
        )

    def showEvent(self, event: object) -> None:  # noqa: N802
        """Read what has changed meanwhile."""
        super().showEvent(event)  # type: ignore[arg-type]
        if self._reader != self._settings.reviewer:
            self.read_anew(silent=True)
        elif self._stale:
            self.refresh()

    def _fill_choices(self) -> None:
        self.principle.addItem(self.tr("All principles"), "")
        self.principle.setAccessibleName(self.tr("Pairs labelled by which principle"))
        self.words.setPlaceholderText(self.tr("Words in prompt or responses"))
        self.words.setAccessibleName(self.words.placeholderText())
        self.words.setClearButtonEnabled(True)

    def _make_table(self) -> None:
        view, header = self.table, self.table.horizontalHeader()
        view.setModel(self.model)
        view.setAccessibleName(self.tr("Pairs"))
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setWordWrap(False)
        view.setShowGrid(False)
        view.setTabKeyNavigation(False)
        view.verticalHeader().hide()
        view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        view.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 10)
        header.setSectionsClickable(True)
        header.setHighlightSections(False)
        select_apart(view)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column, width in enumerate(_WIDTHS):
            if width:
                header.resizeSection(column, letters(view, width))

    def _lay_out(self) -> None:
        above, answers = QHBoxLayout(), QWidget()
        texts = QHBoxLayout(answers)
        texts.setContentsMargins(0, 0, 0, 0)
        for widget in (self.state, self.principle):
            above.addWidget(widget)
        above.addWidget(self.words, 1)
        above.addWidget(self.count)
        detail = QWidget()
        inside = QVBoxLayout(detail)
        inside.setContentsMargins(0, 0, 0, 0)
        self.prompt.setMaximumHeight(self.fontMetrics().lineSpacing() * 3)
        inside.addWidget(self.prompt)
        for name, view in (("a", self.response_a), ("b", self.response_b)):
            texts.addWidget(label(name, "heading"), 0, Qt.AlignmentFlag.AlignTop)
            texts.addWidget(view, 1)
        self.cover = Cover(answers, self._settings, self.tr("Show the covered responses of the selected pair"))
        self.cover.revealed.connect(self.tell)
        inside.addWidget(self.cover, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.table)
        split.addWidget(detail)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addLayout(above)
        column.addWidget(split, 1)
        column.addWidget(self.override_row)

    def _connect(self) -> None:
        self.state.currentIndexChanged.connect(self.refresh)
        self.principle.currentIndexChanged.connect(self.refresh)
        self.words.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self.refresh)
        self._following.timeout.connect(self._follow)
        self.table.horizontalHeader().sortIndicatorChanged.connect(self.refresh)
        self.table.selectionModel().selectionChanged.connect(self._show_chosen)
        self.table.selectionModel().currentRowChanged.connect(self._show_row)
        self.model.wants.connect(self._read)
        self.model.dataChanged.connect(self._show_row)
        self.override_row.wanted.connect(self.override)
        self._session.rows_added.connect(self._rows_came)
        anew, row = partial(self.read_anew, True), partial(self.override_row.end, False)
        for forget in (anew, self.model.forget, self._clear_pair, self.history.forget, row):
            self._session.closed.connect(forget)
        self._show_chosen()

    def _have_sorted(self, asked: int, wanted: "Wanted", found: "Sorted | None") -> None:
        if asked != self._asked or found is None:
            return
        keys, principles, hidden, left_out = found
        self.model.hide(hidden, self._reader)
        chosen = [self.model.keys[part.top()] for part in self._ranges()[:1]]
        if len(keys) < wanted.limit:  # that is all there is
            self._rest = None
        self.model.show_keys(keys)
        self._say_count(len(keys), left_out)
        for name in principles:
            if self.principle.findData(name) < 0:
                self.principle.addItem(name, name)
        widen_list(self.principle)
        if self._sought is not None:
            self._go_to(self._sought)
            chosen = []
        for key in chosen:
            place = self.model.place_of(key)
            if place >= 0 and not self.table.selectionModel().isRowSelected(place, QModelIndex()):
                self.table.selectRow(place)
        if not self.table.selectionModel().hasSelection():
            self._clear_pair()
        self._show_chosen()

    def _go_to(self, key: int) -> None:
        """Select a pair by its number, in the middle of what is in view; one of a discarded run is in no row."""
        self._sought, place = None, self.model.place_of(key)
        if place >= 0:
            self.table.selectRow(place)
            self.table.scrollTo(self.model.index(place, 0), QAbstractItemView.ScrollHint.PositionAtCenter)

    def _say_count(self, count: int, left_out: int) -> None:
        text = counted(count, self.tr("1 pair"), self.tr("{count} pairs"))
        if left_out:
            text = self.tr("{count} pairs, without {left_out} in audit").format(count=f"{count:,}", left_out=left_out)
        if self._rest is not None:
            text = self.tr("{count} pairs or more, counting …").format(count=f"{count:,}")
        self.count.setText(text)

    def _clear_pair(self) -> None:
        self.setProperty("shown", "")
        self._read_now = None
        for view in (self.prompt, self.response_a, self.response_b):
            view.setPlainText("")

    def _read(self, keys: tuple[int, ...]) -> None:
        self._session.ask(
            self.tr("Reading pairs"),
            lambda project: project.store.comparison_states.rows(keys),
            self._have_rows,
            lambda _: self.model.let_go(),
        )

    def _have_rows(self, rows: "list[ComparisonState]") -> None:
        self.model.take(rows)
        if self._rest is not None:  # the first of an order can be read: now for the others
            rest, self._rest = self._rest, None
            self._ask(rest)

    def _selected(self) -> list[int]:
        keys = self.model.keys
        return [keys[row] for part in self._ranges() for row in range(part.top(), part.bottom() + 1)]

    def _ranges(self) -> "list[QItemSelectionRange]":
        """The selected rows as ranges, which stay few when all of 100,000 are selected."""
        return list(cast("Iterable[QItemSelectionRange]", self.table.selectionModel().selection()))

    def _show_chosen(self) -> None:
        self.override_row.show_count(sum(part.height() for part in self._ranges()))

    @Slot()
    def _show_row(self) -> None:
        row: ComparisonState | None = self.model.row_at(self.table.currentIndex().row())
        if row is None or row.comparison_id == self.property("shown"):
            return
        self.setProperty("shown", row.comparison_id)
        self._session.ask(
            self.tr("Reading the pair"), lambda project: requests.read_pair(project, row.comparison_id), self._show_pair
        )

    def _show_pair(self, found: "tuple[ReviewItem, list[dict[str, object]]]") -> None:
        self._read_now, (item, _) = found, found
        self.prompt.setPlainText(item.prompt)
        self.response_a.setPlainText(item.comparison.response_a)
        self.response_b.setPlainText(item.comparison.response_b)
        self.cover.look(item.comparison.id, item.kind)
        self.tell()

    def tell(self) -> None:
        """Tell where the pair that is shown comes from, what people said of it and, where it may be seen, its label."""
        if self._read_now is not None:
            item, history = self._read_now
            told = self.model.tells(item.comparison.id)
            mine = [one for one in history if told or one["reviewer"] == self._reader]
            self.inspect.emit(pair_facts(item, None, told, mine, self.cover.covered))

    def _overridden(self, asked: int, made: "list[Review]") -> None:
        pairs = counted(len(made), self.tr("1 pair is"), self.tr("{count} pairs are"))
        said = self.tr("{pairs} “{decision}” now.").format(pairs=pairs, decision=decision_words()[made[0].decision])
        if left_out := asked - len(made):
            said += self.tr(" Left out, for they are in audit: {count}.").format(count=f"{left_out:,}")
        self.override_row.end(True)
        turn = partial(self._turn, [made])
        step = counted(len(made), self.tr("override of 1 pair"), self.tr("override of {count} pairs"))
        self.history.add(Step(step, turn, turn))
        self.offered.emit(said, self.tr("Undo"), self.history.undo)
        self._decided()

    def _not_overridden(self, failure: Failure) -> None:
        self.override_row.end(False)
        self._session.failed.emit(failure)

    def _decided(self) -> None:
        """Read anew what people say of the pairs, of the one that is shown as well."""
        self.setProperty("shown", "")
        self.refresh()

    def _turn(self, last: "list[list[Review]]", told: Told) -> None:
        """Take back the rows written last about some pairs; these are written about in turn, and so it goes forth again."""

        def turned(made: "list[Review]") -> None:
            last[0] = made
            told(True)
            self._decided()

        def failed(failure: Failure) -> None:
            self._session.failed.emit(failure)
            told(False)

        self._session.ask(
            self.tr("Taking back the override"), lambda project: requests.undone(project, last[0]), turned, failed
        )

    def _rows_came(self, kind: str, _: object) -> None:
        if kind in ("Label", "Comparison", "Judgement") and not self._following.isActive():
            self._following.start()

    def _follow(self) -> None:
        self._stale = True
        if self.isVisible():
            self.refresh()
