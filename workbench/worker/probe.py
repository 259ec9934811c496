"""Asking an endpoint what it can do, for those who do not speak to models: python -m workbench.worker.probe.

The endpoint comes in as a line of JSON on standard input, and the key to ask with on the next (null: the one that is kept);
with what was found the endpoint goes out on standard output.
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
        told, given = map(json.loads, sys.stdin.read().splitlines())
        endpoint = from_data(Endpoint, told)
        print(to_line(asyncio.run(probe(endpoint, lambda url: given or key_for(url)))))  # noqa: T201 - this is a command line
    except WorkbenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
