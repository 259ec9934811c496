"""The sheet for a new project: where it goes and which constitution it begins with."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from ui.demo_project import is_project, projects_folder
from ui.widgets.file_dialogs import ask_for_folder
from ui.widgets.texts import button, label

if TYPE_CHECKING:
    from workbench.project import Project


class NewProjectSheet(QDialog):
    """Asks for a name, a place and a constitution to begin with; accepts only what can be made."""

    def __init__(self, parent: QWidget | None = None) -> None:
        from workbench.interchange.bundled import bundled_names  # noqa: PLC0415

        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("New project"))
        self.name = QLineEdit(self.tr("my-project"))
        self.place = QLineEdit(str(projects_folder()))
        self.constitution = QComboBox()
        self.constitution.addItems(bundled_names())
        self.constitution.setCurrentText("harmlessness")
        self._trouble = label(part="bad", wrap=True)
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
            form.addRow(label(text), place if field is self.place else field)
        form.addRow(self._trouble)
        buttons = QDialogButtonBox()
        self.make = button(self.tr("Make the project"), primary=True)
        buttons.addButton(self.make, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(button(self.tr("Cancel")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        form.addRow(buttons)
        self.setMinimumWidth(560)
        for line in (self.name, self.place):
            line.textChanged.connect(self._check)
        self.name.selectAll()  # what is typed takes its place
        self._check()

    @property
    def folder(self) -> Path:
        """Where the project goes."""
        return Path(self.place.text()).expanduser() / self.name.text().strip()

    def project(self) -> "Project":
        """Make the project; to be called on the store's thread."""
        from workbench.interchange.bundled import load_constitution  # noqa: PLC0415
        from workbench.project import Project  # noqa: PLC0415

        constitution, text = load_constitution(self._chosen)
        return Project.create(self._folder, constitution, text)

    def accept(self) -> None:
        """Keep what was asked for, since the fields belong to the window's thread."""
        self._folder, self._chosen = self.folder, self.constitution.currentText()
        super().accept()

    def _choose_place(self) -> None:
        title = self.tr("Folder for projects")
        ask_for_folder(self, title, lambda folder: self.place.setText(str(folder)), self.place.text())

    def _check(self) -> None:
        name = self.name.text().strip()
        trouble = ""
        if not name or "/" in name or name.startswith("."):
            trouble = self.tr("Give the project a name; it becomes a folder, so no “/” and no dot in front.")
        elif is_project(self.folder):
            trouble = self.tr("There is a project of that name already.")
        self._trouble.setText(trouble)
        self.make.setEnabled(not trouble)
