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
        self._draft: DraftState | None = None
        keeper.changed.connect(self._know)
        #: Where the last file lay; the next is looked for, or written, there.
        self._folder = Path.home()
        self.button: QPushButton = button(self.tr("File"), self.tr("Import or export a constitution"))
        menu = QMenu(self.button)
        menu.addAction(self.tr("Import into the draft…"), self._import)
        menu.addAction(self.tr("Export the draft…"), partial(self._export, False))
        menu.addAction(self.tr("Export the committed version…"), partial(self._export, True))
        self.button.setMenu(menu)

    def bring_in(self, place: str) -> None:
        """Take a file's constitution into the draft; it can be undone."""
        self._keeper.flush()
        file = Path(place).name
        name = self.tr("import of {file}").format(file=file)

        def take(text: str) -> None:
            self._keeper.change(name, lambda _: text, partial(self._have_imported, file, self._draft))

        doing = self.tr("Importing {file}").format(file=file)
        self._session.ask(doing, lambda project: _imported(project, place), take)

    def write_out(self, place: str, committed: bool) -> None:
        """Write the draft, or the committed version, to a file."""
        self._keeper.flush()
        self._session.ask(
            self.tr("Exporting to {file}").format(file=Path(place).name),
            lambda project: _exported(project, place, committed),
            lambda _: self.told.emit(self.tr("Written to {file}.").format(file=place)),
        )

    def _know(self, state: "DraftState") -> None:
        self._draft = state

    def _import(self) -> None:
        title = self.tr("Import a constitution into the draft")
        kinds = self.tr("Constitutions (*.yaml *.yml *.json *.py);;All (*)")

        def chosen(place: Path) -> None:
            self._folder = place.parent
            self.bring_in(str(place))

        ask_for_file(self._page, title, kinds, chosen, self._folder)

    def _have_imported(self, file: str, before: "DraftState | None", now: "DraftState") -> None:
        if before is not None and before.text == now.text:
            self.told.emit(self.tr("The draft says what {file} says already; nothing was changed.").format(file=file))
            return
        principles = len(now.constitution.principles) if now.constitution else 0
        said = self.tr("Imported {file} into the draft: {changes}, {principles} now.").format(
            file=file,
            changes=self._differences(before, now),
            principles=counted(principles, self.tr("1 principle"), self.tr("{count} principles")),
        )
        lost = len(before.changes) if before else 0
        one = self.tr("Ctrl+Z brings back the draft before, whose 1 edit is in no version.")
        many = self.tr("Ctrl+Z brings back the draft before, whose {count} edits are in no version.")
        self.told.emit(f"{said} {counted(lost, one, many) if lost else self.tr('Ctrl+Z takes that back.')}")

    def _differences(self, before: "DraftState | None", now: "DraftState") -> str:
        from workbench.interchange.diff import compare  # noqa: PLC0415

        if before is None or before.constitution is None or now.constitution is None:
            return self.tr("all of it new")
        changes = len(compare(before.constitution, now.constitution))
        words = counted(changes, self.tr("1 change"), self.tr("{count} changes"))
        return words if changes else self.tr("other remarks or layout alone")

    def _export(self, committed: bool) -> None:
        title = self.tr("Export the committed version") if committed else self.tr("Export the draft")
        constitution = self._draft.constitution if self._draft else None
        start = self._folder / f"{constitution.name if constitution else 'constitution'}.yaml"

        def chosen(place: Path) -> None:
            self._folder = place.parent
            self.write_out(str(place), committed)

        ask_where_to_save(self._page, title, self.tr("YAML (*.yaml)"), chosen, start)


def _imported(project: "Project", place: str) -> str:
    from workbench.project.draft_state import imported_draft  # noqa: PLC0415

    return imported_draft(project, place)


def _exported(project: "Project", place: str, committed: bool) -> None:
    from workbench.project.draft_state import export_constitution  # noqa: PLC0415

    export_constitution(project, Path(place), committed)
