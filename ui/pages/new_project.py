"""The sheet for a new project: where it goes and which constitution it begins with."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from ui.demo_project import is_project, projects_folder
from ui.reading_order import SheetInOrder
from ui.widgets.file_dialogs import ask_for_file, ask_for_folder
from ui.widgets.role_choice import RoleChoice, offer_models_of_machine
from ui.widgets.texts import beside, button, counted, label, letters

if TYPE_CHECKING:
    from workbench.project import Project


class NewProjectSheet(SheetInOrder):
    """Asks for a name, a place and a constitution to begin with; accepts only what can be made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        from workbench.interchange.bundled import BLANK, bundled_heads  # noqa: PLC0415

        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("New project"))
        self.name = QLineEdit(self.tr("my-project"))
        self.place = QLineEdit(str(projects_folder()))
        self.constitution = QComboBox()
        self._heads = {head.name: head for head in bundled_heads()}
        for head in self._heads.values():
            self.constitution.addItem(head.title, head.name)
        self.constitution.addItem(self.tr("Blank"), BLANK)
        self.constitution.addItem(self.tr("From a file…"), "")
        self.constitution.setCurrentIndex(self.constitution.findData("harmlessness"))
        self.about = label(part="muted", wrap=True)
        self.about.setMinimumHeight(4 * self.fontMetrics().lineSpacing())  # the sheet keeps its height
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        usual = self.tr("the model that comes with the workbench")
        self.helper, self.judge = RoleChoice(self.tr("Helper model"), usual), RoleChoice(self.tr("Judge model"), usual)
        self.helper.setToolTip(
            self.tr("It answers, revises and is trained. Runs can name another; so can the page Models.")
        )
        self.judge.setToolTip(self.tr("It labels pairs and judges. Runs can name another; so can the page Models."))
        self._trouble = label(part="bad", wrap=True)
        #: Why no models are offered; a project can be made all the same.
        self.models_trouble = label(part="warning", wrap=True)
        self.models_trouble.hide()
        self._lay_out()
        self.setMinimumWidth(letters(self, 93))
        for line in (self.name, self.place):
            line.textChanged.connect(self._check)
        self.constitution.activated.connect(self._chose)
        offer_models_of_machine({"response": self.helper, "feedback": self.judge}, self, self._tell_of_models)
        self.name.selectAll()  # what is typed takes its place
        self._check()

    def _lay_out(self) -> None:
        choose = button(self.tr("Choose…"), self.tr("Choose the folder"))
        choose.clicked.connect(self._choose_place)
        place = QHBoxLayout()
        place.addWidget(self.place, 1)
        place.addWidget(choose)
        form = QFormLayout(self)
        form.setContentsMargins(20, 18, 20, 14)
        named = (
            (self.tr("Name"), self.name),
            (self.tr("Folder"), self.place),
            (self.tr("Begin with"), self.constitution),
        )
        for text, field in named:
            field.setAccessibleName(text)
            form.addRow(beside(text, choose if field is self.place else field), place if field is self.place else field)
        form.addRow(label(), self.about)
        for box in (self.helper, self.judge):
            form.addRow(beside(box.accessibleName(), box), box)
        form.addRow(self.models_trouble)
        form.addRow(self._trouble)
        buttons = QDialogButtonBox()
        self.make = button(self.tr("Make the project"), primary=True)
        buttons.addButton(self.make, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(button(self.tr("Cancel")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)

    def _tell_of_models(self, sentence: str) -> None:
        self.models_trouble.setText(sentence)
        self.models_trouble.show()

    @property
    def folder(self) -> Path:
        """Where the project goes."""
        return Path(self.place.text()).expanduser() / self.name.text().strip()

    def project(self) -> "Project":
        """Make the project; to be called on the store's thread."""
        from workbench.project.beginning import begin  # noqa: PLC0415

        return begin(self._folder, self._chosen, *self._models)

    def accept(self) -> None:
        """Keep what was asked for, since the fields belong to the window's thread."""
        self._folder, self._chosen = self.folder, str(self.constitution.currentData())
        self._models = self.helper.text(), self.judge.text()
        super().accept()

    def _chose(self) -> None:
        if not self.constitution.currentData():
            self.constitution.setCurrentIndex(self.constitution.findData(self._last))
            title, kinds = self.tr("A constitution to begin with"), self.tr("Constitutions (*.yaml *.yml)")
            ask_for_file(self, title, kinds, self.take_file, self.place.text())
        self._check()

    def take_file(self, file: Path) -> None:
        """Begin with a constitution in a file."""
        place = self.constitution.findData(str(file))
        if place < 0:
            place = self.constitution.count() - 1
            self.constitution.insertItem(place, file.name, str(file))
        self.constitution.setCurrentIndex(place)
        self._check()

    def _say_what_it_is(self) -> None:
        self._last = str(self.constitution.currentData())
        head = self._heads.get(self._last)
        if head is None:
            blank = self.tr("One principle without words, to write your own. For a model of your own.")
            self.about.setText(self._last if Path(self._last).is_file() else blank)
            return
        principles = counted(head.principles, self.tr("1 principle."), self.tr("{count} principles."))
        known = self.tr("The model that comes with the workbench knows this world, and no other.")
        other = self.tr("For a model of your own: the one that comes with the workbench knows the demo world alone.")
        self.about.setText(f"{head.description} {principles} {known if head.name == 'demo' else other}")

    def _choose_place(self) -> None:
        title = self.tr("Folder for projects")
        ask_for_folder(self, title, lambda folder: self.place.setText(str(folder)), self.place.text())

    def _check(self) -> None:
        self._say_what_it_is()
        name = self.name.text().strip()
        trouble = ""
        if not name or "/" in name or name.startswith("."):
            trouble = self.tr("Give the project a name; it becomes a folder, so no “/” and no dot in front.")
        elif not Path(self.place.text().strip()).expanduser().is_absolute():
            trouble = self.tr("Give the folder in which the project is to lie, from the root or from ~.")
        elif is_project(self.folder):
            trouble = self.tr("There is a project of that name already.")
        self._trouble.setText(trouble)
        self.make.setEnabled(not trouble)
