"""The sheet that writes data for other tools: what, as which kind of file, and where."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from ui.reading_order import SheetInOrder
from ui.session import Failure, Session
from ui.widgets.file_dialogs import ask_for_folder, free_place
from ui.widgets.numbers import roomy
from ui.widgets.texts import beside, button, counted, label, letters

if TYPE_CHECKING:
    from workbench.project.exporting import Exported


class ExportSheet(SheetInOrder):
    """Writes on the store's thread; a place that is taken, or a project with nothing to write, is told on the sheet."""

    #: What was written.
    told = Signal(str)
    #: The file or folder that was written.
    written = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export data"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(letters(self, 103))
        self._session = session
        self.what = self._choice(
            self.tr("What to export"),
            (
                (self.tr("Preferences, as TRL's RewardTrainer reads them"), "preferences"),
                (self.tr("Texts to learn from, as TRL's SFTTrainer reads them"), "sft"),
                (self.tr("Prompts"), "prompts"),
                (self.tr("Preferences as transcripts of hh-rlhf"), "hh-rlhf"),
                (self.tr("Annotated pairs of Inverse Constitutional AI"), "annotated-pairs"),
            ),
        )
        self.layout_ = self._choice(
            self.tr("Kind of file"),
            (
                (self.tr("Folder with a card, rows as JSONL"), "jsonl"),
                (self.tr("Folder with a card, rows as Parquet"), "parquet"),
                (self.tr("One JSONL file"), ".jsonl"),
                (self.tr("One Parquet file"), ".parquet"),
            ),
        )
        self.test_share = roomy(QDoubleSpinBox())
        self.test_share.setAccessibleName(self.tr("Share of prompts that go into the test split"))
        self.test_share.setToolTip(
            self.tr("So many of the prompts, with all their rows, go into the split “test”: 0.1 is a tenth.")
        )
        self.test_share.setRange(0.0, 0.9)
        self.test_share.setSingleStep(0.05)
        self.test_share.setValue(0.1)
        self.place = QLineEdit()
        self.place.setAccessibleName(self.tr("Where to write it"))
        self.trouble = label(part="bad", wrap=True)
        self._lay_out()
        self.what.currentIndexChanged.connect(self._suggest)
        self.layout_.currentIndexChanged.connect(self._suggest)
        self._suggest()

    def _choice(self, name: str, words: tuple[tuple[str, str], ...]) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        for text, key in words:
            box.addItem(text, key)
        return box

    def _lay_out(self) -> None:
        choose = button(self.tr("Choose…"), self.tr("Choose the folder to write into"))
        choose.clicked.connect(self._choose)
        place = QHBoxLayout()
        place.addWidget(self.place, 1)
        place.addWidget(choose)
        self.export = button(self.tr("Export"), self.tr("Write the data"), primary=True)
        self.export.setDefault(True)
        self.export.clicked.connect(self._export)
        cancel = button(self.tr("Cancel"), self.tr("Close without exporting"))
        cancel.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(self.export)
        form = QFormLayout(self)
        form.setContentsMargins(20, 18, 20, 14)
        form.addRow(beside(self.tr("What"), self.what), self.what)
        form.addRow(beside(self.tr("As"), self.layout_), self.layout_)
        form.addRow(beside(self.tr("Test share"), self.test_share), self.test_share)
        form.addRow(beside(self.tr("Where"), choose), place)
        note = self.tr(
            "Rows of one prompt are all in one split. The card says where the data come from and how far they were checked."
        )
        form.addRow(label(note, "muted", wrap=True))
        form.addRow(self.trouble)
        form.addRow(foot)

    def _suggest(self) -> None:
        """Suggest a place beside the project, and offer only what the kind of data can be."""
        what, layout = self.what.currentData(), self.layout_.currentData()
        pairs = what == "annotated-pairs"
        self.layout_.setEnabled(not pairs)
        self.test_share.setEnabled(not pairs and not layout.startswith("."))
        suffix = ".json" if pairs else layout if layout.startswith(".") else ""
        before = Path(self.place.text()).parent if self.place.text() else None
        folder = self._session.folder or Path.home()
        self.place.setText(str(free_place((before or folder.parent) / f"{folder.name}-{what}{suffix}")))

    def _choose(self) -> None:
        place = Path(self.place.text())
        title = self.tr("Write into this folder")
        ask_for_folder(self, title, lambda folder: self.place.setText(str(folder / place.name)), place.parent)

    def _export(self) -> None:
        from workbench.project.exporting import Export, export_data  # noqa: PLC0415

        layout = self.layout_.currentData().removeprefix(".")
        wanted = Export(self.what.currentData(), Path(self.place.text()).expanduser(), layout, self.test_share.value())
        self.export.setEnabled(False)
        self.trouble.setText("")
        self._session.ask(
            self.tr("Exporting"), lambda project: export_data(project, wanted), self._done, self._failed, owner=self
        )

    def _done(self, written: "Exported") -> None:
        rows = counted(written.total, self.tr("1 row"), self.tr("{count} rows"))
        said = [self.tr("Wrote {rows} to {place}.").format(rows=rows, place=self.place.text())]
        if written.left_out:
            words = self.tr("Left out as ties, which have no chosen response: {count}.")
            said.append(words.format(count=f"{written.left_out:,}"))
        if written.without_place:
            words = self.tr("Left out, since the format has no place for their turns: {count}. Preferences have it.")
            said.append(words.format(count=f"{written.without_place:,}"))
        if written.in_audit:
            words = self.tr("Left out, since the audit they are in is not done and their labels are hidden: {count}.")
            said.append(words.format(count=f"{written.in_audit:,}"))
        self.told.emit(" ".join(said))
        self.written.emit(Path(self.place.text()).expanduser())
        self.accept()

    def _failed(self, failure: Failure) -> None:
        self.trouble.setText(failure.sentence)
        self.export.setEnabled(True)
