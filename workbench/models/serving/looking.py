"""Log-probabilities of given tokens, by plain forwards of the model; asked for seldom, so right comes before fast."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from workbench.errors import BadInputError
from workbench.models.language_model import too_long
from workbench.models.local import LocalModel
from workbench.models.scoring import question


@dataclass(frozen=True)
class Seen:
    """A token in its place: its log-probability (nats; None for a text's first), and the likeliest tokens there."""

    token: int
    logprob: float | None
    likely: tuple[tuple[int, float], ...] = ()


def look(model: LocalModel, tokens: Sequence[int], start: int, tops: int) -> list[Seen]:
    """Return what the model thought of the tokens from start on, with the `tops` likeliest in each place.

    Raises NoRoomError where there are more tokens than the model holds.
    """
    _require_room(model, len(tokens))
    first = max(start, 1)
    ids = torch.tensor([list(tokens)], device=model.model.device)
    with torch.inference_mode():
        logits = model.model(ids[:, :-1] if len(tokens) > 1 else ids, use_cache=False).logits[0, first - 1 :]
        logprobs = logits.float().log_softmax(-1)
    seen = [] if start > 0 else [Seen(tokens[0], None)]
    for row, token in enumerate(tokens[first:]):
        best = logprobs[row].topk(tops) if tops else None
        likely = tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True)) if best is not None else ()
        seen.append(Seen(token, float(logprobs[row, token]), likely))
    return seen


def label_probabilities(
    model: LocalModel, prompts: Sequence[Sequence[int]], labels: Sequence[int]
) -> list[tuple[float, ...]]:
    """Return for each prompt (token ids) the probabilities of the label tokens as its next, normalised over them."""
    size = int(model.model.config.get_text_config().vocab_size)
    if len(set(labels)) < 2 or not all(0 <= token < size for token in labels):
        raise BadInputError("label_token_ids must be at least two different tokens of the model.")
    if not all(prompt and all(0 <= token < size for token in prompt) for prompt in prompts):
        raise BadInputError("query and items must together hold tokens of the model.")
    _require_room(model, max(map(len, prompts)) + 1)
    asked = [question([[*prompt, label] for label in labels]) for prompt in prompts]
    return [tuple(map(math.exp, scores)) for scores in model.score(asked)]


def _require_room(model: LocalModel, tokens: int) -> None:
    if tokens > model.room:
        raise too_long(tokens, model.room)


def spelled(model: LocalModel, token: int) -> str:
    """Return a token as text."""
    return str(model.tokenizer.decode([token], clean_up_tokenization_spaces=False))


def chat_logprobs(model: LocalModel, seen: Sequence[Seen]) -> dict[str, Any]:
    """Return tokens as a chat completion names them."""
    return {"content": [_named(model, one.token, one.logprob) | {
        "top_logprobs": [_named(model, token, value) for token, value in one.likely]
    } for one in seen]}  # fmt: skip


def _named(model: LocalModel, token: int, value: float | None) -> dict[str, Any]:
    text = spelled(model, token)
    return {"token": text, "logprob": value, "bytes": list(text.encode("utf-8", "surrogatepass"))}


def text_logprobs(model: LocalModel, seen: Sequence[Seen], start: int = 0) -> dict[str, Any]:
    """Return tokens as a plain completion names them: parallel lists, with each token's place in the text."""
    tokens = [spelled(model, one.token) for one in seen]
    offsets, at = [], start
    for token in tokens:
        offsets.append(at)
        at += len(token)
    return {
        "tokens": tokens,
        "token_logprobs": [one.logprob for one in seen],
        "top_logprobs": [
            None if one.logprob is None else {spelled(model, token): value for token, value in one.likely}
            for one in seen
        ],
        "text_offset": offsets,
    }


def prompt_logprobs(model: LocalModel, seen: Sequence[Seen]) -> list[dict[str, Any] | None]:
    """Return a prompt's tokens as vLLM names them: by id, the prompt's own first."""
    named: list[dict[str, Any] | None] = []
    for one in seen:
        if one.logprob is None:
            named.append(None)
            continue
        places = {one.token: one.logprob} | {token: value for token, value in one.likely if token != one.token}
        named.append(
            {str(token): {"logprob": value, "decoded_token": spelled(model, token)} for token, value in places.items()}
        )
    return named
