"""An adapter merged into its base as one model folder: python -m workbench.worker.merge ADAPTER FOLDER."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench.errors import BadInputError, WorkbenchError


def main(arguments: Sequence[str] | None = None) -> int:
    """Merge; return 0, or 1 with a sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m workbench.worker.merge", description=__doc__)
    parser.add_argument("adapter", type=Path)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args(arguments)
    try:
        _merge(chosen.adapter, chosen.folder)
    except WorkbenchError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command line
        return 1
    return 0


def _merge(adapter: Path, folder: Path) -> None:
    from workbench.models.merging import write_merged  # noqa: PLC0415
    from workbench.sources.adapters import is_adapter  # noqa: PLC0415 - torch only once the arguments are right

    if not is_adapter(adapter):
        raise BadInputError(
            "{adapter} holds no adapter, so there is nothing to merge; a whole model can be used as it is.",
            adapter=adapter,
        )
    if folder.exists():
        raise BadInputError("{folder} is there already; name a new folder.", folder=folder)
    write_merged(adapter, folder)


if __name__ == "__main__":
    sys.exit(main())
