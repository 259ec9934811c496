"""Going back to a backup of the project without losing what has been decided and made since."""

from dataclasses import dataclass
from pathlib import Path

from workbench.project.project import Project
from workbench.store.database import Store


@dataclass(frozen=True)
class Restored:
    """Where the replaced database is kept, what was taken over from journal and run folders, and what could not be."""

    kept: str
    notes: tuple[str, ...]
    damage: tuple[str, ...]


def restore(folder: Path, backup: str, wait: float = 10.0) -> Restored:
    """Put a backup back, then take over what run folders and the journal of decisions have since."""
    folder = folder.resolve()
    kept = Store.restore(folder, backup, wait)
    # A decision may be about what a run made after the backup: runs are taken in first, and the journal read again.
    with Project.open(folder, wait) as project:
        notes = list(project.store.notes)
    with Project.open(folder, wait) as project:
        notes += project.store.notes
        return Restored(str(kept), tuple(notes), tuple(project.store.damage))
