"""The list of principles: which there are, in which order, which are on, and which deserve a second look."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.tips import plain_tip
from ui.widgets.choices import widen_list
from ui.widgets.list_rows import told_below
from ui.widgets.texts import button, counted, label

if TYPE_CHECKING:
    from workbench.project.coverage import PrincipleCoverage
    from workbench.project.draft_state import DraftState
    from workbench.records.constitution import Principle

_ID = Qt.ItemDataRole.UserRole

#: A share of fewer reviews says nothing by itself.
_ENOUGH = 10


class PrincipleList(QWidget):
    """Space switches on and off, Alt and the arrows or dragging move, typing above narrows."""

    chosen = Signal(str)
    switched = Signal(str, bool)
    #: A principle and its new place.
    moved = Signal(str, int)
    wants_new = Signal()
    wants_removed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._showing = False
        self._principles: tuple[Principle, ...] = ()
        #: What each principle did, in a line.
        self._did: dict[str, str] = {}
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(self.tr("Filter…"))
        self.filter.setAccessibleName(self.tr("Filter principles"))
        self.filter.setClearButtonEnabled(True)
        self.tag = QComboBox()
        self.tag.setAccessibleName(self.tr("Show principles with a tag"))
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Principles"))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        told_below(self.list)
        self.list.installEventFilter(self)
        self.summary = label(part="muted", wrap=True)
        self._lay_out()
        self.filter.textChanged.connect(self._narrow)
        self.tag.currentIndexChanged.connect(self._narrow)
        self.list.currentItemChanged.connect(self._choose)
        self.list.itemChanged.connect(self._switch)
        self.list.model().rowsMoved.connect(self._have_moved)

    @property
    def current(self) -> str:
        """The id of the chosen principle, or nothing."""
        item = self.list.currentItem()
        return str(item.data(_ID)) if item else ""

    def show_draft(self, state: "DraftState") -> None:
        """Show the principles of a draft; the chosen one stays chosen."""
        if state.constitution is None:
            return
        kept, self._showing = self._kept(state.constitution.principles), True
        self._principles = state.constitution.principles
        kinds: dict[str, set[str]] = {}
        for change in state.changes:
            kinds.setdefault(change.where.removeprefix("principle "), set()).add(change.kind)
        self.list.clear()
        for principle in self._principles:
            worst = [one.severity for one in state.finds(principle.id)]
            changed = self._changed(kinds.get(principle.id, set()))
            item = _item(principle, changed, "error" in worst or "warning" in worst, self)
            item.setText(_with_line(item.text(), self._did.get(principle.id, "")))
            self.list.addItem(item)
        self._show_tags()
        on = sum(principle.enabled and principle.weight > 0 for principle in self._principles)
        self.summary.setText(
            self.tr("{on} of {all} on\nSpace on/off · Alt+↑/↓ move").format(all=len(self._principles), on=on)
        )
        self._allow_removal()
        self._showing = False
        self._narrow()
        self.choose(kept)

    def _allow_removal(self) -> None:
        only = len(self._principles) < 2
        if only and self.remove.hasFocus():
            self.list.setFocus()
        self.remove.setEnabled(not only)
        why = self.tr("A constitution has a principle at least; add another first.")
        self.remove.setToolTip(why if only else self.remove.accessibleName())

    def _changed(self, kinds: set[str]) -> str:
        """Return what the draft makes of a principle, in a word; a move alone leaves its words as they were."""
        if kinds == {"moved"}:
            return self.tr("moved")
        return self.tr("new") if "added" in kinds else self.tr("edited") if kinds else ""

    def _kept(self, principles: "Sequence[Principle]") -> str:
        """Return which principle is to be chosen among others: the chosen one, or what comes next where that is gone."""
        there, before = {one.id for one in principles}, [one.id for one in self._principles]
        place = before.index(self.current) if self.current in before else 0
        return next((name for name in (*before[place:], *reversed(before[:place])) if name in there), "")

    def show_coverage(self, rows: "Sequence[PrincipleCoverage]") -> None:
        """Say below each principle what it did so far."""
        self._did = {one.id: line for one in rows if (line := _did(one, self))}
        self._showing = True
        for row, principle in enumerate(self._principles):
            item = self.list.item(row)
            item.setText(_with_line(item.text().partition("\n")[0], self._did.get(principle.id, "")))
        self._showing = False

    def choose(self, principle_id: str) -> None:
        """Choose a principle, or the first."""
        ids = [principle.id for principle in self._principles]
        if ids:
            self.list.setCurrentRow(ids.index(principle_id) if principle_id in ids else 0)

    def bring_up(self, principle_id: str) -> None:
        """Choose a principle and have it seen: a filter that hides it is taken away."""
        self.choose(principle_id)
        if self.list.isRowHidden(self.list.currentRow()):
            self.filter.clear()
            self.tag.setCurrentIndex(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Move the chosen principle by Alt and the arrows."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            if step and event.modifiers() & Qt.KeyboardModifier.AltModifier:
                self._move_by(step)
                return True
        return super().eventFilter(watched, event)

    def _lay_out(self) -> None:
        self.new = button(self.tr("Add"), self.tr("Add a principle"))
        self.remove = button(self.tr("Remove"), self.tr("Remove the chosen principle"))
        self.new.clicked.connect(self.wants_new.emit)
        self.remove.clicked.connect(lambda: self.wants_removed.emit(self.current))
        above, below = QHBoxLayout(), QHBoxLayout()
        above.addWidget(self.filter, 1)
        above.addWidget(self.tag)
        below.addWidget(self.new)
        below.addWidget(self.remove)
        below.addWidget(self.summary, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 6, 0)
        column.addLayout(above)
        column.addWidget(self.list, 1)
        column.addLayout(below)
        self.setMinimumWidth(42 * self.fontMetrics().averageCharWidth())

    def _show_tags(self) -> None:
        kept = self.tag.currentText()
        tags = sorted({tag for principle in self._principles for tag in principle.tags})
        self.tag.clear()
        self.tag.addItem(self.tr("All tags"), "")
        for tag in tags:
            self.tag.addItem(tag, tag)
        self.tag.setCurrentIndex(max(0, self.tag.findText(kept)))
        widen_list(self.tag)

    def _narrow(self) -> None:
        if self._showing:
            return
        words, tag = self.filter.text().lower(), self.tag.currentData() or ""
        for row, principle in enumerate(self._principles):
            hidden = words not in _read(principle) or bool(tag and tag not in principle.tags)
            self.list.setRowHidden(row, hidden)

    def _choose(self, current: QListWidgetItem | None, _: QListWidgetItem | None) -> None:
        if not self._showing and current is not None:
            self.chosen.emit(current.data(_ID))

    def _switch(self, item: QListWidgetItem) -> None:
        if not self._showing:
            self.switched.emit(item.data(_ID), item.checkState() == Qt.CheckState.Checked)

    def _move_by(self, step: int) -> None:
        place = self.list.currentRow() + step
        while self.list.isRowHidden(place) and 0 <= place < self.list.count():
            place += step  # past what a filter hides, or nothing would be seen to move
        if 0 <= place < self.list.count():
            self.moved.emit(self.current, place)

    def _have_moved(self, _: QModelIndex, start: int, _end: int, _to: QModelIndex, row: int) -> None:
        place = row if row < start else row - 1
        self.moved.emit(self._principles[start].id, place)


def _read(principle: "Principle") -> str:
    """Return what the filter looks for words in: all a person wrote of a principle, in small letters."""
    wordings = principle.critique_request, principle.revision_request, principle.comparison_question
    return "\n".join((principle.id, principle.title, *principle.tags, *wordings, principle.rationale)).lower()


def _item(principle: "Principle", changed: str, doubtful: bool, owner: PrincipleList) -> QListWidgetItem:
    notes = [owner.tr("weight {weight:g}").format(weight=principle.weight)] if principle.weight != 1 else []
    notes += [changed] if changed else []
    title = principle.title or principle.id
    text = f"{'! ' if doubtful else ''}{title}" + (f"  ({', '.join(notes)})" if notes else "")
    item = QListWidgetItem(text)
    item.setData(_ID, principle.id)
    item.setToolTip(plain_tip(f"{principle.id}: {', '.join(principle.tags)}" if principle.tags else principle.id))
    item.setFlags((item.flags() | Qt.ItemFlag.ItemIsUserCheckable) & ~Qt.ItemFlag.ItemIsDropEnabled)
    item.setCheckState(Qt.CheckState.Checked if principle.enabled else Qt.CheckState.Unchecked)
    return item


def _did(one: "PrincipleCoverage", owner: PrincipleList) -> str:
    parts = []
    if one.counted.drawn:
        parts.append(owner.tr("drawn {count}").format(count=f"{one.counted.drawn:,}"))
    if one.changed is not None:
        parts.append(owner.tr("changed {share:.0%}").format(share=one.changed))
    if one.counted.labels and not one.counted.drawn:
        parts.append(counted(one.counted.labels, owner.tr("1 label"), owner.tr("{count} labels")))
    if one.agreement is not None and one.agreement.n >= _ENOUGH:  # the tab Coverage has all, with their intervals
        parts.append(owner.tr("people agree {share:.0%}").format(share=one.agreement.value))
    return " · ".join(parts)


def _with_line(title: str, line: str) -> str:
    return f"{title}\n{line}" if line else title
