"""Words that come from the workbench and never change, in the language of the window: states, presets, charts, settings.

The workbench knows no Qt, so that lupdate does not find them there; packaging/translations.py adds them to what it finds.
"""

from collections.abc import Iterator
from dataclasses import fields

from PySide6.QtCore import QCoreApplication

from workbench.records import metric_words
from workbench.records.presets import PRESETS
from workbench.records.run import RunState
from workbench.records.settings import SETTINGS

CONTEXT = "workbench"


def in_language(text: str) -> str:
    """Return such a word as the window's language has it; one that nobody translated, or a text with figures, as it is."""
    return QCoreApplication.translate(CONTEXT, text) if text else text


def sources() -> Iterator[str]:
    """Yield all of them, for a translator."""
    yield from map(str, RunState)
    yield from PRESETS.values()
    yield from metric_words.GROUPS
    for words in metric_words.all_words():
        yield from filter(None, (words.title, words.meaning))
    for settings in SETTINGS.values():
        for one in fields(settings):
            yield from filter(None, (one.metadata.get("help", ""),))
