"""A table of any length: the keys of all rows are known, the rows are read a page at a time as they come into view."""

from collections.abc import Collection, Sequence
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QModelRoleData,
    QModelRoleDataSpan,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)

from ui.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
PAGE = 100
#: Pages that wait to be read; whoever scrolls fast passes the older ones by.
_MOST_WAITING = 3
#: Rows kept before those out of sight are let go.
_MOST_KEPT = 20_000
#: Asked for some hundred times a frame, so these are found out once.
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
#: So many roles a cell is painted by, and where among them these two stand.
_PAINTED, _SIDE_AT, _TEXT_AT = 7, 1, 5
_SHOWN = frozenset(
    map(int, (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole))
)


class Keyed(Protocol):
    """A row that knows its key."""

    @property
    def key(self) -> int:
        """The key."""
        ...


class PagedModel(QAbstractTableModel):
    """Shows what it has; wants tells which keys it needs next, and take brings their rows."""

    wants = Signal(object)

    def __init__(
        self, titles: Sequence[str], parent: QObject | None = None, right: Collection[int] = frozenset()
    ) -> None:
        super().__init__(parent)
        self._titles = titles
        #: The columns that hold numbers: they and their titles stand right.
        self._sides = [_side(column in right) for column in range(len(titles))]
        self._keys: Sequence[int] = ()
        self._rows: dict[int, Any] = {}
        self._waiting: list[int] = []
        self._old: set[int] = set()
        #: The pages looked at last, the newest last: a view shows no more than two.
        self._in_view: tuple[int, int] = (0, 0)
        #: The keys that are being read, and the place of the first of them.
        self._reading: tuple[int, ...] = ()
        self._reading_at = 0
        self._timer = QTimer(self, interval=0, singleShot=True)
        self._timer.timeout.connect(self._ask)

    @property
    def keys(self) -> Sequence[int]:
        """The keys of all rows, in order."""
        return self._keys

    def show_keys(self, keys: Sequence[int]) -> None:
        """Take the rows' keys; where they begin as before what is chosen and in view stays, and is only read anew."""
        had = len(self._keys)
        if 0 < had < len(keys) and keys[:had] == self._keys:
            self.beginInsertRows(QModelIndex(), had, len(keys) - 1)
            self._keys = keys
            self.endInsertRows()
        elif keys != self._keys:
            self.beginResetModel()
            self._keys = keys
            self.endResetModel()
        self.read_again()

    def forget(self) -> None:
        """Have nothing any more, also of what is being read: numbers of rows mean others in another project."""
        self.beginResetModel()
        self._keys, self._rows, self._old = (), {}, set()
        self._reading, self._waiting = (), []
        self.endResetModel()

    def read_again(self) -> None:
        """Read what is in view again; until it comes the old rows stay, and nothing is painted anew for it."""
        self._old = set(range(0, len(self._keys), PAGE))
        for page in self._in_view:
            if page in self._old:
                self._want(page)

    def paint_again(self) -> None:
        """Have all that is in view painted anew: cells show more than their rows, and that is another now."""
        if self._keys:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._keys) - 1, len(self._titles) - 1))

    def take(self, rows: Sequence[Keyed]) -> None:
        """Take rows that were wanted."""
        first, asked, self._reading = self._reading_at, self._reading, ()
        if len(self._rows) > _MOST_KEPT:
            self._rows.clear()
        other = {row.key for row in rows if self._rows.get(row.key) != row}
        self._rows.update((row.key, row) for row in rows)
        if other and tuple(self._keys[first : first + len(asked)]) == asked:  # else they stand elsewhere by now
            places = [first + place for place, key in enumerate(asked) if key in other]
            if places:
                self.dataChanged.emit(self.index(places[0], 0), self.index(places[-1], len(self._titles) - 1))
        self._timer.start()

    def let_go(self) -> None:
        """Take note that rows could not be read; they are asked for again when they are looked at."""
        self._reading = ()

    def row_at(self, place: int) -> Any:
        """Return the row in a place, or None while it is not read."""
        return self._rows.get(self._keys[place]) if 0 <= place < len(self._keys) else None

    def place_of(self, key: int) -> int:
        """Return the place of a key, or -1."""
        try:
            return self._keys.index(key)
        except ValueError:
            return -1

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self._keys)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows; a row that is not there yet, or not fresh, is asked for."""
        if role == _ALIGNMENT:
            return self._sides[index.column()]
        if role not in _SHOWN or not index.isValid():
            return None
        row = self._rows.get(self._keys[index.row()])
        page = index.row() - index.row() % PAGE
        if page != self._in_view[1]:
            self._in_view = self._in_view[1], page
        if row is None or page in self._old:
            self._want(page)
        if row is None:
            return "…" if role == Qt.ItemDataRole.DisplayRole and index.column() == 0 else None
        shown = self.cell(row, index.column(), role)
        return plain_tip(shown) if role == Qt.ItemDataRole.ToolTipRole and shown else shown

    def multiData(self, index: Index, roleDataSpan: QModelRoleDataSpan | QModelRoleData) -> None:  # noqa: N802, N803
        """Fill in what a cell shows in one call: painting asks for seven roles, each of which would wait for the interpreter."""
        asked: Any = roleDataSpan  # Qt says it may be one role, but gives a span
        if asked.length() == _PAINTED:
            side, text = asked[_SIDE_AT], asked[_TEXT_AT]
            if (
                side.role() == _ALIGNMENT and text.role() == _DISPLAY
            ):  # the others are nothing, as they are without being set
                side.setData(self._sides[index.column()])
                _fill(text, self.data(index, _DISPLAY))
                return
        for place in range(asked.length()):
            _fill(asked[place], self.data(index, asked[place].role()))

    def cell(self, row: Any, column: int, role: int) -> Any:
        """Return what a cell of a row shows."""
        raise NotImplementedError

    def headerData(  # noqa: N802
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._titles[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return self._sides[section]
        return None

    def _want(self, page: int) -> None:
        if page not in self._waiting and self._keys[page] not in self._reading:
            self._waiting = [*self._waiting, page][-_MOST_WAITING:]
            self._timer.start()

    def _ask(self) -> None:
        if self._reading or not self._waiting:
            return
        page = self._reading_at = self._waiting.pop()
        self._old.discard(page)
        self._reading = tuple(self._keys[page : page + PAGE])
        if self._reading:
            self.wants.emit(self._reading)


def _fill(asked: QModelRoleData, value: Any) -> None:
    if value is None:
        asked.clearData()
    else:
        asked.setData(value)


def _side(right: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)
