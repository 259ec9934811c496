"""The list of chains: of one run or all, narrowed, sorted, and read a page at a time."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHBoxLayout, QLineEdit, QTableView, QVBoxLayout, QWidget

from ui.chain_control import cost_of_redoing
from ui.session import Session
from ui.tables.chains_model import ChainsModel
from ui.tables.runs_model import duration_text
from ui.widgets.choices import widen_list
from ui.widgets.paged_table import paged_table
from ui.widgets.texts import button, label

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.store.chain_rows import ChainQuery, ChainRow
    from workbench.store.keys import Keys

    Listed = tuple[ChainQuery, Keys, dict[str, int], float]

_WAIT_MS = 250
#: Rows read at once where many are selected.
_BATCH = 500
#: The newest run's chains and, of the runs it amends, those nothing has taken the place of.
NEWEST = "newest"


class ChainsPane(QWidget):
    """Tells which chain is chosen; its rows follow what runs write and what people do."""

    #: The ChainRow chosen.
    chosen = Signal(object)
    #: The person wants the stale chains of all runs written anew.
    wants_redo = Signal()
    #: So many chains are selected now.
    selection_changed = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._query: ChainQuery | None = None
        self._counts: dict[str, int] = {}
        self._kept = self._wanted = 0
        self.model = ChainsModel(self)
        self.table: QTableView = paged_table(self.model, self.tr("List of chains"), stretch=1)
        self.run, self.filter, self.order = QComboBox(), QComboBox(), QComboBox()
        self.words = QLineEdit()
        self.stale = button("", self.tr("Redo only the stale chains"))
        self.stale.setToolTip(
            self.tr(
                "Each is written as its run was set, by the same seed and the wordings that hold now. "
                "“Stale chains” beside “Write” above takes other settings."
            )
        )
        self.stale_words = label(part="warning", wrap=True)
        self._stale = 0
        self._name_controls()
        self._lay_out()
        self._timer = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._timer.timeout.connect(self.read)
        self._connect()

    @property
    def row(self) -> "ChainRow | None":
        """The chain chosen."""
        found: ChainRow | None = self.model.row_at(self.table.currentIndex().row())
        return found

    @property
    def selected(self) -> Sequence[int]:
        """The keys of the chains selected, also of those no page of which was read."""
        keys = self.model.keys
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [keys[place] for place in places if place < len(keys)]

    def read_selected(self, then: "Callable[[list[ChainRow]], None]") -> None:
        """Read the rows of the chains selected, and go on with them."""
        keys, query = self.selected, self._query
        if query is not None:
            self._session.ask(self.tr("Reading chains"), lambda project: _rows_of(project, keys, query), then)

    def read_soon(self) -> None:
        """Read what is in view again, and the list a moment later, however often it is asked."""
        self.model.read_again()
        if not self._timer.isActive():
            self._timer.start()

    def read(self) -> None:
        """Read the list again."""
        if self._session.folder is None:
            return
        self._fill_runs()
        run = str(self.run.currentData())
        only, words, order = str(self.filter.currentData()), self.words.text(), str(self.order.currentData())
        self._session.ask(
            self.tr("Listing chains"), lambda project: _listed(project, run, only, words, order), self._have_listed
        )

    def follow(self, run_id: str, key: int) -> None:
        """Choose a chain of a run, in a list that has it."""
        self._fill_runs()
        if self.run.currentData() not in ("", run_id):
            self.run.setCurrentIndex(max(0, self.run.findData(NEWEST)))
        self.filter.setCurrentIndex(0)
        self.words.clear()
        self._wanted = key
        self.read()

    def step(self, by: int) -> None:
        """Choose the next chain, or the one before."""
        place = self.table.currentIndex().row() + by
        if 0 <= place < self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(place, 0))

    def _name_controls(self) -> None:
        self.run.setAccessibleName(self.tr("Chains of which run"))
        self.run.setToolTip(self.tr("Those that count: of each prompt the newest chain, as training takes them"))
        self.filter.setAccessibleName(self.tr("Which chains to list"))
        self.order.setAccessibleName(self.tr("Order of the chains"))
        self.words.setPlaceholderText(self.tr("Words in prompt or text"))
        self.words.setAccessibleName(self.tr("List chains that hold these words"))
        self.words.setClearButtonEnabled(True)
        for name, text in self._filters():
            self.filter.addItem(text, name)
        for name, text in (
            ("written", self.tr("In order")), ("newest", self.tr("Newest first")),
            ("most_changed", self.tr("Most changed")), ("least_changed", self.tr("Least changed")),
        ):  # fmt: skip
            self.order.addItem(text, name)

    def _filters(self) -> Sequence[tuple[str, str]]:
        return (
            ("", self.tr("All")), ("queued", self.tr("Queued")), ("running", self.tr("Being written")),
            ("done", self.tr("Done")), ("flagged", self.tr("Flagged")), ("unchanged", self.tr("Unchanged")),
            ("refusal", self.tr("Declines")), ("stale", self.tr("Stale")), ("edited", self.tr("Edited")),
            ("excluded", self.tr("Excluded")), ("left_out", self.tr("Left out, too long")),
        )  # fmt: skip

    def _lay_out(self) -> None:
        above, narrow = QHBoxLayout(), QHBoxLayout()
        above.setSpacing(5)
        narrow.setSpacing(5)
        for widget in (self.run, self.filter):
            above.addWidget(widget, 1)
        narrow.addWidget(self.words, 1)
        narrow.addWidget(self.order)
        for box in (self.run, self.filter, self.order):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addLayout(above)
        column.addLayout(narrow)
        column.addWidget(self.table, 1)
        column.addWidget(self.stale_words)
        column.addWidget(self.stale, 0, Qt.AlignmentFlag.AlignLeft)
        self.stale.hide()
        self.stale_words.hide()
        self.table.setColumnWidth(0, self.fontMetrics().horizontalAdvance("● writing 8/9 ✎"))
        self.table.setColumnWidth(2, self.fontMetrics().horizontalAdvance("Changed") + 14)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)

    def _connect(self) -> None:
        for box in (self.run, self.filter, self.order):
            box.activated.connect(lambda _: self.read())
        self.words.textChanged.connect(lambda _: self._timer.start(_WAIT_MS))
        self.stale.clicked.connect(self._want_redo)
        self.model.wants.connect(self._read_rows)
        self._session.closed.connect(self.model.forget)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit(len(self.selected)))

    def _want_redo(self) -> None:
        self.table.setFocus()  # the button goes away, and would leave the keyboard to whoever comes next
        self.wants_redo.emit()

    def _fill_runs(self) -> None:
        wanted = [(self.tr("All runs"), ""), (self.tr("Those that count"), NEWEST)]
        wanted += [(one.run.id, one.run.id) for one in self._session.runs if one.run.stage == "chains"]
        if [self.run.itemData(place) for place in range(self.run.count())] == [key for _, key in wanted]:
            return
        chosen = self.run.currentData()
        self.run.clear()
        for text, key in wanted:
            self.run.addItem(text, key)
        widen_list(self.run)
        self.run.setCurrentIndex(max(0, self.run.findData(NEWEST if chosen is None else chosen)))

    def _have_listed(self, listed: "Listed") -> None:
        self._query, keys, self._counts, seconds = listed
        # A list that takes long is read seldom, so that it keeps nobody else waiting.
        self._timer.setInterval(max(_WAIT_MS, int(seconds * 10_000)))
        self._show_counts()
        chosen = self.row
        key = chosen.key if chosen is not None else self._kept
        self.model.show_keys(keys)
        place = self.model.place_of(self._wanted or key)
        if self._wanted and place >= 0:
            self.select_only(place)
        elif self._wanted and self.run.currentData() == NEWEST:  # something newer has taken its place
            self.run.setCurrentIndex(0)
            self.read()
            return
        self._wanted = 0
        if keys and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.model.index(max(place, 0), 0))
        elif not keys:
            self.chosen.emit(None)

    def _show_counts(self) -> None:
        for place, (name, text) in enumerate(self._filters()):
            self.filter.setItemText(place, f"{text} ({self._counts.get(name, 0):,})")
        stale = self._counts.get("stale", 0)
        self.stale.setText(self.tr("Redo only these ({count})").format(count=stale))
        for widget in (self.stale, self.stale_words):
            widget.setVisible(stale > 0)
        if stale != self._stale:
            self._stale = stale
            self._say_stale("")
            if stale:
                doing = self.tr("Reckoning what the run costs")
                # What stands in the way of writing them again is told to whoever asks for it.
                self._session.ask(doing, cost_of_redoing, self._have_cost, lambda _: None)

    def _have_cost(self, found: tuple[int, int, int, float | None]) -> None:
        chains, calls, tokens, seconds = found
        time = self.tr("time unknown") if seconds is None else duration_text(seconds)
        words = self.tr("Writing all {chains} again: {calls} calls · {tokens} tokens · {time}.")
        self._say_stale(words.format(chains=f"{chains:,}", calls=f"{calls:,}", tokens=f"{tokens:,}", time=time))

    def _say_stale(self, cost: str) -> None:
        words = self.tr("↻ Stale: {count}. A wording or text they follow from has changed since.")
        self.stale_words.setText(f"{words.format(count=self._stale)} {cost}".strip())

    def _read_rows(self, keys: Sequence[int]) -> None:
        query = self._query
        if query is not None:
            self._session.ask(
                self.tr("Reading chains"), lambda project: project.store.chains.rows.rows(keys, query), self._have_rows
            )

    def _have_rows(self, rows: "list[ChainRow]") -> None:
        waiting = self.row is None
        self.model.take(rows)
        if waiting and self.row is not None:
            self._tell()

    def _choose(self, current: QModelIndex, _: QModelIndex) -> None:
        if current.isValid():
            self._tell()

    def _tell(self) -> None:
        row = self.row
        if row is not None:
            self._kept = row.key
            self.chosen.emit(row)

    def select_only(self, place: int) -> None:
        """Select one row and no other, and bring it into view: rows out of sight are not read, and none would be shown."""
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        index = self.model.index(place, 0)
        self.table.selectionModel().setCurrentIndex(index, flags)
        # By itself a table that has just got its rows does not know yet how far it can be scrolled.
        self.table.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)


def _rows_of(project: "Project", keys: Sequence[int], query: "ChainQuery") -> "list[ChainRow]":
    rows = project.store.chains.rows
    return [row for begin in range(0, len(keys), _BATCH) for row in rows.rows(keys[begin : begin + _BATCH], query)]


def _listed(project: "Project", run_id: str, only: str, words: str, order: str) -> "Listed":
    from workbench.project.chain_sources import current_runs  # noqa: PLC0415
    from workbench.project.staleness import outdated  # noqa: PLC0415
    from workbench.store.chain_rows import ChainQuery  # noqa: PLC0415

    began = time.monotonic()
    runs = current_runs(project.store) if run_id == NEWEST else (run_id,) if run_id else ()
    query = ChainQuery(runs, only, words, order, run_id == NEWEST, outdated(project.store))
    rows = project.store.chains.rows
    keys = rows.keys(query)
    return query, keys, rows.counts(query), time.monotonic() - began
