"""A screen of its own with a window manager, and somebody at its keyboard and mouse; all of it through X."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PROGRAMS = ("Xvfb", "openbox", "xdotool")
#: What is waited for is work of real processes, on a machine that may have other things to do.
PATIENCE = 300.0


def missing() -> list[str]:
    """Return the programs that are not there."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Desk:
    """A display; windows are known by their titles, and keys go where the window manager has put them."""

    def __init__(self, display: str) -> None:
        self.environment = {**os.environ, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"}
        for name in ("WAYLAND_DISPLAY", "QT_SCALE_FACTOR"):
            self.environment.pop(name, None)

    def title(self) -> str:
        """Return the title of the window that has the keyboard."""
        return self._xdotool("getactivewindow", "getwindowname").strip()

    def sees(self, title: str) -> None:
        """Wait until a window whose title begins so has the keyboard."""
        self.until(lambda: self.title().startswith(title), f"the window {title!r}; in front was {self.title()!r}")

    def press(self, *keys: str) -> None:
        """Press keys, in the words of X."""
        self._xdotool("key", "--delay", "40", *keys)

    def write(self, text: str) -> None:
        """Type a text."""
        self._xdotool("type", "--delay", "15", text)

    def click(self, across: int, down: int) -> None:
        """Click into the active window, so many pixels from its upper left corner."""
        self._xdotool(
            "mousemove", "--window", self._xdotool("getactivewindow").strip(), str(across), str(down), "click", "1"
        )

    def until(self, holds: Callable[[], bool], what: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Wait until something holds; what is done meanwhile must do no harm when it is done again."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"waited for {what}"
            meanwhile()
            time.sleep(0.2)

    def _xdotool(self, *words: str) -> str:
        asked = ["xdotool", *words]
        return subprocess.run(asked, env=self.environment, capture_output=True, text=True, check=False).stdout


@contextmanager
def desk() -> Iterator[Desk]:
    """Start a screen and its window manager, and end them."""
    server, display = _screen()
    made = Desk(f":{display}")
    manager = subprocess.Popen(["openbox"], env=made.environment, stderr=subprocess.DEVNULL)
    try:
        yield made
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


def _screen() -> tuple["subprocess.Popen[bytes]", str]:
    """Start a screen that nobody sees; two that start at once may want one number, and one of them ends."""
    for _ in range(5):
        reading, writing = os.pipe()
        words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"]
        server = subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL)
        os.close(writing)
        with os.fdopen(reading) as told:
            display = told.readline().strip()
        if display and server.poll() is None:
            return server, display
        server.kill()
        server.wait()
    raise AssertionError("Xvfb does not start")
