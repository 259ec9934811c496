"""Finding prompts and responses from the command palette, and showing what was chosen where it belongs."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.pages.found import PAGE_OF, facts_of, shown_rows
from ui.session import Session
from ui.user_settings import UserSettings
from ui.widgets.command_palette import CommandPalette
from ui.widgets.inspector import Facts

if TYPE_CHECKING:
    from workbench.project import Project
    from workbench.store.search import Found

_MOST = 30


class Finder(QObject):
    """Joins palette and store."""

    #: The key of a place, the id of what is to be shown there, and its facts.
    found = Signal(str, str, object)

    def __init__(self, session: Session, palette: CommandPalette, settings: UserSettings) -> None:
        super().__init__(palette)
        self._session, self._palette, self._settings = session, palette, settings
        self._newest = ""
        palette.asked.connect(self._find)
        palette.chose.connect(self._show)

    def _find(self, words: str) -> None:
        self._newest = words

        def find(project: "Project") -> "list[tuple[str, object]]":
            # What was typed on since need not be looked for any more.
            rows = project.store.search.find(words, limit=_MOST) if words == self._newest else []
            return shown_rows(project, rows, self._settings)

        self._session.ask(self.tr("Searching"), find, lambda rows: self._palette.show_found(words, rows))

    def _show(self, chosen: object) -> None:
        one: Found = chosen  # type: ignore[assignment]

        def show(told: tuple[Facts, str]) -> None:
            self.found.emit(PAGE_OF[one.table], told[1], told[0])

        self._session.ask(
            self.tr("Opening what was found"), lambda project: facts_of(project, one, self._settings), show
        )
