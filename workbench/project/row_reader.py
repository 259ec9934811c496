"""The process that reads a large file: `python -m workbench.project.row_reader` is asked on its input, answers on its output.

It is told what is wanted of the file, the size of a batch, the time of choices that tell none, and which splits prompts of the
project have where shares of them are drawn; the project itself it does not know.
"""

import gc
import os
import pickle
import signal
import sys
from typing import BinaryIO

from workbench.errors import WorkbenchError
from workbench.project.importing import FileImport


def main() -> None:
    """Answer."""
    # Who asked sees to its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Records refer to nothing in a circle: looking for such among tens of thousands takes a tenth of the time.
    gc.freeze()
    gc.set_threshold(50_000)
    # What a library may print must not come between the answers.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        wanted, size, now, splits = pickle.load(sys.stdin.buffer)
        try:
            for batch in FileImport(wanted).batches(size, now, splits):
                _send(batch, output)
        except WorkbenchError as error:
            _send(error, output)
        else:
            _send(None, output)


def _send(what: object, output: BinaryIO) -> None:
    pickle.dump(what, output, pickle.HIGHEST_PROTOCOL)
    output.flush()


if __name__ == "__main__":
    main()
