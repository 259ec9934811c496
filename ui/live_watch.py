"""Watching one chain being written, on the store's thread: the run is told which, and its text is read as it grows."""

from typing import TYPE_CHECKING

from workbench.runs.watching import LiveReader, watch

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.project import Project
    from workbench.runs.watching import Live


class LiveWatch:
    """Knows which run is watched; touches nothing of Qt."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._reader: LiveReader | None = None

    def point_at(self, project: "Project", run_id: str, walk: str) -> None:
        """Watch a walk of a run; an empty run ends the watching."""
        folder = project.run_folder(run_id).path if run_id else None
        if self._folder is not None and self._folder != folder:
            watch(self._folder, None)
        if folder is not None:
            watch(folder, walk)
        self._folder, self._reader = folder, LiveReader(folder) if folder is not None else None

    def look(self) -> "Live | None":
        """Return the newest text, if there is one that was not returned before."""
        return self._reader.poll() if self._reader is not None else None
