"""Telling a person something on the desktop while another window is in front, without waiting for the desktop.

Notify wants a 32-bit unsigned number, and PySide makes an int of every number: a desktop refuses a call through QtDBus. jeepney
writes the types it is told, and comes with keyring.
"""

import html
import os
import shutil
import subprocess
import threading
from collections.abc import Mapping

#: What Linux calls the service, its interface and, with slashes, its object.
_SERVICE = "org.freedesktop.Notifications"
#: What macOS runs, with the title and the text as its arguments.
_SAY = "on run words\ndisplay notification (item 2 of words) with title (item 1 of words)\nend run"
#: Seconds in which a desktop answers, or is taken for one that does not.
_PATIENCE = 5.0


def notify_desktop(title: str, text: str) -> threading.Thread:
    """Show a notification of the desktop, on a thread of its own that touches nothing of Qt; no window need wait for it."""
    thread = threading.Thread(target=shown_by, args=(title, text), name="notice", daemon=True)
    thread.start()
    return thread


def shown_by(title: str, text: str) -> str:
    """Show it and return by what: the bus, else the first program that is there and does it, else nothing."""
    title, text = title.replace("\0", ""), text.replace("\0", "")
    if _by_bus(title, text):
        return "bus"
    return next((name for name, words in _programs(title, text).items() if _runs(name, words)), "")


def _by_bus(title: str, text: str) -> bool:
    """Ask the notification service of a Linux desktop, and say whether it has taken it."""
    if "DBUS_SESSION_BUS_ADDRESS" not in os.environ:
        return False
    try:
        from jeepney import DBusAddress, DBusErrorResponse, new_method_call  # noqa: PLC0415
        from jeepney.io.blocking import open_dbus_connection  # noqa: PLC0415
        from jeepney.wrappers import unwrap_msg  # noqa: PLC0415
    except ImportError:  # elsewhere than on Linux, where a bus may run all the same
        return False

    service = DBusAddress(f"/{_SERVICE.replace('.', '/')}", _SERVICE, _SERVICE)
    try:
        with open_dbus_connection("SESSION") as bus:
            able = new_method_call(service, "GetCapabilities")
            (abilities,) = unwrap_msg(bus.send_and_get_reply(able, timeout=_PATIENCE))
            # A reason may quote a text, which is no markup: where a desktop reads markup, its signs are spelled out.
            body = html.escape(text, quote=False) if "body-markup" in abilities else text
            name, hints = "constitution-workbench", {"desktop-entry": ("s", "constitution-workbench")}
            words: tuple[object, ...] = ("Constitution Workbench", 0, name, title, body, [], hints, -1)
            show = new_method_call(service, "Notify", "susssasa{sv}i", words)
            unwrap_msg(bus.send_and_get_reply(show, timeout=_PATIENCE))
    except (OSError, ValueError, RuntimeError, DBusErrorResponse):
        return False  # no bus, no service, or none that answers as it should
    return True


def _programs(title: str, text: str) -> Mapping[str, list[str]]:
    # Notifications of Linux may read markup; macOS is given the words apart from its script.
    return {
        "notify-send": ["--app-name", "Constitution Workbench", "--", title, html.escape(text, quote=False)],
        "osascript": ["-e", _SAY, title, text],
    }


def _runs(name: str, words: list[str]) -> bool:
    program = shutil.which(name)
    if program is None:
        return False
    try:
        ended = subprocess.run(
            [program, *words], timeout=_PATIENCE, capture_output=True, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0
