"""Words that come from the workbench, in the language of the window: states, presets, charts, settings, and Sentences.

The workbench knows no Qt, so that lupdate does not find them there; packaging/translations.py adds them to what it finds.
"""

from collections.abc import Iterator
from dataclasses import fields

from PySide6.QtCore import QCoreApplication

from workbench.records import metric_words
from workbench.records.constitution import Constitution, FewShot, Principle
from workbench.records.presets import PRESETS
from workbench.records.run import RunState
from workbench.records.sentences import Sentence
from workbench.records.settings import SETTINGS

CONTEXT = "workbench"


def in_language(text: str) -> str:
    """Return such a word as the window's language has it, and a sentence with its figures; what nobody translated, as it is."""
    if not text:
        return text
    if not isinstance(text, Sentence) or not text.values:
        return QCoreApplication.translate(CONTEXT, text)
    values = {name: in_language(one) if isinstance(one, Sentence) else one for name, one in text.values.items()}
    try:
        return QCoreApplication.translate(CONTEXT, text.template).format(**values)
    except (LookupError, ValueError):  # a translator changed a name in braces
        return text


def sources() -> Iterator[str]:
    """Yield all of them, for a translator."""
    yield from map(str, RunState)
    yield from PRESETS.values()
    yield from metric_words.GROUPS
    for words in metric_words.all_words():
        yield from filter(None, (words.title, words.meaning))
    for record in (Constitution, Principle, FewShot):
        yield from (one.name.replace("_", " ") for one in fields(record))
    for settings in SETTINGS.values():
        for one in fields(settings):
            yield from filter(None, (one.metadata.get("help", ""),))
