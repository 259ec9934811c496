"""The window speaks another language where there is a translation to it, and English where a text is not translated."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from PySide6.QtWidgets import QApplication

from ui import languages
from ui.languages import language_name, speak, spoken
from ui.main_window import MainWindow
from ui.pages.settings import SettingsPage
from ui.user_settings import UserSettings

#: Said by a class, by a module, by a function for another object, and by the workbench.
SAID = {
    ("StartPage", "Try the demo project"): "Demo ausprobieren",
    ("places", "Constitution"): "Verfassung",
    ("QObject", "edited"): "geändert",
    ("workbench", "finished"): "fertig",
}


def message(source: str, said: str) -> str:
    return f"<message><source>{escape(source)}</source><translation>{escape(said)}</translation></message>"


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qapp: QApplication) -> Iterator[Path]:
    """Have a translation of a few words to German, made as a translator's is."""
    text = "".join(f"<context><name>{name}</name>{message(one, said)}</context>" for (name, one), said in SAID.items())
    file = tmp_path / "translations" / "window_de.ts"
    file.parent.mkdir()
    file.write_text(f'<?xml version="1.0"?><TS version="2.1" language="de">{text}</TS>', encoding="utf-8")
    release = [sys.executable, str(Path(__file__).parents[2] / "packaging" / "translations.py"), "--release", str(file)]
    subprocess.run(release, check=True, capture_output=True)
    monkeypatch.setattr(languages, "FOLDER", file.parent)
    yield file.with_suffix(".qm")
    speak(qapp, "en")


def test_the_window_speaks_the_language_of_its_settings_and_english_for_the_rest(
    german: Path, own_state: Path, start_window: Callable[[], MainWindow]
) -> None:
    UserSettings(own_state / "window.json").change(language="de")
    window = start_window()
    assert window.start.demo.text() == "Demo ausprobieren"
    assert window.start.new.text() == "New project…"
    assert "Verfassung" in [window.rail.item(row).text() for row in range(window.rail.count())]
    assert window.tr("edited") == "geändert"
    page = window.pages["settings"]
    assert isinstance(page, SettingsPage)
    assert [page.language.itemText(place) for place in range(page.language.count())] == [
        "As the system", "English", "Deutsch",
    ]  # fmt: skip
    assert page.language.currentText() == "Deutsch"
    assert page.later.isHidden()
    page.language.setCurrentIndex(1)
    page.language.activated.emit(1)
    assert not page.later.isHidden()
    assert window.start.demo.text() == "Demo ausprobieren"  # until the next start
    window.close()
    assert start_window().start.demo.text() == "Try the demo project"


def test_a_translation_that_is_damaged_or_has_gone_leaves_english(
    german: Path, own_state: Path, start_window: Callable[[], MainWindow]
) -> None:
    UserSettings(own_state / "window.json").change(language="de")
    german.write_bytes(b"no translation")
    assert start_window().start.demo.text() == "Try the demo project"
    german.unlink()
    window = start_window()
    assert window.start.demo.text() == "Try the demo project"
    page = window.pages["settings"]
    assert isinstance(page, SettingsPage)
    assert page.language.isHidden()  # there is nothing to choose


@pytest.mark.parametrize(
    ("choice", "there", "wanted", "language"),
    [
        ("", ["de"], ["de-AT", "de"], "de"),
        ("", ["de", "de_AT"], ["de-AT", "de"], "de_AT"),
        ("", ["de"], ["fr-FR", "fr", "de-DE"], "de"),
        ("", ["de"], ["en-GB", "en", "de"], "en"),
        ("", ["de"], ["C"], "en"),
        ("", [], [], "en"),
        ("de", ["de"], ["en-GB"], "de"),
        ("en", ["de"], ["de"], "en"),
        ("fr", ["de"], ["de"], "en"),
    ],
)
def test_what_is_spoken_follows_the_choice_then_the_system(
    choice: str, there: list[str], wanted: list[str], language: str
) -> None:
    assert spoken(choice, there, wanted) == language


def test_a_language_is_called_what_its_speakers_call_it() -> None:
    assert [language_name(one) for one in ("de", "fr", "pt_BR")] == ["Deutsch", "Français", "Português (Brasil)"]
