"""Conversations as a model sees them: turns, and the paper's plain text for models without a chat template.

Constitutional AI (arXiv 2212.08073, section 3.1 and appendix E) writes a chain as turns of one text: Human, Assistant,
CritiqueRequest, Critique, RevisionRequest, Revision. A chat model sees the requests as user turns instead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant", "critique_request", "critique", "revision_request", "revision"]

#: Turns the model under test writes; all others are written to it.
SPOKEN_BY_MODEL: frozenset[str] = frozenset({"assistant", "critique", "revision"})


@dataclass(frozen=True)
class Message:
    """One turn: who speaks, and the text, byte for byte."""

    role: Role
    text: str


@dataclass(frozen=True)
class RoleNames:
    """How the plain dialect heads each turn; a task may rename the first two."""

    user: str = "Human"
    assistant: str = "Assistant"


def plain_heading(role: str, names: RoleNames) -> str:
    """Return the heading of a turn in the plain dialect, for example 'CritiqueRequest'."""
    if role == "user":
        return names.user
    if role == "assistant":
        return names.assistant
    return "".join(part.capitalize() for part in role.split("_"))


def plain_text(messages: Sequence[Message], begin: str | None = None, names: RoleNames | None = None) -> str:
    """Return messages as the paper's text; with begin, end where that role is to speak (no trailing space)."""
    names = names or RoleNames()
    text = "".join(f"\n\n{plain_heading(message.role, names)}: {message.text}" for message in messages)
    return text if begin is None else f"{text}\n\n{plain_heading(begin, names)}:"


def plain_stops(names: RoleNames | None = None) -> tuple[str, ...]:
    """Return the strings at which a plain completion is over: the heading of any turn."""
    names = names or RoleNames()
    roles = ("user", "assistant", "critique_request", "critique", "revision_request", "revision")
    return tuple(f"\n\n{plain_heading(role, names)}:" for role in roles)


def chat_role(role: str) -> str:
    """Return the chat template's role for a turn: what the model writes is 'assistant', requests are 'user'."""
    if role == "system":
        return "system"
    return "assistant" if role in SPOKEN_BY_MODEL else "user"
