"""Where the window is put together: application, theme, session, main window; and the edge at which bugs are caught."""

import argparse
import faulthandler
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from PySide6 import __version__ as qt_version
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui.garbage import Garbage
from ui.languages import speak
from ui.look.theme import Choice, Theme
from ui.main_window import MainWindow
from ui.session import Failure, Session
from ui.turns import take_short_turns
from ui.user_settings import UserSettings

_THEMES: tuple[Choice, ...] = ("system", "light", "dark")


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window, on a project where one is named."""
    asked = _asked(sys.argv[1:] if arguments is None else arguments)
    _refuse_unsound_qt()
    faulthandler.enable()
    _use_an_input_method_that_is_there()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("constitution-workbench")
    application.setApplicationDisplayName("Constitution Workbench")
    application.setDesktopFileName("constitution-workbench")
    window = build(application, UserSettings(), asked.theme)
    window.show()
    # After the first paint: a project takes longer to open than a window.
    if asked.project is not None:
        QTimer.singleShot(0, lambda: window.open_project(asked.project.expanduser().resolve()))
    elif asked.demo:
        QTimer.singleShot(0, window.open_demo)
    return application.exec()


def build(application: QApplication, settings: UserSettings, theme: Choice | None = None) -> MainWindow:
    """Put the window together and hand bugs to it."""
    take_short_turns()
    speak(application, settings.now.language)
    kept = settings.now.theme
    chosen: Choice = theme or (kept if kept in _THEMES else "system")
    session = Session()
    window = MainWindow(session, settings, Theme(application, chosen))
    Garbage(window, session.room)
    sys.excepthook = _hook(window)
    return window


def _hook(window: MainWindow) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def caught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if issubclass(kind, Exception):
            text = "".join(traceback.format_exception(kind, error, trace))
            sentence = window.tr("A mistake in the workbench: {error}. Nothing that was saved is lost.").format(
                error=error
            )
            window.show_failure(Failure(window.tr("Something"), sentence), text)

    return caught


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="workbench-window", description="Open the window of the workbench.")
    parser.add_argument("project", nargs="?", type=Path, help="the folder of a project to open")
    parser.add_argument("--demo", action="store_true", help="open the demo project, unpacked first where need be")
    parser.add_argument("--theme", choices=_THEMES, help="colours for this time only")
    return parser.parse_args(arguments)


def _refuse_unsound_qt() -> None:
    """PySide6 6.12 for Python 3.11 miscounts references to None and ends the process after some minutes."""
    if sys.version_info < (3, 12) and tuple(map(int, qt_version.split(".")[:2])) >= (6, 12):
        sys.exit(f"PySide6 {qt_version} is unsound on Python 3.11; install a version below 6.12, or use Python 3.12.")


def _use_an_input_method_that_is_there() -> None:
    """Qt's wheels carry no plugin for fcitx, which speaks ibus as well; without this Chinese cannot be typed."""
    if os.environ.get("QT_IM_MODULE") in ("fcitx", "fcitx5") and not os.environ.get("WAYLAND_DISPLAY"):
        os.environ["QT_IM_MODULE"] = "ibus"


if __name__ == "__main__":
    sys.exit(main())
