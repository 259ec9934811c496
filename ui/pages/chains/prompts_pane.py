"""The table of prompts: narrowed, tagged, written by hand, imported, and chosen for a run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QHBoxLayout, QLineEdit, QTableView, QVBoxLayout, QWidget

from ui.asker import Asker
from ui.chain_control import ChainControl
from ui.pages.chains.rendering import PromptRendering
from ui.pages.chains.write_sheet import WriteSheet
from ui.session import Session
from ui.static_words import in_language
from ui.tables.prompts_model import PromptsModel
from ui.widgets.choices import widen_list
from ui.widgets.inspector import Facts
from ui.widgets.paged_table import paged_table
from ui.widgets.texts import button, counted, label, letters

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.records.prompt import Prompt
    from workbench.store.keys import Keys
    from workbench.store.prompt_rows import PromptRow

    Listed = tuple[Keys, dict[str, int]]


class PromptsPane(QWidget):
    """Prompts are data: adding and tagging them changes no chain."""

    inspect = Signal(object)
    wants_import = Signal()
    #: The ids of prompts to write chains for.
    wants_chains = Signal(object)

    def __init__(self, session: Session, control: ChainControl, asker: Asker, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._control = session, control
        self.rendering = PromptRendering(session, asker, self)
        #: The name of the model that is to answer; without one the one a run would take.
        self._model_name = ""
        self._inspected: PromptRow | None = None
        self._unfinished = ""
        self.model = PromptsModel(self)
        self.table: QTableView = paged_table(self.model, self.tr("List of prompts"), stretch=0)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        for column, width in ((1, 13), (2, 15), (3, 18), (4, 10), (5, 18)):
            self.table.setColumnWidth(column, letters(self.table, width))
        self.words, self.tag_line = QLineEdit(), QLineEdit()
        self.kind, self.split, self.tag, self.chains = (QComboBox() for _ in range(4))
        self.import_ = button(self.tr("Import…"), self.tr("Import prompts from a file"))
        self.write = button(self.tr("Write…"), self.tr("Write prompts by hand"))
        self.add_tag = button(self.tr("Tag"), self.tr("Tag the selected prompts"))
        self.remove_tag = button(self.tr("Untag"), self.tr("Take the tag off the selected prompts"))
        self.run = button(self.tr("Write chains for these"), self.tr("Write chains for the selected prompts"))
        self.count = label(part="muted")
        #: Whether the list is another than the project's, which nobody has seen yet.
        self._stale = True
        self._fill()
        self._lay_out()
        self._timer = QTimer(self, interval=250, singleShot=True)
        self._timer.timeout.connect(self.read)
        self._connect()

    def show_model(self, name: str) -> None:
        """Take another model to answer; the prompt in hand is shown as that one gets it."""
        if name != self._model_name:
            self._model_name = name
            if self._inspected is not None and self.isVisible():
                self._inspect_row(self._inspected)

    @property
    def selected(self) -> "list[PromptRow]":
        """The prompts selected, as far as they are read."""
        places = [index.row() for index in self.table.selectionModel().selectedRows()]
        return [row for row in map(self.model.row_at, places) if row is not None]

    def read_soon(self) -> None:
        """Read the list again, a moment later, however often it is asked; where nobody sees it, once somebody does."""
        self._stale = not self.isVisible()
        if not self._stale and not self._timer.isActive():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read what has come meanwhile."""
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.read()

    def read(self) -> None:
        """Read the list again."""
        if self._session.folder is None:
            return
        asked = {
            "kind": str(self.kind.currentData()),
            "split": str(self.split.currentData()),
            "tag": str(self.tag.currentData()),
            "words": self.words.text(),
            "chains": str(self.chains.currentData()),
        }
        self._session.ask(self.tr("Listing prompts"), lambda project: _listed(project, asked), self._have_listed)

    def _fill(self) -> None:
        self.words.setPlaceholderText(self.tr("Words in the prompt"))
        self.words.setClearButtonEnabled(True)
        self.tag_line.setPlaceholderText(self.tr("a tag"))
        named = (
            (self.words, self.tr("List prompts that hold these words")),
            (self.kind, self.tr("Kind of prompts")),
            (self.split, self.tr("Split of prompts")),
            (self.tag, self.tr("Tag of prompts")),
            (self.chains, self.tr("Prompts with or without chains")),
            (self.tag_line, self.tr("Tag to put on or take off")),
        )
        for widget, name in named:
            widget.setAccessibleName(name)
        for kind in ("", "red-team", "helpful"):
            self.kind.addItem(in_language(kind) or self.tr("Every kind"), kind)
        for text in ("", "train", "sft", "preferences", "rl", "test"):
            self.split.addItem(in_language(text) or self.tr("Every split"), text)
        self.tag.addItem(self.tr("Every tag"), "")
        for text, key in ((self.tr("With or without chain"), ""), (self.tr("Without a chain"), "without")):
            self.chains.addItem(text, key)

    def _lay_out(self) -> None:
        above, below = QHBoxLayout(), QHBoxLayout()
        above.setSpacing(5)
        for widget in (self.words, self.kind, self.split, self.tag, self.chains):
            above.addWidget(widget, 1 if widget is self.words else 0)
        for one in (self.import_, self.write, self.tag_line, self.add_tag, self.remove_tag):
            below.addWidget(one)
        self.tag_line.setMaximumWidth(letters(self.tag_line, 18))
        below.addWidget(self.count)
        below.addStretch(1)
        below.addWidget(self.run)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(6)
        column.addLayout(above)
        column.addWidget(self.table, 1)
        column.addLayout(below)

    def _connect(self) -> None:
        for box in (self.kind, self.split, self.tag, self.chains):
            box.activated.connect(lambda _: self.read())
        self.words.textChanged.connect(lambda _: self.read_soon())
        self.import_.clicked.connect(self.wants_import.emit)
        self.write.clicked.connect(self._write)
        self.add_tag.clicked.connect(lambda: self._tag(True))
        self.remove_tag.clicked.connect(lambda: self._tag(False))
        self.tag_line.returnPressed.connect(lambda: self._tag(True))
        self.tag_line.textChanged.connect(lambda _: self._allow())
        self.run.clicked.connect(lambda: self.wants_chains.emit(tuple(row.id for row in self.selected)))
        self.model.wants.connect(self._read_rows)
        self.rendering.changed.connect(self.tell)
        self._session.closed.connect(self._forget)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._allow())
        self.table.selectionModel().currentRowChanged.connect(self._inspect)
        self._allow()

    def _write(self) -> None:
        sheet = WriteSheet(self)
        sheet.text.setPlainText(self._unfinished)
        sheet.accepted.connect(lambda: self._add(sheet.prompts))
        sheet.finished.connect(lambda added: self._keep("" if added else sheet.text.toPlainText()))
        sheet.open()

    def _keep(self, text: str) -> None:
        """Keep what was written and not added: Esc is pressed soon, and the text comes back with the sheet."""
        self._unfinished = text

    def _add(self, prompts: "list[Prompt]") -> None:
        self._session.ask(
            self.tr("Adding prompts"),
            lambda project: project.import_prompts(prompts),
            lambda _: self._added(len(prompts)),
        )

    def _added(self, count: int) -> None:
        words = counted(count, self.tr("1 prompt is in the table."), self.tr("{count} prompts are in the table."))
        self._control.told.emit(words)
        self._session.refresh_overview()
        self.read_soon()

    def _tag(self, tagged: bool) -> None:
        tag, rows = self.tag_line.text().strip(), self.selected
        if tag and rows:
            self._control.tag([row.id for row in rows], tag, tagged)

    def _allow(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        for one in (self.add_tag, self.remove_tag):
            one.setEnabled(bool(rows and self.tag_line.text().strip()))
        self.run.setEnabled(bool(rows))
        count, all_ = len(rows), len(self.model.keys)
        self.count.setText(self.tr("{count} of {all} selected").format(count=f"{count:,}", all=f"{all_:,}"))

    def _have_listed(self, listed: "Listed") -> None:
        keys, tags = listed
        self.model.show_keys(keys)
        chosen = self.tag.currentData()
        self.tag.clear()
        self.tag.addItem(self.tr("Every tag"), "")
        for name, count in tags.items():
            self.tag.addItem(f"{name} ({count})", name)
        widen_list(self.tag)
        self.tag.setCurrentIndex(max(0, self.tag.findData(chosen)))
        self._allow()

    def _read_rows(self, keys: Sequence[int]) -> None:
        doing = self.tr("Reading prompts")
        self._session.ask(doing, lambda project: project.store.prompts.rows.rows(keys), self.model.take)

    def _inspect(self, current: QModelIndex, _: QModelIndex) -> None:
        row: PromptRow | None = self.model.row_at(current.row())
        if row is not None:
            self._inspect_row(row)

    def _inspect_row(self, row: "PromptRow") -> None:
        self._inspected = row
        self.rendering.look(row.id, self._model_name)
        self.tell()

    def _forget(self) -> None:
        self._inspected = None
        self.model.forget()

    def tell(self) -> None:
        """Tell what is known of the prompt in hand; what comes later, to somebody who still looks at it."""
        row = self._inspected
        if row is None or not self.isVisible():
            return
        lines = [
            (self.tr("Text"), row.text),
            (self.tr("Turns"), str(row.turns) if row.turns > 1 else ""),
            (self.tr("Kind and split"), f"{in_language(row.kind)}, {in_language(row.split)}"),
            (self.tr("Came from"), row.source),
            (self.tr("Tags"), ", ".join(row.tags)),
            (self.tr("Id"), row.id),
        ]
        self.inspect.emit(Facts(self.tr("Prompt"), [*lines, *self.rendering.lines]))


def _listed(project: "Project", asked: dict[str, str]) -> "Listed":
    from workbench.store.prompt_rows import PromptQuery  # noqa: PLC0415

    return project.store.prompts.rows.keys(PromptQuery(**asked)), project.store.taggings.tags()
