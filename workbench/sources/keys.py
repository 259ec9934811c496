"""Keys of endpoints: in the system's keyring, bound to the origin they were given for, or in an environment variable."""

import os
from collections.abc import Iterable
from urllib.parse import urlsplit

from workbench.errors import MissingError
from workbench.records.endpoint import key_variable, origin_of

_SERVICE = "constitution-workbench"
#: What a process needs to reach the keyring of the person's session.
KEYRING_VARIABLES = ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "PYTHON_KEYRING_BACKEND")


def key_for(url: str) -> str | None:
    """Return the key of a URL's origin: the environment's if it is there, else the keyring's; None where there is none."""
    found = os.environ.get(key_variable(url))
    if found:
        return found
    import keyring  # noqa: PLC0415 - few commands need it
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        return keyring.get_password(_SERVICE, origin_of(url))
    except KeyringError:  # a machine without one has no keys in it
        return None


def keep_key(url: str, key: str) -> None:
    """Put the key of a URL's origin into the keyring; raises MissingError where there is none to put it into."""
    import keyring  # noqa: PLC0415
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        keyring.set_password(_SERVICE, origin_of(url), key)
    except KeyringError as error:
        raise MissingError(
            "This machine has no keyring that could be opened, so that no key was kept: leave the key field empty (in a command, "
            "--key-from-stdin out), set the environment variable {key_variable} to the key, and start the window or the command "
            "from there.",
            key_variable=key_variable(url),
        ) from error


def forget_key(url: str) -> None:
    """Take the key of a URL's origin out of the keyring."""
    import keyring  # noqa: PLC0415
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        keyring.delete_password(_SERVICE, origin_of(url))
    except KeyringError:  # none was there
        return


def passed_on(urls: Iterable[str]) -> tuple[str, ...]:
    """Return the variables a process that asks these URLs needs: their keys and what leads to the keyring, no others."""
    asked = [url for url in urls if urlsplit(url).hostname]
    return (*(key_variable(url) for url in asked), *KEYRING_VARIABLES) if asked else ()
