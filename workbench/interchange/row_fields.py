"""Fields of an imported row: texts, turns, kinds and splits, each checked with one reason to show."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from workbench.records.prompt import HELPFUL, RED_TEAM, SPLITS, Prompt, prompt_of_messages
from workbench.records.transcript import Message, Role

KINDS: tuple[str, ...] = (RED_TEAM, HELPFUL)
_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}
#: As ShareGPT spells a turn: {"from": "human", "value": "…"}.
_OTHER_ROLES = {"human": "user", "gpt": "assistant"}


class BadFieldError(ValueError):
    """A field of a row is not as it must be; the text is the reason shown beside the row's line."""


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """Return a field that must be text and not blank, byte for byte."""
    value = fields.get(name)
    if type(value) is str and value.isascii() and not value.isspace() and value:
        return value  # as nearly all are
    if value is None:
        near = get_close_matches(name, fields, n=1)
        hint = f"; did you mean it by {near[0]}?" if near else ""
        raise BadFieldError(f"the field {name} is missing{hint}")
    return _text(value, name)


def choice_of(fields: Mapping[str, Any], name: str, choices: Collection[str], default: str) -> str:
    """Return a field that must be one of several words, or the default where it is absent."""
    value = fields.get(name)
    if value is None:
        return default
    if value not in choices:
        raise BadFieldError(f"{name} must be {' or '.join(choices)}, not {value!r}")
    return str(value)


def prompt_from(fields: Mapping[str, Any], source: str, kind: str, split: str) -> Prompt:
    """Read a prompt (text, or turns whose last is the user's) with optional kind and split."""
    return prompt_of_messages(
        _messages(fields),
        choice_of(fields, "kind", KINDS, kind),
        choice_of(fields, "split", SPLITS, split),
        source,
    )


def response_of(fields: Mapping[str, Any], name: str) -> str:
    """Read a response: text, or the one assistant turn of TRL's conversational form."""
    value = fields.get(name)
    if not isinstance(value, list):
        return text_of(fields, name)
    messages = turns_of(value, name)
    if len(messages) != 1 or messages[0].role != "assistant":
        raise BadFieldError(f"{name} must be text or one assistant turn, with the turns before it in prompt")
    return messages[0].text


def reject_misspelt(fields: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a field that looks like a known one misspelt: taken silently for an extra, its value would be lost."""
    for name in fields:
        if name in known:
            continue
        near = _meant_by(name, known)
        if near and near not in fields:
            raise BadFieldError(f"there is no field {name}; did you mean {near}?")


@lru_cache(maxsize=1024)
def _meant_by(name: str, known: tuple[str, ...]) -> str:
    """Return the name that one resembles, or nothing; the rows of a file have the same names."""
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    return near[0] if near else ""


def turns_of(value: Any, name: str) -> tuple[Message, ...]:
    """Read a list of turns, each of role and content; what other tools leave empty beside them is passed by."""
    if not isinstance(value, list):
        raise BadFieldError(f"{name} must be a list of turns, not {type(value).__name__}")
    return tuple(_message(item, name) for item in value)


def _messages(fields: Mapping[str, Any]) -> tuple[Message, ...]:
    value = fields.get("prompt")
    if not isinstance(value, list):
        return (Message("user", text_of(fields, "prompt")),)
    messages = turns_of(value, "prompt")
    if not messages or messages[-1].role != "user":
        raise BadFieldError("the last turn of prompt must be the user's")
    return messages


def _message(item: Any, name: str) -> Message:
    told = {key for key, value in item.items() if value is not None} if isinstance(item, dict) else set()
    if told == {"from", "value"}:
        role, text = _OTHER_ROLES.get(item["from"], item["from"]), item["value"]
    elif told == {"role", "content"}:
        role, text = item["role"], item["content"]
    else:
        raise BadFieldError(f"each turn of {name} must have role and content and nothing else")
    if role not in _ROLES:
        raise BadFieldError(f"a turn of {name} has the role {role!r}; roles are {', '.join(_ROLES)}")
    return Message(_ROLES[role], _text(text, f"content of a turn of {name}"))


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise BadFieldError(f"{name} must be text, not {type(value).__name__}")
    if not value.strip():
        raise BadFieldError(f"{name} is blank")
    if half_a_character(value):
        raise BadFieldError(f"{name} holds half a character (a lone surrogate)")
    return value


def half_a_character(text: str) -> bool:
    """Say whether a text holds a surrogate without its other half, which no file can hold."""
    try:
        text.isascii() or text.encode()
    except UnicodeEncodeError:
        return True
    return False
