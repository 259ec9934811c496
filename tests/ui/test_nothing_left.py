import gc
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.app import build
from ui.user_settings import UserSettings


def widgets() -> list[QWidget]:
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    return QApplication.allWidgets()


def test_a_window_takes_all_its_widgets_along(qtbot: QtBot, own_state: Path) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    before = widgets()
    window = build(application, UserSettings(own_state / "window.json"), "light")
    window.show()
    for place in window.places:
        window.show_page(place.key)
    assert len(widgets()) > len(before)
    window.close()
    window.deleteLater()
    del window
    left = [widget for widget in widgets() if widget not in before]
    assert [type(widget).__name__ for widget in left] == []
