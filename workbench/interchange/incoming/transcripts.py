"""Transcripts of the hh-rlhf data: one text of turns that begin with "\\n\\nHuman: " and "\\n\\nAssistant: ".

A text is split at exactly these marks and put together again from exactly these marks, so every byte comes back. What
only looks like a turn (no blank after the colon, one line break, a "Human:" within a line) stays part of the turn it is in.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.interchange.incoming.brought import Brought, Reading, choice_between
from workbench.interchange.incoming.shared_beginnings import shared_turns
from workbench.interchange.row_fields import BadFieldError, choice_of, text_of
from workbench.records.prompt import SPLITS, Prompt, prompt_of_messages
from workbench.records.transcript import Message, Role

_TURN = re.compile(r"\n\n(Human|Assistant): ")
_ROLES: dict[str, Role] = {"Human": "user", "Assistant": "assistant"}
_HEADS = {"user": "\n\nHuman: ", "assistant": "\n\nAssistant: "}
#: Names of the fields of a red-team attempt that are kept with its prompt.
_ATTEMPT_FIELDS = (
    "rating",
    "min_harmlessness_score_transcript",
    "num_params",
    "model_type",
    "task_description",
    "task_description_harmlessness_score",
    "red_team_member_id",
    "is_upworker",
    "tags",
)


def is_transcript(value: Any) -> bool:
    """Say whether a value is a transcript."""
    return isinstance(value, str) and value.lstrip().startswith("Human:") and value.startswith("\n\n")


def turns_of(text: str, name: str) -> list[Message]:
    """Return a transcript's turns; texts of turns may be blank, as some in the data are."""
    parts = _TURN.split(text)
    if parts[0] or len(parts) == 1:
        raise BadFieldError('{name} does not begin with "\\n\\nHuman: ", so it is no transcript', name=name)
    return [Message(_ROLES[who], said) for who, said in zip(parts[1::2], parts[2::2], strict=True)]


def transcript_of(messages: Sequence[Message]) -> str:
    """Return turns as a transcript; turns of a transcript give the same text again, byte for byte."""
    return "".join(_HEADS[message.role] + message.text for message in messages)


def can_be_transcript(messages: Sequence[Message]) -> bool:
    """Say whether turns come back from a transcript of them.

    It begins with the user's turn, and has no place for a system turn, nor for marks of turns within a text.
    """
    if messages[0].role != "user" or not all(message.role in _HEADS for message in messages):
        return False
    return turns_of(transcript_of(messages), "") == [*messages]


def read_pair(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read `chosen, rejected` transcripts: what they share up to a user's turn is the prompt, the rest the responses.

    Where they part earlier than at their last turn, a response holds the later turns as well, as text.
    """
    chosen, rejected = (turns_of(text_of(fields, name), name) for name in ("chosen", "rejected"))
    shared = shared_turns(chosen, rejected)
    responses = [response_text(turns[shared:]) for turns in (chosen, rejected)]
    if responses[0] == responses[1]:
        raise BadFieldError("both transcripts are the same, so there is nothing to choose")
    return choice_between(prompt_of_messages(tuple(chosen[:shared]), reading.kind, _split(fields, reading), reading.source),
                          *responses)  # fmt: skip


def read_attempt(fields: Mapping[str, Any], reading: Reading) -> Brought:
    """Read a red-team attempt: its first turn is the prompt; ratings and what else is known of it stay with the prompt."""
    turns = turns_of(text_of(fields, "transcript"), "transcript")
    if turns[0].role != "user" or not turns[0].text.strip():
        raise BadFieldError("transcript does not begin with what a person said")
    kept = {name: str(fields[name]) for name in _ATTEMPT_FIELDS if fields.get(name) is not None}
    made = prompt_of_messages((turns[0],), reading.kind, _split(fields, reading), reading.source)
    return Brought((Prompt(made.id, made.messages, made.kind, made.split, made.source, kept),))


def response_text(turns: Sequence[Message]) -> str:
    """Return a response of one or several turns as one text, the first turn's mark left out."""
    return transcript_of(turns).removeprefix(_HEADS["assistant"])


def _split(fields: Mapping[str, Any], reading: Reading) -> str:
    return choice_of(fields, "split", SPLITS, reading.split)
