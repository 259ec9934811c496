"""How a process that works in the background settles in."""

import faulthandler
import os
import signal
import sys

from workbench.runs.launcher import environment

#: By nine to one a person's programs go first, the window among them; where nothing else wants the cores it costs nothing.
_NICENESS = 10


def settle_in(niceness: int = _NICENESS) -> None:
    """Give way to whatever the person does, stay offline, and be able to say where it hangs (SIGUSR1)."""
    for name, text in environment({}).items():
        os.environ.setdefault(name, text)
    if hasattr(os, "nice"):
        os.nice(max(0, niceness - os.nice(0)))
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, file=sys.stderr)
