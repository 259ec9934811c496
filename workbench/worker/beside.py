"""One of several processes that train together, and not the one that writes: it reads the run's folder and says nothing."""

import sys
from collections.abc import Mapping
from typing import Any

from workbench.errors import WorkbenchError
from workbench.runs.events import Event
from workbench.runs.folder import RunFolder
from workbench.worker.stages import stage_function
from workbench.worker.work import Work


class SilentWork(Work):
    """A sitting that saves and tells nothing; whether to stop is for the leading process to know."""

    writes = False

    def emit(self, *records: Any) -> None:
        """Save nothing: the leading process does."""

    def tell(self, event: Event) -> None:
        """Say nothing."""

    def progress(self, done: int, total: int) -> None:
        """Say nothing."""

    def should_stop(self) -> str | None:
        """Leave it to the leading process, which all agree with."""
        return None


def work_beside(folder: RunFolder, stages: Mapping[str, str], models: Mapping[str, str]) -> int:
    """Take part in the work at a run folder; return 0 unless it failed."""
    try:
        stage_function(folder.plan.stage, stages)(SilentWork(folder, models=models))
    except WorkbenchError as error:
        print(error, file=sys.stderr)  # noqa: T201 - goes to the run's log
        return 1
    return 0
