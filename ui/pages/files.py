"""Files of the open project, in and out, by their sheets."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ui.session import Session

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


class Files(QObject):
    """Opens the sheets over a window and tells what came of them."""

    #: What to say when files came in or went out.
    told = Signal(str)

    def __init__(self, session: Session, window: "QWidget") -> None:
        super().__init__(window)
        self._session, self._window = session, window
        #: Where the last file lay; others are looked for there.
        self._last: Path | str = ""

    def choose(self) -> None:
        """Ask for a file, and look at it to import it."""
        from ui.pages.import_sheet import choose_file  # noqa: PLC0415

        choose_file(self._window, self.bring_in, self._last)

    def choose_folder(self) -> None:
        """Ask for a folder, and look at it to import it."""
        from ui.pages.import_sheet import choose_folder  # noqa: PLC0415

        choose_folder(self._window, self.bring_in, self._last)

    def bring_in(self, file: Path) -> None:
        """Look at a file to import it."""
        self._last = file.parent
        from ui.pages.import_sheet import open_sheet  # noqa: PLC0415

        open_sheet(self._session, file, self._window, self.told.emit)

    def send_out(self) -> None:
        """Ask what is to be written where."""
        from ui.pages.export_sheet import ExportSheet  # noqa: PLC0415

        sheet = ExportSheet(self._session, self._window)
        sheet.told.connect(self.told)
        sheet.open()
