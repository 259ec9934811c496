from dataclasses import asdict

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication

from ui.look.colours import DARK, LIGHT, Colours, contrast
from ui.main_window import MainWindow


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # WCAG's own example of a near miss
    assert contrast("#123456", "#123456") == pytest.approx(1.0)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_can_be_read_on_every_ground_it_stands_on(colours: Colours) -> None:
    grounds = ("ground", "paper", "raised")
    pairs = [(text, ground) for text in ("text", "muted", "good", "warning", "bad", "accent") for ground in grounds]
    pairs += [(text, "chosen") for text in ("text", "muted")]
    pairs += [("text", "inserted"), ("text", "deleted"), ("on_accent", "accent")]
    named = asdict(colours)
    too_weak = {pair: contrast(named[pair[0]], named[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in too_weak.items() if ratio < 4.5} == {}


def test_dark_is_dark_also_where_the_desktop_does_not_follow(window: MainWindow) -> None:
    window.theme.choose("dark")
    assert QApplication.palette().color(QPalette.ColorRole.Window).lightness() < 60
    assert window.theme.dark
    window.theme.choose("light")
    assert QApplication.palette().color(QPalette.ColorRole.Window).lightness() > 200
    assert not window.theme.dark


def test_the_theme_is_kept_for_the_next_time(window: MainWindow) -> None:
    window.actions_["theme dark"].trigger()
    assert window.theme.dark
    assert '"theme": "dark"' in window.settings._file.read_text()
