"""The worker's command line: python -m workbench.worker RUNDIR […]; several folders are worked in turn."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from workbench.errors import WorkbenchError
from workbench.records.run import RunState
from workbench.runs.folder import RunFolder
from workbench.worker.beside import work_beside
from workbench.worker.settling import settle_in
from workbench.worker.sitting import work_folder
from workbench.worker.stages import STAGES


def main(arguments: Sequence[str] | None = None, stages: Mapping[str, str] = STAGES) -> int:
    """Work run folders; return 0 unless one failed or could not be worked."""
    parser = argparse.ArgumentParser(prog="python -m workbench.worker", description=__doc__)
    parser.add_argument("rundir", nargs="+", type=Path, help="the folder of a run")
    parser.add_argument("--beside", action="store_true", help="work even where another worker has the device")
    parser.add_argument("--model", action="append", default=[], help="ROLE=FOLDER: where a model lies on this machine")
    chosen = parser.parse_args(arguments)
    settle_in()
    models = dict(told.partition("=")[::2] for told in chosen.model)
    if int(os.environ.get("RANK", "0")):  # one of several processes that train together, and not the one that writes
        return max(work_beside(RunFolder.open(path), stages, models) for path in chosen.rundir)
    asked = _ask_by_signal()
    code = 0
    for path in chosen.rundir:
        try:
            folder = RunFolder.open(path)
            state = work_folder(folder, stages, asked, chosen.beside, models)
            code = max(code, 1 if state is RunState.FAILED else 0)
            print(_ending(folder), file=sys.stderr)  # noqa: T201
        except WorkbenchError as error:
            print(error, file=sys.stderr)  # noqa: T201 - this is a command line
            code = 1
    return code


def _ending(folder: RunFolder) -> str:
    """Say how a run stands, for whoever works it by hand."""
    status = folder.status()
    return f"{folder.id}: {status.state}, {status.done} of {status.total}" + (
        f" ({status.reason})" if status.reason else ""
    )


def _ask_by_signal() -> Callable[[], str | None]:
    """Take SIGTERM and the first Ctrl-C as a request to pause; the second Ctrl-C breaks off at once."""
    asked: list[str] = []

    def note(number: int, frame: FrameType | None) -> None:
        if asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        asked.append("pause")

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return lambda: asked[0] if asked else None


if __name__ == "__main__":
    sys.exit(main())
