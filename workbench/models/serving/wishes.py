"""What a client asks, read from JSON that may hold anything: one clear sentence for each thing that cannot be done."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.errors import BadInputError
from workbench.models.language_model import LanguageModel, SampleRequest
from workbench.records.transcript import Message

_ROLES = ("system", "user", "assistant")
MOST_TOPS = 20


@dataclass(frozen=True)
class Wish:
    """A completion to draw (max_tokens 0: none, only the prompt is looked at), and what to say of its tokens."""

    prompt: str
    request: SampleRequest
    chat: bool
    stream: bool = False
    #: Likely tokens to name in each place; None: no log-probabilities at all.
    tops: int | None = None
    echo: bool = False
    prompt_tops: int | None = None
    usage: bool = True

    @property
    def draws(self) -> bool:
        """Whether anything is to be drawn."""
        return self.request.max_tokens > 0


def chat_wish(model: LanguageModel, body: Mapping[str, Any]) -> Wish:
    """Read a chat completion's request."""
    prompt = chat_prompt(model, body)
    tops = _whole(body, "top_logprobs", 0, 0, MOST_TOPS) if body.get("logprobs") else None
    return _wish(
        model, body, prompt, True, tops, _whole(body, "max_tokens", _whole(body, "max_completion_tokens", 256))
    )


def text_wish(model: LanguageModel, body: Mapping[str, Any]) -> Wish:
    """Read a plain completion's request."""
    prompt = body.get("prompt")
    if not isinstance(prompt, str):
        raise BadInputError("prompt must be one text.")
    tops = None if body.get("logprobs") in (None, False) else _whole(body, "logprobs", 0, 0, MOST_TOPS)
    return _wish(model, body, prompt, False, tops, _whole(body, "max_tokens", 16))


def chat_prompt(model: LanguageModel, body: Mapping[str, Any]) -> str:
    """Return a chat's messages as the model's text, with a turn of the assistant begun or continued."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadInputError("messages must be a list of turns, and not empty.")
    turns = [_turn(item) for item in messages]
    if body.get("continue_final_message"):
        if turns[-1].role != "assistant":
            raise BadInputError("continue_final_message needs a last turn of the assistant.")
        return model.render(turns[:-1], "assistant", turns[-1].text)
    return model.render(turns, "assistant" if body.get("add_generation_prompt", True) else None)


def _turn(item: Any) -> Message:
    role = item.get("role") if isinstance(item, dict) else None
    text = item.get("content") if isinstance(item, dict) else None
    if isinstance(text, list) and all(isinstance(part, dict) and part.get("type") == "text" for part in text):
        text = "".join(str(part.get("text", "")) for part in text)
    if role not in _ROLES or not isinstance(text, str):
        raise BadInputError("A turn has a role (system, user or assistant) and a content of text.")
    return Message(role, text)


def _wish(model: LanguageModel, body: Mapping[str, Any], prompt: str, chat: bool, tops: int | None, most: int) -> Wish:
    if body.get("n", 1) not in (None, 1):
        raise BadInputError("n must be 1; send the request several times, with different seeds.")
    seed = body.get("seed")
    request = SampleRequest(
        prompt,
        random.getrandbits(63) if seed is None else _whole(body, "seed", 0, 0, (1 << 63) - 1),
        most,
        _real(body, "temperature", 1.0),
        _stops(body) + model.stops() if chat else _stops(body),
    )
    options = body.get("stream_options")
    return Wish(
        prompt,
        request,
        chat,
        bool(body.get("stream")),
        tops,
        bool(body.get("echo")),
        None if body.get("prompt_logprobs") is None else _whole(body, "prompt_logprobs", 0, 0, MOST_TOPS),
        not body.get("stream") or (isinstance(options, dict) and bool(options.get("include_usage"))),
    )


def _stops(body: Mapping[str, Any]) -> tuple[str, ...]:
    stop = body.get("stop") or []
    stops = [stop] if isinstance(stop, str) else stop
    if not isinstance(stops, list) or not all(isinstance(text, str) and text for text in stops):
        raise BadInputError("stop must be a text or a list of texts.")
    return tuple(stops)


def _whole(body: Mapping[str, Any], name: str, default: int, least: int = 0, most: int = 1 << 20) -> int:
    value = body.get(name, default)
    value = default if value is None else int(value) if isinstance(value, bool) else value
    if not isinstance(value, int) or not least <= value <= most:
        raise BadInputError(f"{name} must be a whole number from {least} to {most}.")
    return value


def _real(body: Mapping[str, Any], name: str, default: float) -> float:
    value = body.get(name, default)
    value = default if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 10:
        raise BadInputError(f"{name} must be a number from 0 to 10.")
    return float(value)
