"""What happened while nobody had the project open: runs that went on, ended, died, or were brought from elsewhere."""

import shutil
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project.collection import Collected, adopt, collect
from workbench.runs.device import device_of
from workbench.runs.folder import RunFolder
from workbench.runs.queue import Queue
from workbench.sentences import said
from workbench.store.database import Store

#: What a run's folder is called while it is made, by whoever owns the project: by itself, and of an import with its files.
BESIDE = (".*.new", ".*.import", ".*.import.inputs", ".*.import.results")


def recover(store: Store, runs: Path) -> list[Collected]:
    """Take over what runs have appended and how they stand; one that cannot be read is told and keeps nobody from working."""
    for path in sorted(runs.glob("[!.]*/plan.json")):
        try:
            adopt(store, RunFolder(path.parent))
        except WorkbenchError as error:
            _tell(store, said("The run folder {parent} was passed by: {error}", parent=path.parent, error=error))
    done = []
    for run in store.runs.unfinished():
        try:
            done.append(collect(store, RunFolder.open(Path(run.folder))))
        except WorkbenchError as error:
            _tell(store, said("Run {run} was passed by: {error}", run=run.id, error=error))
    return [collected for collected in done if collected.count]


def sweep(runs: Path) -> None:
    """Take away what an owner that was killed was making beside its place: nobody was told of it, and no other makes any."""
    for path in (place for pattern in BESIDE for place in runs.glob(pattern)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def wake_queues(store: Store) -> None:
    """See to it that queued runs come up even where the runner that walked their queue was killed."""
    plans = [run.plan for run in store.runs.queued() if run.plan is not None]
    for device in {device_of(plan) for plan in plans}:
        Queue(device).wake()


def _tell(store: Store, sentence: str) -> None:
    if sentence not in store.damage:
        store.damage.append(sentence)
