"""The language of the window: which translations there are, and which of them it speaks, from before its first word."""

from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

#: One file a language, made by packaging/translations.py.
FOLDER = Path(__file__).with_name("translations")
#: What the window's texts are written in; nothing need be translated to it.
ENGLISH = "en"
_NAME = "window_"


def translated() -> list[str]:
    """Return the languages there is a translation to, as Qt names them: de, pt_BR."""
    return sorted(file.stem.removeprefix(_NAME) for file in FOLDER.glob(f"{_NAME}*.qm"))


def language_name(language: str) -> str:
    """Return what those who speak a language call it."""
    if language == ENGLISH:
        return "English"  # of which Qt knows several, and no plain one
    locale = QLocale(language)
    name = locale.nativeLanguageName() or language
    place = f" ({locale.nativeTerritoryName()})" if "_" in language else ""
    return name[:1].upper() + name[1:] + place


def spoken(choice: str, there: Collection[str], wanted: Sequence[str]) -> str:
    """Return the language to speak: the chosen one, or with no choice the first a person wants that there is.

    wanted is what a system says, such as de-AT, de; where nothing of it is there, as where a choice has gone, it is English.
    """
    for one in [choice] if choice else wanted:
        whole = one.replace("-", "_")
        for name in (whole, whole.partition("_")[0]):
            if name in there or name == ENGLISH:
                return name
    return ENGLISH


def speak(application: QApplication, choice: str) -> None:
    """Have what is made from now on speak a language, Qt's own dialogs too; a text nobody translated stays in English."""
    for before in application.findChildren(QTranslator):
        application.removeTranslator(before)
        before.deleteLater()
    language = spoken(choice, translated(), QLocale.system().uiLanguages())
    if language == ENGLISH:
        return
    of_qt = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in ((f"qtbase_{language}", of_qt), (f"{_NAME}{language}", str(FOLDER))):
        translator = QTranslator(application)
        if translator.load(name, folder):
            application.installTranslator(translator)
