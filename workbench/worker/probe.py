"""Asking an endpoint what it can do, for those who do not speak to models: python -m workbench.worker.probe.

The endpoint comes in as JSON on standard input and goes out, with what was found, on standard output.
"""

import asyncio
import json
import sys

from workbench.errors import WorkbenchError
from workbench.models.endpoints.probe import probe
from workbench.records.encoding import from_data, to_line
from workbench.records.endpoint import Endpoint
from workbench.sources.keys import key_for


def main() -> int:
    """Probe; return 0, or 1 with a sentence on stderr."""
    try:
        endpoint = from_data(Endpoint, json.load(sys.stdin))
        print(to_line(asyncio.run(probe(endpoint, key_for))))  # noqa: T201 - this is a command line
    except WorkbenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
