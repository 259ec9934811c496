"""Fields of an imported row: texts, turns, kinds and splits, each checked with one reason to show."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from workbench.errors import SpokenError
from workbench.records.prompt import HELPFUL, RED_TEAM, SPLITS, Prompt, prompt_of_messages
from workbench.records.transcript import Message, Role
from workbench.sentences import said

KINDS: tuple[str, ...] = (RED_TEAM, HELPFUL)
_ROLES: dict[str, Role] = {"system": "system", "user": "user", "assistant": "assistant"}
#: As ShareGPT spells a turn: {"from": "human", "value": "…"}.
_OTHER_ROLES = {"human": "user", "gpt": "assistant"}


#: A name longer than this is no field misspelt.
_LONGEST_NAME = 40
#: So many characters of a value are told.
_MOST_SAID = 40


class BadFieldError(SpokenError, ValueError):
    """A field of a row is not as it must be; the text is the reason shown beside the row's line."""


def text_of(fields: Mapping[str, Any], name: str) -> str:
    """Return a field that must be text and not blank, byte for byte."""
    value = fields.get(name)
    if type(value) is str and value.isascii() and not value.isspace() and value:
        return value  # as nearly all are
    if value is None and name in fields:
        raise BadFieldError("the field {name} is empty", name=name)
    if value is None:
        near = get_close_matches(name, fields, n=1)
        hint = said("; is it the one named {near}?", near=near[0]) if near else ""
        raise BadFieldError("the field {name} is missing{hint}", name=name, hint=hint)
    return _text(value, name)


def choice_of(fields: Mapping[str, Any], name: str, choices: Collection[str], default: str) -> str:
    """Return a field that must be one of several words, or the default where it is absent or empty."""
    value = fields.get(name)
    if value is None or value == "":
        return default
    if value not in choices:
        *others, last = choices
        raise BadFieldError(
            "{name} must be {others} or {last}, not {shown}",
            name=name,
            others=", ".join(others),
            last=last,
            shown=shown(value),
        )
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
    """Read a response: text, or the one assistant turn of TRL's conversational form; it may be empty, as some in the data are."""
    value = fields.get(name)
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return text_of(fields, name)
    messages = turns_of(value, name)
    if len(messages) != 1 or messages[0].role != "assistant":
        raise BadFieldError(
            "{name} must be text or one assistant turn, with the turns before it in prompt",
            name=name,
        )
    return messages[0].text


def reject_misspelt(fields: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a field that looks like a known one misspelt: taken silently for an extra, its value would be lost."""
    for name in fields:
        if name in known or len(name) > _LONGEST_NAME:
            continue
        near = _meant_by(name, known)
        if near and near not in fields:
            raise BadFieldError("there is no field {name}; did you mean {near}?", name=name, near=near)


@lru_cache(maxsize=1024)
def _meant_by(name: str, known: tuple[str, ...]) -> str:
    """Return the name that one resembles, or nothing; the rows of a file have the same names."""
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    return near[0] if near else ""


def turns_of(value: Any, name: str) -> tuple[Message, ...]:
    """Read a list of turns, each of role and content (which may be blank); what is empty beside them is passed by."""
    if not isinstance(value, list):
        raise BadFieldError("{name} must be a list of turns, not {shown}", name=name, shown=shown(value))
    return tuple(_message(item, name) for item in value)


def _messages(fields: Mapping[str, Any]) -> tuple[Message, ...]:
    value = fields.get("prompt")
    if not isinstance(value, list):
        return (Message("user", text_of(fields, "prompt")),)
    messages = turns_of(value, "prompt")
    if not messages or messages[-1].role != "user":
        raise BadFieldError("the last turn of prompt must be the user's")
    if not any(message.role == "user" and message.text.strip() for message in messages):
        raise BadFieldError("prompt is blank")
    return messages


def _message(item: Any, name: str) -> Message:
    told = {key for key, value in item.items() if value is not None} if isinstance(item, dict) else set()
    if told == {"from", "value"}:
        role, text = item["from"], item["value"]
        role = _OTHER_ROLES.get(role, role) if isinstance(role, str) else role
    elif told == {"role", "content"}:
        role, text = item["role"], item["content"]
    else:
        raise BadFieldError("each turn of {name} must have role and content and nothing else", name=name)
    if not isinstance(role, str) or role not in _ROLES:
        raise BadFieldError(
            "a turn of {name} has the role {shown}; roles are {roles}",
            name=name,
            shown=shown(role),
            roles=", ".join(_ROLES),
        )
    return Message(_ROLES[role], _string(text, said("content of a turn of {name}", name=name)))


def _string(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise BadFieldError("{name} must be text, not {shown}", name=name, shown=shown(value))
    return value


def _text(value: Any, name: str) -> str:
    if not _string(value, name).strip():
        raise BadFieldError("{name} is blank", name=name)
    return str(value)


def shown(value: Any) -> str:
    """Return a value as a reason names it: what is short as JSON spells it, what is not by its kind."""
    if isinstance(value, Mapping | list):
        return said("an object") if isinstance(value, Mapping) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return repr(value if len(value) <= _MOST_SAID else f"{value[:_MOST_SAID]}…")
    if isinstance(value, int | float):
        return said("the number {value}", value=str(value)[:_MOST_SAID])
    return said("a value of type {kind}", kind=type(value).__name__)
