"""The sheet that brings a file in: what it holds, its first rows as a model will see them, its columns, its bad rows."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ui.import_course import ImportCourse, Look, known_formats, listed_columns
from ui.pages.import_words import checked_words, done_words, would_words
from ui.reading_order import SheetInOrder
from ui.session import Session
from ui.static_words import in_language
from ui.user_settings import UserSettings
from ui.widgets.cover import Cover
from ui.widgets.file_dialogs import ask_for_file, ask_for_folder
from ui.widgets.reading_table import reading_table
from ui.widgets.share_fields import ShareFields
from ui.widgets.tabs import tabbed
from ui.widgets.texts import TextView, button, label, set_part

if TYPE_CHECKING:
    from workbench.interchange.incoming.reading import Shown
    from workbench.project.importing import Checked

_LONGEST = 4000
_CONSTITUTION = "constitution"
_MOST_LISTED = 500
#: Shares that are being turned are looked at when they rest.
_REST_MS = 300
_SHARES = "shares"
_WITH_ANSWERS = ("comparisons", "chains", "answers")
_SPLITS = ("train", "sft", "preferences", "rl", "test")


class ImportSheet(SheetInOrder):
    """Shows before it changes anything; bad rows are left out only where the person says so."""

    #: What to say when it is done.
    told = Signal(str)

    def __init__(self, session: Session, place: str, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import {file}").format(file=_called(place)))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 640)
        self._place, self._bad, self._rows, self._whole, self._looking = place, 0, 0, False, True
        self._look_now: Look | None = None
        #: What went wrong, in a sentence.
        self.failure = ""
        self.course = ImportCourse(session, self)
        self.title = label(self.tr("Looking…"), "heading", wrap=True)
        self.note = label(part="muted", wrap=True)
        self.take_as = self._choice(self.tr("What to take"), (self.tr("All it brings"), self.tr("Its prompts alone")))
        self.read_as = self._choice(self.tr("What to read the file as"), (self.tr("What it looks like"),))
        # Titles are long; the sheet is to be no wider for them.
        self.read_as.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.read_as.setMinimumContentsLength(22)
        self.read_as.addItem(self.tr("A constitution"), _CONSTITUTION)
        for name, title in known_formats():
            self.read_as.addItem(title, name)
        self.part = self._choice(self.tr("Part of the data set"), ())
        self.kind = self._choice_of(self.tr("Kind of prompts that do not say"), ("red-team", "helpful"))
        self.split = self._choice_of(self.tr("Split of prompts that do not say"), _SPLITS)
        self.split.addItem(self.tr("several, by shares"), _SHARES)
        self.shares = ShareFields(_SPLITS)
        self._explain()
        #: What a constitution does not ask.
        self._of_rows = (self.take_as, self.kind, self.split, self.shares)
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self.columns = QGridLayout()
        self.columns.setHorizontalSpacing(10)
        self._fields: dict[str, QComboBox] = {}
        self.preview = TextView(self.tr("The first rows as a model will see them"))
        self.bad = self._bad_table()
        self.preview.setToolTip(self.tr("A model with a chat template sees the same turns in its own template."))
        self.cover = Cover(self.preview, settings, self.tr("Show the covered rows of the file"))
        self.tabs = tabbed(
            self.tr("What is in the file"),
            self.tr("First rows or bad rows"),
            (self.cover, self.tr("First rows")),
            (self.bad, self.tr("Bad rows")),
        )
        self.counts = label(wrap=True)
        self.leave_out = QCheckBox(self.tr("Leave the bad rows out and import the rest"))
        self.leave_out.setAccessibleName(self.leave_out.text())
        self.leave_out.toggled.connect(self._allow)
        self.leave_out.hide()
        self._lay_out()
        self._connect()
        self._look()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Stop looking."""
        self.course.stop()
        event.accept()

    def reject(self) -> None:
        """Stop looking and go."""
        self.course.stop()
        super().reject()

    def _choice(self, name: str, words: tuple[str, ...]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.addItems(words)
        return box

    def _choice_of(self, name: str, words: tuple[str, ...]) -> QComboBox:
        """Return a choice of words that the workbench knows, shown in the window's language."""
        box = self._choice(name, ())
        for word in words:
            box.addItem(in_language(word), word)
        return box

    def _explain(self) -> None:
        """Say by the tool tips what the choices mean."""
        for box, words in (
            (self.read_as, self.tr("What the rows are, where the file does not look like what it is")),
            (self.take_as, self.tr("Whether answers and choices come in, too, or the prompts alone")),
            (self.kind, self.tr("Red-team prompts are answered, criticised and revised, helpful ones only answered. "
                                "Rows that say their kind keep it.")),
            (self.split, self.tr("Which stages may use the prompts: train every one but evaluation, sft chains, preferences "
                                 "comparisons, rl RL, test evaluation alone. Rows that name a split keep it.")),
        ):  # fmt: skip
            box.setToolTip(words)

    def _bad_table(self) -> QTableWidget:
        table = reading_table(self.tr("Rows that cannot be read, with the reason"), 2)
        table.setHorizontalHeaderLabels([self.tr("Line"), self.tr("Why it cannot be read")])
        table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        return table

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        self._part_label = label(self.tr("Part"))
        for place, (text, box) in enumerate((
            (label(self.tr("Read as")), self.read_as), (label(self.tr("Take")), self.take_as),
            (self._part_label, self.part), (label(self.tr("Kind")), self.kind), (label(self.tr("Split")), self.split),
        )):  # fmt: skip
            choices.addSpacing(10 if place else 0)
            choices.addWidget(text)
            choices.addWidget(box, 1)
        self._part_label.hide()
        self.part.hide()
        self.shares.hide()
        self.import_ = button(self.tr("Import"), self.tr("Import the file"), primary=True)
        self.import_.setDefault(True)
        self.cancel = button(self.tr("Cancel"), self.tr("Close without importing"))
        foot = QHBoxLayout()
        foot.addWidget(self.leave_out)
        foot.addStretch(1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.import_)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 14)
        column.setSpacing(10)
        column.addWidget(self.title)
        column.addWidget(self.note)
        column.addLayout(choices)
        column.addWidget(self.shares)
        column.addLayout(self.columns)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.counts)
        column.addLayout(foot)

    def _connect(self) -> None:
        self.course.looked.connect(self._show_look)
        self.course.checked.connect(self._show_checked)
        self.course.taken.connect(self._show_taken)
        self.course.failed.connect(self._show_failure)
        self.import_.clicked.connect(self._import)
        self.cancel.clicked.connect(self.reject)
        self.read_as.activated.connect(lambda _: self._forget_columns())
        self.split.activated.connect(lambda _: self.shares.setVisible(self.split.currentData() == _SHARES))
        for box in (self.read_as, self.take_as, self.part, self.kind, self.split):
            box.activated.connect(self._look)
        self.shares.changed.connect(self._share_turned)
        self._rest.timeout.connect(self._look)

    def _look(self) -> None:
        from workbench.project.importing import Wanted  # noqa: PLC0415

        self._rest.stop()
        self._whole, self.failure, self._looking = False, "", True
        self.bad.setRowCount(0)
        self._allow()
        if self._shares_wrong:
            self.course.stop()
            return
        chosen = {name: box.currentData() for name, box in self._fields.items() if box.currentData()}
        as_ = "prompts" if self.take_as.currentIndex() else ""
        format_ = self.read_as.currentData() or ""
        if format_ == _CONSTITUTION:
            as_, format_ = _CONSTITUTION, ""
        if not format_ and self._look_now and chosen and not as_:
            format_ = self._look_now.format
        split = self.shares.text if self._by_shares else str(self.split.currentData())
        self.course.look(
            Wanted(self._place, as_, format_, chosen, self.part.currentText(), str(self.kind.currentData()), split)
        )

    def _share_turned(self) -> None:
        """Look again once the shares rest; until then nothing is taken over by the shares before."""
        self.course.stop()
        self._whole = False
        self._allow()
        self._rest.start()

    @property
    def _by_shares(self) -> bool:
        return bool(self.split.currentData() == _SHARES)

    @property
    def _shares_wrong(self) -> bool:
        return self._by_shares and bool(self.shares.problem)

    def _show_look(self, look: Look) -> None:
        self._look_now, self._looking = look, False
        set_part(self.title, "heading")
        self.title.setText(look.title)
        self.note.setText(self._note(look))
        self.cover.look(self._place, str(self.kind.currentData()) if look.brings in _WITH_ANSWERS else "")
        self.preview.setPlainText("\n\n".join(self._row_text(row) for row in look.rows))
        self._show_columns(look)
        if look.parts and not self.part.count():
            self.part.addItems(["", *look.parts])
            self.part.show()
            self._part_label.show()
        constitution = look.constitution
        for box in self._of_rows:
            box.setEnabled(constitution is None)
        if constitution is not None:
            self.counts.setText(would_words(self, constitution))
            self._whole = not constitution.same
            self._allow()

    def _note(self, look: Look) -> str:
        brings = {
            "prompts": self.tr("Brings prompts."),
            "comparisons": self.tr("Brings comparisons; who chose is recorded as the reviewer."),
            "chains": self.tr("Brings texts to learn from, as a finished run of chains."),
            "answers": self.tr("Brings answers with their scores, as a finished evaluation."),
            "evaluation_set": self.tr("Brings an evaluation set, to ask the feedback model before it labels."),
            "constitution": self.tr("Brings a constitution, as a new version."),
        }[look.brings]
        if look.guessed:
            brings += " " + self.tr("Its columns have other names: check that each is what it is taken for.")
        if look.splits:
            brings += " " + self.tr("The prompt of each row is what its two texts begin with.")
        return " ".join(filter(None, (brings, self._left_out(look))))

    def _left_out(self, look: Look | None) -> str:
        """Say of which columns nothing is taken."""
        if look is None or not look.left_out:
            return ""
        one, many = (
            self.tr("Nothing is taken from the column {names}."),
            self.tr("Nothing is taken from the columns {names}."),
        )
        return (one if len(look.left_out) == 1 else many).format(names=listed_columns(look.left_out))

    def _forget_columns(self) -> None:
        """Let columns be found anew, by the names of the fields of what the file is read as."""
        while (item := self.columns.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._fields = {}

    def _show_columns(self, look: Look) -> None:
        """Show a choice of column for each field, anew where the fields are others than before."""
        if tuple(self._fields) == tuple(name for name, _ in look.roles):
            return
        self._forget_columns()
        mapping = dict(look.mapping)
        for place, (name, needed) in enumerate(look.roles):
            box = self._choice(self.tr("Column that is {field}").format(field=name), ())
            box.setObjectName(f"column {name}")
            box.addItem("" if needed else self.tr("(none)"), "")
            for column in look.columns:
                box.addItem(column, column)
            box.setCurrentIndex(max(0, box.findData(mapping.get(name, ""))))
            box.activated.connect(self._look)
            row, side = divmod(place, 3)
            told = self.tr("{field} (guessed) is") if name in look.guessed else self.tr("{field} is")
            self.columns.addWidget(
                label(told.format(field=name), "warning" if name in look.guessed else "muted"), row, 2 * side
            )
            self.columns.addWidget(box, row, 2 * side + 1)
            self.columns.setColumnStretch(2 * side + 1, 1)
            self._fields[name] = box

    def _row_text(self, row: "Shown") -> str:
        head = self.tr("— row {line} —").format(line=row.line)
        if row.reason:
            return head + "\n" + self.tr("Cannot be read: {reason}.").format(reason=in_language(row.reason))
        return "\n\n".join([head, *(f"[{name}]\n{_cut(text)}" for name, text in row.parts)])

    def _show_checked(self, checked: "Checked", whole: bool) -> None:
        self._bad, self._whole = checked.bad_count, whole
        for bad in checked.bad[self.bad.rowCount() : _MOST_LISTED]:
            row = self.bad.rowCount()
            self.bad.insertRow(row)
            for column, text in enumerate((str(bad.line), in_language(bad.reason))):
                self.bad.setItem(row, column, QTableWidgetItem(text))
        self.tabs.setTabText(1, self.tr("Bad rows ({count})").format(count=checked.bad_count))
        self.counts.setText(checked_words(self, checked, whole))
        self.leave_out.setVisible(whole and checked.bad_count > 0 and checked.rows > 0)
        self._rows = checked.rows
        self._allow()

    def _allow(self) -> None:
        """Let the file be imported once it is read whole, and bad rows only after a word."""
        look = self._look_now
        good = look is not None and (look.brings == "constitution" or self._rows > 0)
        agreed = not self._bad or self.leave_out.isChecked() or (look is not None and look.brings == "constitution")
        self.import_.setEnabled(bool(self._whole and good and agreed and not self._shares_wrong))

    def _import(self) -> None:
        self.import_.setEnabled(False)
        self._let_choose(False)
        self.course.take()

    def _let_choose(self, free: bool) -> None:
        """Let the choices be made, or not while the file is taken over."""
        for box in (self.read_as, self.part, *self._of_rows, self.leave_out, *self._fields.values()):
            box.setEnabled(free)

    def _show_taken(self, taken: Any, whole: bool) -> None:
        if not whole:
            self.counts.setText(
                self.tr("Importing: {done} of {rows} rows.").format(done=f"{taken.rows:,}", rows=f"{self._rows:,}")
            )
            return
        self.told.emit(" ".join(filter(None, (done_words(self, taken), self._left_out(self._look_now)))))
        self.accept()

    def _show_failure(self, sentence: str, may_be_told: bool) -> None:
        self._let_choose(True)
        set_part(self.title, "bad")
        self.failure = sentence
        self.title.setText(sentence)
        if self._looking:
            words = self.tr(
                "If you know what it is, choose it beside “Read as”; then say which column is which. "
                "For its prompts alone choose “Prompts”."
            )
            self.note.setText(words if may_be_told else "")
        self._whole = False
        self._allow()


def choose_folder(parent: QWidget, then: Callable[[Path], object], start: Path | str = "") -> None:
    """Ask for a folder to import: a data set, or the files of a constitution."""
    ask_for_folder(parent, parent.tr("Import a folder"), then, start)


def choose_file(parent: QWidget, then: Callable[[Path], object], start: Path | str = "") -> None:
    """Ask for a file to import."""
    known = "*.txt *.jsonl *.ndjson *.json *.csv *.tsv *.parquet *.gz *.yaml *.yml *.py"
    words = parent.tr("Data and constitutions ({known});;All files (*)")
    ask_for_file(parent, parent.tr("Import a file"), words.format(known=known), then, start)


def open_sheet(session: Session, place: str, settings: UserSettings, parent: QWidget, told: Any) -> ImportSheet:
    """Show the sheet over a window; told is called with what came of it."""
    sheet = ImportSheet(session, place, settings, parent)
    sheet.told.connect(told)
    sheet.open()
    return sheet


def _called(place: str) -> str:
    """Return a file's or folder's name, or how a data set of the hub is written, its commit by the first digits."""
    from workbench.sources.hub_data import HUB, read_place  # noqa: PLC0415

    return read_place(place).text if place.startswith(HUB) else Path(place).name


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
