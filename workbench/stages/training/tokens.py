"""Rows as token ids, exactly as they stand when the model is asked: the prompt as rendered, the completion, its end."""

from collections.abc import Sequence
from typing import Any

from workbench.models.rendering import completion as as_written
from workbench.models.rendering import encode, end_of_turn, render
from workbench.records.transcript import Message, RoleNames


def prompt_ids(tokenizer: Any, messages: Sequence[Message], names: RoleNames | None = None) -> list[int]:
    """Return the token ids of a conversation up to where the assistant is to speak."""
    return encode(tokenizer, render(tokenizer, messages, begin="assistant", names=names))


def response_ids(tokenizer: Any, response: str) -> list[int]:
    """Return the token ids of a response followed by the token that ends a turn."""
    return [*encode(tokenizer, as_written(tokenizer, response)), end_of_turn(tokenizer)]
