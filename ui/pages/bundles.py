"""A project carried to another machine as one file, from the window: written, opened there, its runs done again."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ui.command_process import CommandProcess
from ui.session import Session
from ui.widgets.file_dialogs import ask_for_file, ask_where_to_save, free_place


class Bundles(QObject):
    """Each is a command in a process of its own; the window makes the runs that are done again, as any command's."""

    #: A sentence on what came of it, or on what stands in the way.
    told = Signal(str)
    #: A project that was made from a bundle.
    made = Signal(object)

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self.commands = CommandProcess(self)

    def write(self) -> None:
        """Ask where the bundle goes, and write it."""
        folder = self._session.folder
        if folder is not None:
            start = folder.parent / f"{folder.name}.zip"
            ask_where_to_save(
                self._window, self.tr("Write the project as one file"), self._kinds(), self.write_to, start
            )

    def write_to(self, file: Path) -> None:
        """Write data, constitutions and plans of the open project as one file."""
        self._run(["bundle", "-o", str(file), "--", str(self._session.folder)], self.tr("Writing {file} …"), file.name)

    def open(self) -> None:
        """Ask for a bundle, and make a project from it."""
        ask_for_file(self._window, self.tr("Make a project from a bundle"), self._kinds(), self.open_file, Path.home())

    def open_file(self, file: Path) -> None:
        """Make a project from a bundle, beside it and under its name, and open it."""
        folder = free_place(file.with_suffix(""))
        self.told.emit(self.tr("Opening {file} …").format(file=file.name))
        self.commands.run(
            ["unbundle", "--", str(file), str(folder)],
            lambda good, said: self.made.emit(folder) if good else self.told.emit(said),
        )

    def replay(self) -> None:
        """Do the runs of the open project's bundle again, one after the other."""
        self._run(["replay", "--", str(self._session.folder)], self.tr("Doing the runs of {file} again …"),
                  self._session.folder.name if self._session.folder else "")  # fmt: skip

    def _run(self, words: list[str], doing: str, name: str) -> None:
        if self._session.folder is None:
            return
        self.told.emit(doing.format(file=name))
        self.commands.run(words, lambda _, said: self.told.emit(said.splitlines()[-1] if said else ""))

    def _kinds(self) -> str:
        return self.tr("Bundles (*.zip);;All files (*)")
