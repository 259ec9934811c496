"""Where projects and the demo are, and unpacking the demo from the recording that comes with the workbench."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStandardPaths

if TYPE_CHECKING:
    from workbench.project import Project


def projects_folder() -> Path:
    """Return where new projects go: a folder of the user's documents, outside any source tree."""
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(documents or Path.home()) / "Constitution Workbench"


def demo_folder() -> Path:
    """Return where the demo project is, or would be made."""
    return projects_folder() / "demo"


def shown_path(folder: Path) -> str:
    """Return a path as people read it: the home folder as ~."""
    home = Path.home()
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)


def is_project(folder: Path) -> bool:
    """Say whether a folder holds a project."""
    return (folder / "project.db").is_file()


def open_demo() -> "Project":
    """Return the demo project open, unpacked first where it is not there; to be called on the store's thread."""
    from workbench.demo.recorded import unpack  # noqa: PLC0415
    from workbench.project import Project  # noqa: PLC0415

    folder = demo_folder()
    return Project.open(folder, wait=1.0, backed_up=False) if is_project(folder) else unpack(folder)
