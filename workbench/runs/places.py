"""Where this person's machine keeps what belongs to no project: the queue, locks, measurements."""

from pathlib import Path

import platformdirs


def state_directory() -> Path:
    """Return the folder of the user's state (on Linux under XDG_STATE_HOME), made if need be."""
    return platformdirs.user_state_path("constitution-workbench", appauthor=False, ensure_exists=True)
