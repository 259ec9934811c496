"""Asking an endpoint what it can do from where there are no models: a process of its own asks and ends."""

import json
import subprocess
import sys

from workbench.errors import BadInputError
from workbench.records.encoding import from_data, to_line
from workbench.records.endpoint import Endpoint
from workbench.runs.launcher import environment
from workbench.sources.keys import passed_on

PROBE: tuple[str, ...] = (sys.executable, "-m", "workbench.worker.probe")


def probed(endpoint: Endpoint, key: str | None = None) -> Endpoint:
    """Return the endpoint with what it was found to be able to do; raises BadInputError with what stands in the way.

    It is asked with the given key, which nothing keeps, or else with the one that is kept for it.
    """
    asked = "\n".join((to_line(endpoint), json.dumps(key)))
    surroundings = environment(also=passed_on(endpoint.urls))
    done = subprocess.run(PROBE, env=surroundings, input=asked, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BadInputError(said[-1] if said else f"Asking {endpoint.urls[0]} failed without a word.")
    return from_data(Endpoint, json.loads(done.stdout.splitlines()[-1]))
