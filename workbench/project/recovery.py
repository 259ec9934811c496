"""What happened while nobody had the project open: runs that went on, ended, died, or were brought from elsewhere."""

from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.project.collection import Collected, adopt, collect
from workbench.runs.device import device_of
from workbench.runs.folder import RunFolder
from workbench.runs.queue import Queue
from workbench.store.database import Store


def recover(store: Store, runs: Path) -> list[Collected]:
    """Take over what runs have appended and how they stand; one that cannot be read is told and keeps nobody from working."""
    for path in sorted(runs.glob("[!.]*/plan.json")):
        try:
            adopt(store, RunFolder(path.parent))
        except WorkbenchError as error:
            _tell(store, f"The run folder {path.parent} was passed by: {error}")
    done = []
    for run in store.runs.unfinished():
        try:
            done.append(collect(store, RunFolder.open(Path(run.folder))))
        except WorkbenchError as error:
            _tell(store, f"Run {run.id} was passed by: {error}")
    return [collected for collected in done if collected.count]


def wake_queues(store: Store) -> None:
    """See to it that queued runs come up even where the runner that walked their queue was killed."""
    plans = [run.plan for run in store.runs.queued() if run.plan is not None]
    for device in {device_of(plan) for plan in plans}:
        Queue(device).wake()


def _tell(store: Store, sentence: str) -> None:
    if sentence not in store.damage:
        store.damage.append(sentence)
