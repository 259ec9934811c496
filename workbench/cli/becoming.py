"""Going on as another program."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn


def become(command: Sequence[str], environment: Mapping[str, str] | None = None) -> NoReturn:
    """Go on as another program in the place of this one: signals, the terminal and the exit status are its own from here on.

    Windows has no such thing: there the program runs below this one, which waits and ends with its status.
    """
    given = dict(os.environ if environment is None else environment)
    if os.name == "nt":
        sys.exit(subprocess.call(command, env=given))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.execvpe(command[0], list(command), given)
