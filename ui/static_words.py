"""Words that come from the workbench, in the language of the window: states, presets, charts, settings, and Sentences.

The workbench knows no Qt, so that lupdate does not find them there; packaging/translations.py adds them to what it finds.
"""

from collections.abc import Iterator
from dataclasses import fields
from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from ui.read_sentences import ReadSentences
from workbench.records import metric_words
from workbench.records.constitution import Constitution, FewShot, Principle
from workbench.records.presets import PRESETS
from workbench.records.prompt import HELPFUL, RED_TEAM, SPLITS
from workbench.records.run import RunState
from workbench.records.settings import SETTINGS
from workbench.sentences import Sentence

CONTEXT = "workbench"
#: Words of names that are written otherwise than in small letters.
_SPELLED = {
    "lora": "LoRA",
    "kl": "KL",
    "ppo": "PPO",
    "eos": "EOS",
    "gae": "GAE",
    "dpo": "DPO",
    "sft": "SFT",
    "pm": "PM",
}
#: What is translated as all templates of sentences, one a line: by these a text that comes from a file is known again.
TEMPLATES = "the templates of all sentences"


def in_language(text: str) -> str:
    """Return such a word as the window's language has it, and a sentence with its figures; what nobody translated, as it is."""
    if not text:
        return text
    if not isinstance(text, Sentence) or not text.values:
        return _of_file(str(text))
    values = {name: in_language(one) if isinstance(one, Sentence) else one for name, one in text.values.items()}
    try:
        return _translated(text.template).format(**values)
    except (LookupError, ValueError):  # a translator changed a name in braces
        return text


def in_words(name: str) -> str:
    """Return a name of a setting or of a role as a title: kl_coef becomes KL coef."""
    return in_language(_title(name))


def _title(name: str) -> str:
    words = " ".join(_SPELLED.get(word, word) for word in name.split("_"))
    return words[:1].upper() + words[1:]


def _translated(text: str) -> str:
    return QCoreApplication.translate(CONTEXT, text)


def _of_file(text: str) -> str:
    """Return what may have been a sentence before it was written to a file."""
    known = _translated(text)
    if known != text or " " not in text:
        return known
    templates = _translated(TEMPLATES)
    return text if templates == TEMPLATES else _read_sentences(templates).said(text)


@lru_cache(maxsize=1)
def _read_sentences(templates: str) -> ReadSentences:
    return ReadSentences(templates.split("\n"), _translated)


def sources() -> Iterator[str]:
    """Yield all of them, for a translator."""
    from workbench.project.model_choice import ROLES_OF  # noqa: PLC0415 - with the store, which a window loads later

    yield from map(str, RunState)
    yield from PRESETS.values()
    yield from metric_words.GROUPS
    for words in metric_words.all_words():
        yield from filter(None, (words.title, words.meaning))
    for record in (Constitution, Principle, FewShot):
        yield from (one.name.replace("_", " ") for one in fields(record))
    for settings in SETTINGS.values():
        for one in fields(settings):
            yield _title(one.name)
            yield from filter(None, (one.metadata.get("help", ""),))
    yield from map(_title, dict.fromkeys(role for roles in ROLES_OF.values() for role in roles))
    yield from (RED_TEAM, HELPFUL, *SPLITS)
