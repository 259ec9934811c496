"""Pack a finished demo project into the recording that comes with the workbench: python packaging/record_demo.py PROJECT."""

import sys
from pathlib import Path

from workbench.demo.recorded import record, recording
from workbench.errors import WorkbenchError


def main() -> int:
    """Record, and say what it weighs."""
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    try:
        size = record(Path(sys.argv[1]), recording())
    except WorkbenchError as error:
        print(error)
        return 1
    print(f"{recording()}: {size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
