"""Take pictures of every page, light and dark, from the recorded demo: python packaging/screenshots.py [FOLDER]."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from ui.main_window import MainWindow

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
WIDTH, HEIGHT = 1280, 800
MOST_BYTES = 150_000
#: Views besides those that pages begin with: the picture's name, which begins with the page's key, and the tab to turn to.
VIEWS = {
    "constitution-versions": "Compare versions",
    "chains-prompts": "Prompts",
    "preferences-review": "Review",
    "preferences-table": "Table",
    "preferences-quality": "Quality",
    "training-cockpit": "Cockpit",
    "training-samples": "Samples",
    "evaluate-judge": "Judge blind",
    "evaluate-regressions": "Regressions",
    "evaluate-gate": "Judge gate",
    "evaluate-chat": "Chat",
}


def main() -> int:
    """Take them; the window finds an empty home, so that nobody's own projects are seen."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"HOME": home, "XDG_STATE_HOME": f"{home}/state", "QT_QPA_PLATFORM": "offscreen"}
        for variable in ("XDG_DOCUMENTS_DIR", "XDG_CONFIG_HOME"):
            os.environ.pop(variable, None)
        (Path(home) / "state").mkdir()
        return _take_all(folder)


def _take_all(folder: Path) -> int:
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from ui.app import build  # noqa: PLC0415
    from ui.user_settings import UserSettings  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    settings = UserSettings()
    settings.change(reviewer="Ada")
    window = build(application, settings, "light")
    window.resize(WIDTH, HEIGHT)
    window.show()
    camera = _Camera(window, folder)
    camera.take("start")
    window.open_demo()
    camera.wait(lambda: window.session.folder is not None)
    for place in window.places:
        window.go_to(place.key)
        camera.take(place.key)
    for name, tab in VIEWS.items():
        key, _, _ = name.partition("-")
        window.show_page(key)
        if name == "preferences-review":
            window.pages["preferences"].review.open_queue("uncertain")  # type: ignore[attr-defined]
        camera.turn_to(tab)
        camera.take(name)
    window.close()
    (folder / "README.md").write_text(_gallery(folder), encoding="utf-8")
    return 0


def _gallery(folder: Path) -> str:
    """Return a page that shows all pictures of a folder, light beside dark."""
    lines = ["# Every page of the window", "", "By `make screenshots`, from the recorded demo.", ""]
    for light in sorted(folder.glob("*-light.png")):
        name = light.name.removesuffix("-light.png")
        title = name.replace("-", ", ").capitalize()
        lines += [f"## {title}", "", f"![{title}, light]({light.name}) ![{title}, dark]({name}-dark.png)", ""]
    return "\n".join(lines)


class _Camera:
    """Waits until nothing more comes, and takes both themes."""

    def __init__(self, window: "MainWindow", folder: Path) -> None:
        self._window, self._folder = window, folder

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the window work until something holds."""
        while not until():
            _run_for(50)

    def turn_to(self, tab: str) -> None:
        """Turn to a tab of the page that is shown."""
        from PySide6.QtWidgets import QTabBar  # noqa: PLC0415

        self._settle()
        bars = [bar for bar in self._window.page.findChildren(QTabBar) if bar.isVisible()]
        (found,) = [(bar, place) for bar in bars for place in range(bar.count()) if bar.tabText(place) == tab]
        found[0].setCurrentIndex(found[1])

    def _settle(self) -> None:
        for _ in range(3):  # one answer may lead to another question
            _run_for(150)
            self._window.session.settle(60)

    def take(self, name: str) -> None:
        """Save the window in both themes under a name."""
        self._settle()
        for theme in ("light", "dark"):
            self._window.theme.choose(theme)
            _run_for(200)
            file = self._folder / f"{name}-{theme}.png"
            _in_few_colours(self._window.grab().toImage()).save(str(file), quality=0)
            size = file.stat().st_size
            print(f"{file.name}: {size:,} bytes" + (", more than is allowed" if size > MOST_BYTES else ""))
        self._window.theme.choose("light")


def _run_for(milliseconds: int) -> None:
    """Let the window work; QTest.qWait would keep the interpreter from the project's thread."""
    from PySide6.QtCore import QEventLoop, QTimer  # noqa: PLC0415

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _in_few_colours(image: "QImage") -> "QImage":
    """Return an image in its 256 commonest colours: a window has few, and the file is a quarter of the size."""
    import numpy as np  # noqa: PLC0415
    from PySide6.QtCore import Qt  # noqa: PLC0415

    plain = image.convertToFormat(image.Format.Format_RGB32)
    pixels = np.frombuffer(plain.constBits(), np.uint32).reshape(plain.height(), -1)
    colours, counts = np.unique(pixels, return_counts=True)
    commonest = [int(colour) | 0xFF000000 for colour in colours[np.argsort(-counts)][:256]]
    return plain.convertToFormat(image.Format.Format_Indexed8, commonest, Qt.ImageConversionFlag.AvoidDither)


if __name__ == "__main__":
    sys.exit(main())
