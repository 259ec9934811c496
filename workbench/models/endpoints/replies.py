"""What may go wrong with an answer, and answers read with distrust: a server may say anything."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.errors import WorkbenchError
from workbench.sentences import said

#: Longest text taken from one answer, in characters; longer ones are cut and count as unfinished.
MOST_TEXT = 1 << 20
_EXCERPT = 160
#: By which status and words servers refuse what is too long: OpenAI's code and llama.cpp's, then the sentences of vLLM,
#: SGLang, TGI and others, who have no code for it.
_REFUSALS = frozenset({400, 413, 422})
_NO_ROOM = re.compile(
    r"context_length_exceeded|exceed_context_size|context (length|size|window)|max(imum)?[_ ](model[_ ]|context[_ ])len"
    r"|max_new_tokens. must be <=|too large for model",
    re.IGNORECASE,
)


class EndpointError(WorkbenchError):
    """An endpoint cannot be used; the text says which, why, and what helps."""


class Trouble(Exception):  # noqa: N818 - it is told as an EndpointError where trying again does not help
    """One try failed; lasting says that the same request would fail again at every replica, no_room that it is too long.

    other_key says that it was refused for the key it came with.
    """

    def __init__(
        self, why: str, lasting: bool = False, wait: float = 0.0, no_room: bool = False, other_key: bool = False
    ) -> None:
        super().__init__(why)
        self.why = why
        self.lasting = lasting
        self.wait = wait
        self.no_room = no_room
        self.other_key = other_key


def means_no_room(status: int, body: bytes) -> bool:
    """Say whether a refusal means that the prompt, or prompt and answer together, are longer than what the model holds."""
    return status in _REFUSALS and bool(_NO_ROOM.search(body.decode("utf-8", "replace")))


def parsed(body: bytes) -> dict[str, Any]:
    """Return a JSON object, or Trouble with what came instead."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Trouble(said("it answered with something that is not JSON: {excerpt}", excerpt=excerpt(body))) from error
    if not isinstance(data, dict):
        raise Trouble(said("it answered with JSON of the wrong shape: {excerpt}", excerpt=excerpt(body)))
    if isinstance(data.get("error"), dict | str) and data.get("error"):
        raise Trouble(said("it answered with an error: {excerpt}", excerpt=excerpt(json.dumps(data["error"]).encode())))
    return data


def complaint(body: bytes) -> str:
    """Return what a server says is wrong: the message in the usual shapes of JSON, or the beginning of what it sent."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return excerpt(body)
    for name in ("error", "message", "detail"):
        if isinstance(data, dict):
            data = data.get(name, data)
    return excerpt(data.encode("utf-8", "replace") if isinstance(data, str) else body)


def excerpt(body: bytes) -> str:
    """Return the beginning of what a server said, fit to be shown."""
    text = "".join(c if c.isprintable() else " " for c in body[: 4 * _EXCERPT].decode("utf-8", "replace"))
    return text[:_EXCERPT] + ("…" if len(text) > _EXCERPT else "") if text.strip() else "nothing"


def first_choice(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first choice of a completion."""
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Trouble(said("its answer holds no choices"))
    return choices[0]


def text_of(choice: Mapping[str, Any]) -> tuple[str, bool]:
    """Return a choice's text, and whether it is whole; a chat's `content` may be null where nothing was said."""
    message = choice.get("message")
    text = message.get("content") if isinstance(message, dict) else choice.get("text")
    if text is None:
        text = ""
    if not isinstance(text, str):
        raise Trouble(said("its answer holds no text"))
    text = text.encode("utf-8", "replace").decode("utf-8")  # halves of letters cannot be saved
    return text[:MOST_TEXT], choice.get("finish_reason") != "length" and len(text) <= MOST_TEXT


def number(value: Any) -> float:
    """Return a log-probability; Trouble for anything that is none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise Trouble(said("its log-probabilities are not numbers"))
    return min(float(value), 0.0)


def spoken_logprobs(choice: Mapping[str, Any]) -> list[tuple[str, dict[str, float]]]:
    """Return each token of a choice with the likely tokens in its place; empty where the server left them out.

    A chat answers with `content`, a plain completion with parallel lists.
    """
    found = choice.get("logprobs")
    if not isinstance(found, dict):
        return []
    content = found.get("content")
    if isinstance(content, list):
        return [_entry(item) for item in content if isinstance(item, dict)]
    tokens, tops = found.get("tokens"), found.get("top_logprobs")
    if isinstance(tokens, list) and isinstance(tops, list):
        return [
            (str(token), {str(name): number(value) for name, value in top.items()})
            for token, top in zip(tokens, tops, strict=False)
            if isinstance(top, dict)
        ]
    return []


def _entry(item: Mapping[str, Any]) -> tuple[str, dict[str, float]]:
    likely = item.get("top_logprobs")
    tops = {str(one.get("token")): number(one.get("logprob")) for one in likely or () if isinstance(one, dict)}
    token = str(item.get("token"))
    tops.setdefault(token, number(item.get("logprob")))
    return token, tops


def echoed(choice: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the tokens of an echoed text with their log-probabilities; the first has none and counts as certain."""
    found = choice.get("logprobs")
    tokens = found.get("tokens") if isinstance(found, dict) else None
    values = found.get("token_logprobs") if isinstance(found, dict) else None
    if not isinstance(tokens, list) or not isinstance(values, list) or len(tokens) != len(values) or not tokens:
        raise Trouble(said("it does not give the log-probabilities of a text that was given"))
    return [(str(token), 0.0 if value is None else number(value)) for token, value in zip(tokens, values, strict=True)]


def prompt_logprobs(data: Mapping[str, Any]) -> list[tuple[str, float]]:
    """Return the tokens of a prompt with their log-probabilities, as vLLM gives them: the prompt's own token comes first."""
    found = data.get("prompt_logprobs")
    if found is None:
        found = first_choice(data).get("prompt_logprobs")
    if not isinstance(found, list) or not any(isinstance(item, dict) and item for item in found):
        raise Trouble(said("it does not give the log-probabilities of a prompt"))
    pairs: list[tuple[str, float]] = []
    for item in found:
        if not isinstance(item, dict) or not item:
            pairs.append(("", 0.0))
            continue
        token, value = next(iter(item.items()))
        pairs.append((str(token), number(value.get("logprob") if isinstance(value, dict) else value)))
    return pairs


def token_ids(data: Mapping[str, Any]) -> list[int]:
    """Return the tokens a server made of a text."""
    found = data.get("tokens")
    if not isinstance(found, list) or not found or not all(type(token) is int for token in found):
        raise Trouble(said("it does not say which tokens a text has"))
    return found


def scores(data: Mapping[str, Any], count: int) -> list[float]:
    """Return the probabilities of `count` tokens, from SGLang's `scores` or, for the first of two, from vLLM's `data`."""
    found = data.get("scores")
    if isinstance(found, list) and found and isinstance(found[0], list):
        values = found[0]
    else:
        items = data.get("data")
        if count != 2 or not isinstance(items, list) or not items or not isinstance(items[0], dict):
            raise Trouble(said("its scores have another shape than expected"))
        first = items[0].get("score")
        values = [first, 1 - first] if isinstance(first, int | float) else []
    numbers = [float(value) for value in values if isinstance(value, int | float) and 0 <= value <= 1]
    if len(numbers) != count:
        raise Trouble(said("its scores are not probabilities"))
    return numbers


def usage(data: Mapping[str, Any], name: str) -> int:
    """Return a number of tokens as the server counted them, 0 where it did not."""
    found = data.get("usage")
    value = found.get(name) if isinstance(found, dict) else None
    return value if type(value) is int and value >= 0 else 0


def names_of(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the entries of a server's list of models."""
    found: Sequence[Any] = data.get("data") if isinstance(data.get("data"), list) else []  # type: ignore[assignment]
    return [item for item in found if isinstance(item, dict) and isinstance(item.get("id"), str)]
