"""The start page: a new project, a project on disk, the demo, or one of those opened lately."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui.demo_project import DemoMaking, demo_folder, is_finished_demo, is_project
from ui.user_settings import UserSettings
from ui.widgets.cards import EmptyCard
from ui.widgets.texts import button, label

_FOLDER = Qt.ItemDataRole.UserRole


class StartPage(QWidget):
    """What is seen while no project is open."""

    wants_new = Signal()
    wants_open = Signal()
    #: The folder of a project to open.
    chose = Signal(str)

    def __init__(self, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._making: DemoMaking | None = None
        new, open_ = button(self.tr("New project…"), primary=True), button(self.tr("Open project…"))
        self.demo = button(self.tr("Try the demo project"))
        new.clicked.connect(self.wants_new.emit)
        open_.clicked.connect(self.wants_open.emit)
        self.demo.clicked.connect(self._try_demo)
        self.demo_card = EmptyCard(
            self.tr(
                "The demo project shows the whole method on a small model that is part of the workbench. "
                "No recorded one comes with this version, so it has to be made on this machine first."
            )
        )
        self.demo_card.hide()
        self.recent = QListWidget()
        self.recent.setAccessibleName(self.tr("Recent projects"))
        self.recent.setUniformItemSizes(True)
        self.recent.itemActivated.connect(self._choose)
        self.recent.itemClicked.connect(self._choose)
        self._recent_title = label(self.tr("Recent"), "heading")
        self._lay_out((new, open_, self.demo))
        self.refresh()

    def refresh(self) -> None:
        """Show the recent projects; one whose folder is gone says so."""
        self.recent.clear()
        for text in self._settings.now.recent:
            there = is_project(Path(text))
            name = (
                f"{Path(text).name}    {text}"
                if there
                else self.tr("{folder}    (not there any more)").format(folder=text)
            )
            item = QListWidgetItem(name)
            item.setData(_FOLDER, text)
            if not there:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self.recent.addItem(item)
        self.recent.setVisible(self.recent.count() > 0)
        self._recent_title.setVisible(self.recent.count() > 0)

    def _lay_out(self, buttons: tuple[QWidget, ...]) -> None:
        column = QVBoxLayout()
        column.setSpacing(14)
        column.addWidget(label(self.tr("Constitution Workbench"), "title"))
        says = self.tr(
            "Write down the rules you want a language model to follow, and train a model that follows them, on your own machine."
        )
        column.addWidget(label(says, wrap=True))
        row = QHBoxLayout()
        for one in buttons:
            row.addWidget(one)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.demo_card)
        column.addSpacing(10)
        column.addWidget(self._recent_title)
        column.addWidget(self.recent, 1)
        column.addStretch(0)
        middle = QWidget()
        middle.setMaximumWidth(760)
        middle.setLayout(column)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(40, 50, 40, 30)
        outer.addStretch(1)
        outer.addWidget(middle, 8)
        outer.addStretch(1)

    def _choose(self, item: QListWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            self.chose.emit(item.data(_FOLDER))

    def _try_demo(self) -> None:
        folder = demo_folder()
        if is_finished_demo(folder):
            self.chose.emit(str(folder))
            return
        begun = is_project(folder)
        says = self.tr("A begun one is at {folder}.") if begun else self.tr("It will be at {folder}.")
        says += " " + self.tr("On two cores the whole takes about eight minutes; it goes on if you close the window.")
        text = self.tr("Go on making it") if begun else self.tr("Make the demo project")
        self.demo_card.offer(says.format(folder=folder), text, self._make_demo)
        self.demo_card.show()
        self.demo_card.button.setFocus()

    def _make_demo(self) -> None:
        self._making = making = DemoMaking(demo_folder(), self)
        making.told.connect(self._show_progress)
        making.ended.connect(self._demo_ended)
        making.start()
        self.demo_card.button.setEnabled(False)

    def _show_progress(self, line: str) -> None:
        self.demo_card.offer(line or self.tr("Starting…"), self.tr("Being made…"), lambda: None)

    def _demo_ended(self) -> None:
        self.demo_card.button.setEnabled(True)
        assert self._making is not None
        folder, line = self._making.folder, self._making.last_line()
        if is_finished_demo(folder):
            open_it = self.tr("Open the demo project")
            self.demo_card.offer(self.tr("It is finished."), open_it, lambda: self.chose.emit(str(folder)))
        else:
            says = self.tr("It stopped before its end: {line} The whole output is in {log}.")
            self.demo_card.offer(
                says.format(line=line, log=self._making.log), self.tr("Go on making it"), self._make_demo
            )
