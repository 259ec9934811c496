"""Leaving out a constitution's examples where they leave a model no room to answer: the run would fail at its first critique."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from workbench.records.constitution import Constitution, FewShot, Use
from workbench.records.model import ModelRef
from workbench.records.settings import ChainSettings, LabelSettings
from workbench.records.task import TASKS
from workbench.sentences import said
from workbench.sources.folder import room_of

#: Letters a token of English text holds where the vocabulary is small.
_LETTERS_A_TOKEN = 3.2
#: Beside the examples a request holds up to two texts of a model's, and there is to be room for a third.
_TEXTS = 3


def fitted(
    texts: Mapping[str, str], settings: Any, models: Mapping[str, ModelRef], constitution: Constitution
) -> tuple[Any, str]:
    """Return the settings, without examples where nobody asked for them and they do not fit; and a sentence that says so."""
    if "few_shots" in texts:
        return settings, ""
    words = crowding(settings, models, constitution)
    return (
        (replace(settings, few_shots=False), said("examples left out: {words}", words=words))
        if words
        else (settings, "")
    )


def crowding(settings: Any, models: Mapping[str, ModelRef], constitution: Constitution) -> str:
    """Say why the examples that a run would put in front are likely not to fit its models; nothing where they are."""
    use = _use(settings)
    shots = constitution.few_shots_for(use) if use and settings.few_shots else ()
    letters = sum(len(str(getattr(shot, name))) for shot in shots for name in _TOLD)
    tokens = round(letters / _LETTERS_A_TOKEN)
    for ref in models.values() if tokens else ():
        room = _room(ref)
        if room and tokens + _TEXTS * TASKS[constitution.task].max_response_tokens > room:
            return said(
                "they take about {tokens:,} tokens, and {ref} holds {room:,} with its answer",
                tokens=tokens,
                ref=ref.label or ref.location,
                room=room,
            )
    return ""


_TOLD = [field.name for field in fields(FewShot) if field.name != "use"]


def _room(ref: ModelRef) -> int:
    """Return the longest text a model holds, in tokens, as far as it is known; else 0."""
    if ref.endpoint is not None:
        return ref.endpoint.can.context
    return room_of(Path(ref.folder)) if ref.folder else 0


def _use(settings: Any) -> Use | None:
    if isinstance(settings, ChainSettings):
        return "revision" if settings.rounds else None
    if isinstance(settings, LabelSettings):
        return "rationale" if settings.rationale else "comparison"
    return None
