"""Conversations as a model sees them: turns, and the paper's plain text for models without a chat template.

Constitutional AI (arXiv 2212.08073, section 3.1 and appendix E) writes a chain as turns of one text: Human, Assistant,
CritiqueRequest, Critique, RevisionRequest, Revision. A chat model sees the requests as user turns instead. A comparison
and its answer (section 4.1) are text without headings in the plain dialect, a user's and an assistant's turn in a chat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "system",
    "user",
    "assistant",
    "critique_request",
    "critique",
    "revision_request",
    "revision",
    "comparison",
    "answer",
]

#: Turns the model under test writes; all others are written to it.
SPOKEN_BY_MODEL: frozenset[str] = frozenset({"assistant", "critique", "revision", "answer"})

#: Turns the plain dialect writes without a heading.
_UNHEADED: frozenset[str] = frozenset({"system", "comparison", "answer"})


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
    """Return what the plain dialect writes in front of a turn's text, for example 'CritiqueRequest: '; nothing for some."""
    if role in _UNHEADED:
        return ""
    own = {"user": names.user, "assistant": names.assistant}
    return own.get(role, "".join(part.capitalize() for part in role.split("_"))) + ": "


def plain_text(
    messages: Sequence[Message], begin: str | None = None, names: RoleNames | None = None, prefix: str = ""
) -> str:
    """Return messages as the paper's text; with begin, open that role's turn (no trailing space) and put prefix into it."""
    names = names or RoleNames()
    text = "".join(f"\n\n{plain_heading(message.role, names)}{message.text}" for message in messages)
    if begin is None:
        return text
    opening = f"{text}\n\n{plain_heading(begin, names)}"
    return f"{opening}{prefix}" if prefix else opening.removesuffix(" ")


def plain_stops(names: RoleNames | None = None) -> tuple[str, ...]:
    """Return the strings at which a plain completion is over: the heading of any turn."""
    names = names or RoleNames()
    roles = ("user", "assistant", "critique_request", "critique", "revision_request", "revision")
    return tuple(f"\n\n{plain_heading(role, names)}".removesuffix(" ") for role in roles)


def chat_role(role: str) -> str:
    """Return the chat template's role for a turn: what the model writes is 'assistant', requests are 'user'."""
    if role == "system":
        return "system"
    return "assistant" if role in SPOKEN_BY_MODEL else "user"
