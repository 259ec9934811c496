"""The start page: the demo, a new project, a project on disk, or one of those opened lately; and what this machine has."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui.demo_project import demo_folder, is_project, projects_folder, shown_path
from ui.places import places
from ui.tips import plain_tip
from ui.user_settings import UserSettings
from ui.widgets.list_rows import told_below
from ui.widgets.texts import button, label, set_part

_FOLDER = Qt.ItemDataRole.UserRole
_FACTS_IN_A_ROW = 3
#: Pixels between what is in the list and its edges.
_AROUND = 2
#: So many letters the page is wide at most.
_LETTERS = 140
_GONE = Qt.ItemDataRole.UserRole + 1


class StartPage(QWidget):
    """What is seen while no project is open."""

    wants_new = Signal()
    wants_open = Signal()
    wants_demo = Signal()
    #: The folder of a project to open.
    chose = Signal(str)
    #: The folder of a project that is not where it was.
    missed = Signal(str)

    def __init__(self, settings: UserSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.demo = button(self.tr("Try the demo project"), primary=True)
        self.new, self.open = button(self.tr("New project…")), button(self.tr("Open project…"))
        self.demo.clicked.connect(self.wants_demo.emit)
        self.new.clicked.connect(self.wants_new.emit)
        self.open.clicked.connect(self.wants_open.emit)
        self.state = label(part="muted", wrap=True)
        self.recent = QListWidget()
        self.recent.setAccessibleName(self.tr("Recent projects"))
        self.recent.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.recent.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # of a path both ends say more than its middle
        told_below(self.recent)
        self.recent.itemActivated.connect(self._choose)
        self.recent.itemClicked.connect(self._choose)
        self.recent.installEventFilter(self)
        self._recent_title = label(self.tr("Recent"), "heading")
        self._facts = [label(part="muted") for _ in range(2 * _FACTS_IN_A_ROW)]
        self._method = self._steps()
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        """Show the recent projects; one whose folder is gone says so."""
        self._allow(True)
        self.state.setText(self._demo_words())
        self.recent.clear()
        for text in self._settings.now.recent:
            self.recent.addItem(self._item(text))
        self.recent.setCurrentRow(0)
        rows = sum(self.recent.sizeHintForRow(row) for row in range(self.recent.count()))
        self.recent.setMaximumHeight(rows + 2 * self.recent.frameWidth() + _AROUND)  # no empty box below the last
        self.recent.setVisible(self.recent.count() > 0)
        self._method.setVisible(self.recent.count() == 0)
        self._recent_title.setVisible(self.recent.count() > 0)

    def show_opening(self, project: str) -> None:
        """Say which project is being opened."""
        self._allow(False)
        self.state.setText(self.tr("Opening {project}…").format(project=project))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Have keys go to the recent projects, and tell what this machine has once the page is painted."""
        super().showEvent(event)
        self._take_focus()
        QTimer.singleShot(50, self._show_machine)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Let Delete take a project off the list."""
        is_delete = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Delete
        item = self.recent.currentItem()
        if watched is self.recent and event.type() == QEvent.Type.KeyPress and is_delete and item is not None:
            self._settings.forget(item.data(_FOLDER))
            self.refresh()
            return True
        return super().eventFilter(watched, event)

    def _allow(self, choosing: bool) -> None:
        """Let something be opened, or not while a project is: a key pressed twice would open a sheet over it."""
        for one in (self.demo, self.new, self.open, self.recent):
            one.setEnabled(choosing)
        if choosing and self.isVisible():
            self._take_focus()

    def _take_focus(self) -> None:
        (self.recent if self.recent.count() else self.demo).setFocus()

    def _demo_words(self) -> str:
        if is_project(demo_folder()):
            return self.tr("The demo project is at {folder}.").format(folder=shown_path(demo_folder()))
        says = self.tr(
            "The demo is a whole run of the method, recorded from a small model that is part of the workbench; it opens in "
            "seconds, needs no network, and will be at {folder}."
        )
        return says.format(folder=shown_path(demo_folder()))

    def _item(self, folder: str) -> QListWidgetItem:
        gone = not is_project(Path(folder))
        facts = self._settings.now.facts.get(folder, "")
        second = self.tr("not there any more; choose it to say where it is now, or press Delete") if gone else facts
        item = QListWidgetItem(
            "\n".join(part for part in (f"{Path(folder).name}   —   {shown_path(Path(folder))}", second) if part)
        )
        item.setToolTip(plain_tip(folder))
        item.setData(_FOLDER, folder)
        item.setData(_GONE, gone)
        return item

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setSpacing(14)
        column.addWidget(label(self.tr("Constitution Workbench"), "title"))
        says = self.tr(
            "Write down the rules you want a language model to follow, and train a model that follows them, on your own machine."
        )
        column.addWidget(label(says, wrap=True))
        row = QHBoxLayout()
        for one in (self.demo, self.new, self.open):
            row.addWidget(one)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.state)
        column.addSpacing(10)
        column.addWidget(self._recent_title)
        column.addWidget(self.recent, 1)
        column.addWidget(self._method)
        column.addStretch(0)
        column.addWidget(self._card())
        middle = QWidget()
        middle.setMaximumWidth(_LETTERS * middle.fontMetrics().averageCharWidth())
        middle.setLayout(column)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(40, 40, 40, 30)
        outer.addStretch(1)
        outer.addWidget(middle, 8)
        outer.addStretch(1)

    def _card(self) -> QFrame:
        card = QFrame()
        set_part(card, "card")
        grid = QGridLayout(card)
        grid.setContentsMargins(16, 12, 16, 12)
        grid.setHorizontalSpacing(24)
        grid.addWidget(label(self.tr("This machine"), "heading"), 0, 0, 1, _FACTS_IN_A_ROW)
        for place, fact in enumerate(self._facts):
            grid.addWidget(fact, 1 + place // _FACTS_IN_A_ROW, place % _FACTS_IN_A_ROW)
        return card

    def _steps(self) -> QWidget:
        """Return what is done here, step by step, for whoever comes for the first time."""
        made = QWidget()
        grid = QGridLayout(made)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        grid.addWidget(label(self.tr("The method, step by step"), "heading"), 0, 0, 1, 2)
        steps = [place for place in places() if place.stages or place.key == "constitution"]
        for number, place in enumerate(steps, start=1):
            title = label(f"{number}  {place.title}")
            title.setAlignment(Qt.AlignmentFlag.AlignTop)
            grid.addWidget(title, number, 0)
            grid.addWidget(label(place.purpose, "muted", wrap=True), number, 1)
        return made

    def _show_machine(self) -> None:
        from ui.this_machine import machine_facts  # noqa: PLC0415

        if self.isVisible():
            facts = machine_facts(projects_folder())
            for place, fact in enumerate(self._facts):
                fact.setText(
                    "   ".join(facts[place:]) if fact is self._facts[-1] else "".join(facts[place : place + 1])
                )

    def _choose(self, item: QListWidgetItem) -> None:
        (self.missed if item.data(_GONE) else self.chose).emit(item.data(_FOLDER))
