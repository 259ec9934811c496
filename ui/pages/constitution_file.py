"""The constitution as a file: taken into the draft, or written out as draft or committed version."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from ui.draft_keeper import DraftKeeper
from ui.session import Session
from ui.widgets.file_dialogs import ask_for_file, ask_where_to_save
from ui.widgets.texts import button, counted

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.project.draft_state import DraftState


class ConstitutionFile(QObject):
    """A button with a menu, and what its entries do."""

    told = Signal(str)

    def __init__(self, session: Session, keeper: DraftKeeper, page: QWidget) -> None:
        super().__init__(page)
        self._session, self._keeper, self._page = session, keeper, page
        self.button: QPushButton = button(self.tr("File"), self.tr("Import or export a constitution"))
        menu = QMenu(self.button)
        menu.addAction(self.tr("Import into the draft…"), self._import)
        menu.addAction(self.tr("Export the draft…"), partial(self._export, False))
        menu.addAction(self.tr("Export the committed version…"), partial(self._export, True))
        self.button.setMenu(menu)

    def bring_in(self, place: str) -> None:
        """Take a file's constitution into the draft; it can be undone."""
        self._keeper.flush()
        name = self.tr("import of {file}").format(file=Path(place).name)
        self._session.ask(
            self.tr("Importing {file}").format(file=Path(place).name),
            lambda project: _imported(project, place),
            lambda text: self._keeper.change(name, lambda _: text, self._have_imported),
        )

    def write_out(self, place: str, committed: bool) -> None:
        """Write the draft, or the committed version, to a file."""
        self._keeper.flush()
        self._session.ask(
            self.tr("Exporting to {file}").format(file=Path(place).name),
            lambda project: _exported(project, place, committed),
            lambda _: self.told.emit(self.tr("Written to {file}.").format(file=place)),
        )

    def _import(self) -> None:
        title = self.tr("Import a constitution into the draft")
        kinds = self.tr("Constitutions (*.yaml *.yml *.json);;All (*)")
        ask_for_file(self._page, title, kinds, lambda place: self.bring_in(str(place)))

    def _have_imported(self, state: "DraftState") -> None:
        count = len(state.constitution.principles) if state.constitution else 0
        one, many = self.tr("The draft has 1 principle now"), self.tr("The draft has {count} principles now")
        self.told.emit(self.tr("{words}; Ctrl+Z takes that back.").format(words=counted(count, one, many)))

    def _export(self, committed: bool) -> None:
        title, kinds = self.tr("Export the constitution"), self.tr("YAML (*.yaml)")
        start = Path.home() / "constitution.yaml"
        ask_where_to_save(self._page, title, kinds, lambda place: self.write_out(str(place), committed), start)


def _imported(project: "Project", place: str) -> str:
    from workbench.project.draft_state import imported_draft  # noqa: PLC0415

    return imported_draft(project, place)


def _exported(project: "Project", place: str, committed: bool) -> None:
    from workbench.project.draft_state import export_constitution  # noqa: PLC0415

    export_constitution(project, Path(place), committed)
