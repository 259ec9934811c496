"""How a conversation is sent: to a chat as its finished turns and the words the next one begins with, else as one text.

As sent, a chat is one line of JSON, its turns, and after the line break the beginning of the turn to be written; what stages put
behind it continues that turn. The line is exactly what the server gets, so a label's record shows what was asked.
"""

import json
from collections.abc import Sequence
from typing import Any

from workbench.records.endpoint import Endpoint
from workbench.records.transcript import Message, chat_role

#: What a server that cannot continue a turn is told instead.
_BEGIN_WITH = "\n\nBegin your answer with: "


def as_sent(messages: Sequence[Message], prefix: str) -> str:
    """Return the text that stands for a chat."""
    turns = [{"role": chat_role(message.role), "content": message.text} for message in messages]
    return json.dumps(turns, ensure_ascii=False) + "\n" + prefix


def turns_of(sent: str) -> tuple[list[dict[str, str]], str]:
    """Return a sent chat's turns and the beginning of the next."""
    line, _, begun = sent.partition("\n")
    return json.loads(line), begun


def chat_body(endpoint: Endpoint, sent: str) -> dict[str, Any]:
    """Return the part of a request that holds the conversation."""
    turns, begun = turns_of(sent)
    if not begun:
        return {"model": endpoint.model, "messages": turns}
    if endpoint.can.continues:
        messages = [*turns, {"role": "assistant", "content": begun}]
        return {"model": endpoint.model, "messages": messages} | CONTINUING
    return {"model": endpoint.model, "messages": _told_to_begin(turns, begun)}


#: Asks vLLM, SGLang, transformers and our own server to go on with the last turn.
CONTINUING: dict[str, Any] = {"add_generation_prompt": False, "continue_final_message": True}


def _told_to_begin(turns: Sequence[dict[str, str]], begun: str) -> list[dict[str, str]]:
    *before, last = turns
    return [*before, {"role": last["role"], "content": f"{last['content']}{_BEGIN_WITH}{begun}"}]


def body_of(endpoint: Endpoint, sent: str) -> tuple[str, dict[str, Any]]:
    """Return path and body of a request that continues a sent text."""
    if endpoint.can.dialect == "chat":
        return "/chat/completions", chat_body(endpoint, sent)
    return "/completions", {"model": endpoint.model, "prompt": sent}
