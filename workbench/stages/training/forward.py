"""Forward passes of training: only what the loss needs, over sequences padded on the right.

A causal model's real tokens never attend to padding on their right, so no attention mask is built or applied.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from threading import get_ident
from typing import Any

import torch
from torch import Tensor

from workbench.stages.training.narrowing import narrowed


def padded(sequences: Sequence[Sequence[int]], pad_id: int) -> Tensor:
    """Return sequences of token ids as one tensor [sequences, longest], padded on the right."""
    width = max(map(len, sequences))
    return torch.tensor([[*ids, *[pad_id] * (width - len(ids))] for ids in sequences])


def read_at(model: Any, pick: Callable[[Tensor], Tensor], **asked: Any) -> Any:
    """Return what a model says, its logits at the positions alone that pick takes of a tensor [batch, tokens, n].

    The head is computed on those: over a large vocabulary it is dear, and prompts of unlike length leave many positions that
    nobody asks for. What a model does to its logits afterwards (scaling, capping) it does still. Where a model computes them
    some other way, they are taken from all. Another thread may read the same model meanwhile, for something else.
    """
    taken, reader = False, get_ident()

    def take(_: Any, given: tuple[Any, ...]) -> tuple[Any, ...] | None:
        nonlocal taken
        if get_ident() != reader:
            return None
        taken = True
        return (pick(given[0]), *given[1:])

    head = model.get_output_embeddings()
    handle = head.register_forward_pre_hook(take) if head is not None else None
    try:
        with narrowed(model, pick) if handle else nullcontext():
            found = model(**asked)
    finally:
        if handle is not None:
            handle.remove()
    if not taken:
        found.logits = pick(found.logits)
    return found


def response_logits(model: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int) -> Tensor:
    """Return the logits [batch, width, vocabulary] that predict each row's response tokens, in the type the model gives them.

    input_ids is [batch, tokens]; row i's response begins at prompt_lengths[i]. What lies beyond a row's response is padding
    for the caller to mask.
    """
    found = read_at(model, _from(prompt_lengths - 1, width), input_ids=input_ids, use_cache=False)
    logits: Tensor = found.logits
    return logits


def response_values(model: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int) -> Tensor:
    """Return the value model's estimates [batch, width], each read where the response token is about to be drawn."""
    values: Tensor = _entered(model, _response_values)(input_ids, prompt_lengths, width)
    return values


def _response_values(model: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int) -> Tensor:
    body, pick = getattr(model, model.base_model_prefix), _from(prompt_lengths - 1, width)
    with narrowed(model, pick):
        hidden = body(input_ids=input_ids, use_cache=False).last_hidden_state
    values: Tensor = model.score(pick(hidden)).float()
    return values.squeeze(-1)


def response_logits_and_values(
    model: Any, head: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int
) -> tuple[Tensor, Tensor]:
    """Return response_logits and, from a value head on the model's last hidden states, response_values, in one pass."""
    pick = _from(prompt_lengths - 1, width)
    found = read_at(model, pick, input_ids=input_ids, use_cache=False, output_hidden_states=True)
    values = head(found.hidden_states[-1]).float()
    return found.logits, _aligned(values, prompt_lengths - 1, width).squeeze(-1)


def end_scores(model: Any, input_ids: Tensor, last: Tensor) -> Tensor:
    """Return a scoring model's number [batch] for each row, read at position last[i]."""
    scores: Tensor = _entered(model, _end_scores)(input_ids, last)
    return scores


def _end_scores(model: Any, input_ids: Tensor, last: Tensor) -> Tensor:
    model = model.get_base_model() if hasattr(model, "get_base_model") else model  # its adapters are inside
    body = getattr(model, model.base_model_prefix)
    rows = torch.arange(len(last), device=input_ids.device)
    with narrowed(model, lambda states: states[rows, last]):
        hidden = body(input_ids=input_ids, use_cache=False).last_hidden_state
    scores: Tensor = model.score(hidden[rows, last]).squeeze(-1).float()
    return scores


#: What reads a model by its parts rather than by calling it.
PARTS: tuple[Callable[..., Tensor], ...] = (_response_values, _end_scores)


def _entered(model: Any, part: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Return one of PARTS for a model: its own, where shards.py gave it one that brings its shards together."""
    found: Callable[..., Tensor] = getattr(model, part.__name__, None) or partial(part, model)
    return found


def response_tokens(input_ids: Tensor, prompt_lengths: Tensor, width: int) -> Tensor:
    """Return each row's response tokens [batch, width]; beyond the response they are padding or repeat the last column."""
    return _aligned(input_ids.unsqueeze(-1), prompt_lengths, width).squeeze(-1)


def _from(starts: Tensor, width: int) -> Callable[[Tensor], Tensor]:
    """Return what takes width positions of each row of a tensor, from its own start on."""
    return partial(_aligned, starts=starts, width=width)


def _aligned(tensor: Tensor, starts: Tensor, width: int) -> Tensor:
    """Return tensor [batch, positions, n] shifted row by row so that starts[i] becomes position 0."""
    index = (starts.unsqueeze(1) + torch.arange(width, device=tensor.device)).clamp(max=tensor.shape[1] - 1)
    if bool((starts == starts[0]).all()) and int(starts[0]) + width <= tensor.shape[1]:
        return tensor[:, int(starts[0]) : int(starts[0]) + width]
    return tensor.gather(1, index.unsqueeze(-1).expand(-1, -1, tensor.shape[2]))
