"""Asking for a file or a folder without stopping the window, and without opening what is looked at.

Closing any file of a project in the window's own process cancels SQLite's locks on it. Dialogs of some desktops, and the
icons that Qt's own dialog has as a rule, open files to see what they hold; these go by names alone.
"""

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileInfo, Qt
from PySide6.QtGui import QAbstractFileIconProvider, QIcon
from PySide6.QtWidgets import QFileDialog, QHeaderView, QLineEdit, QTreeView, QWidget

Then = Callable[[Path], object]


class _IconsByName(QAbstractFileIconProvider):
    """Two icons, and kinds by the ends of names."""

    def __init__(self, folder: QIcon, file: QIcon) -> None:
        super().__init__()
        self._folder, self._file = folder, file

    def icon(self, of: QFileInfo | QAbstractFileIconProvider.IconType) -> QIcon:
        """Return the icon of a file or of a kind of place."""
        is_file = of.isFile() if isinstance(of, QFileInfo) else of == QAbstractFileIconProvider.IconType.File
        return self._file if is_file else self._folder

    def type(self, of: QFileInfo) -> str:
        """Return the kind of a file."""
        return of.suffix() if of.isFile() else ""


class _FileDialog(QFileDialog):
    """Qt's own dialog, gone when it is closed."""

    def __init__(self, parent: QWidget, title: str, start: Path | str, then: Then, named: bool = True) -> None:
        super().__init__(parent, title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        # Windows has no such locks, and the dialog of macOS lives in another process.
        self.setOption(QFileDialog.Option.DontUseNativeDialog, sys.platform == "linux")
        icons = self.style()
        self._icons = _IconsByName(
            icons.standardIcon(icons.StandardPixmap.SP_DirIcon), icons.standardIcon(icons.StandardPixmap.SP_FileIcon)
        )
        self.setIconProvider(self._icons)
        self._go_to(Path(start).expanduser() if start else Path.home(), named)
        self.fileSelected.connect(lambda chosen: then(Path(chosen)))
        #: Whether a file is taken though it asks for a folder.
        self.takes_files = False
        for line in self.findChildren(QLineEdit, "fileNameEdit"):
            line.setAccessibleName(self.tr("Name or path"))
        for view in self.findChildren(QTreeView):
            view.header().setSectionResizeMode(
                QHeaderView.ResizeMode.ResizeToContents
            )  # Qt's own widths cut sizes and dates
            view.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def accept(self) -> None:
        """Take what is chosen; Qt's own dialog takes no file where it asks for a folder, without a word."""
        chosen = self.selectedFiles()
        if self.takes_files and len(chosen) == 1 and Path(chosen[0]).is_file():
            self.fileSelected.emit(chosen[0])
            self.done(QFileDialog.DialogCode.Accepted)
        else:
            super().accept()

    def _go_to(self, start: Path, named: bool) -> None:
        """Begin where start is, or as near as there is a folder; named fills in its name where it is no folder itself."""
        there = next((place for place in (start, *start.parents) if place.is_dir()), Path.home())
        self.setDirectory(str(there))
        if named and not start.is_dir():
            self.selectFile(start.name)


def ask_for_file(parent: QWidget, title: str, kinds: str, then: Then, start: Path | str = "") -> None:
    """Ask for a file that is there; kinds are Qt's name filters."""
    dialog = _FileDialog(parent, title, start, then)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(kinds)
    dialog.open()


def ask_for_folder(parent: QWidget, title: str, then: Then, start: Path | str = "") -> None:
    """Ask for a folder that is there."""
    dialog = _FileDialog(parent, title, start, then, named=False)  # a folder that is not there cannot be chosen
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, True)
    dialog.open()


def ask_for_folder_or_file(parent: QWidget, title: str, then: Then, start: Path | str = "") -> None:
    """Ask for a folder, or a file, that is there: for people who look for the one and find the other."""
    dialog = _FileDialog(parent, title, start, then)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, False)
    dialog.takes_files = True
    dialog.open()


def ask_where_to_save(parent: QWidget, title: str, kinds: str, then: Then, start: Path | str) -> None:
    """Ask for the place of a file to write; one that is there is asked about first."""
    dialog = _FileDialog(parent, title, start, then)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilter(kinds)
    dialog.setDefaultSuffix(Path(start).suffix.removeprefix("."))
    dialog.open()


def free_place(place: Path) -> Path:
    """Return a place that is not taken, with a number behind the name where it is."""
    number, free = 1, place
    while free.exists():
        number += 1
        free = place.with_name(f"{place.stem}-{number}{place.suffix}")
    return free
