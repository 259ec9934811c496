"""A keyring in a file, for commands in processes of their own: PYTHON_KEYRING_BACKEND names it."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class FileKeyring(KeyringBackend):
    """Keys by service and name."""

    #: Below that of the one that has no keys: whoever imports this must not be given it unasked.
    priority = -1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]

    def get_password(self, service: str, username: str) -> str | None:
        return kept().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        _write({**kept(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        keys = kept()
        if keys.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError(username)
        _write(keys)


def kept() -> dict[str, str]:
    """Return all keys there are."""
    found: dict[str, str] = json.loads(_file().read_text()) if _file().is_file() else {}
    return found


def _file() -> Path:
    return Path(os.environ["XDG_RUNTIME_DIR"]) / "keys.json"  # a variable every process of ours is given


def _write(keys: dict[str, str]) -> None:
    _file().write_text(json.dumps(keys))
