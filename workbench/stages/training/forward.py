"""Forward passes of training: only what the loss needs, over sequences padded on the right.

A causal model's real tokens never attend to padding on their right, so no attention mask is built or applied.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from threading import get_ident
from typing import Any

import torch
from torch import Tensor

from workbench.models.engine import REFUSALS, keeps_plainly
from workbench.stages.training.narrowing import narrowed
from workbench.stages.training.side_by_side import SideBySide


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


def response_logits(
    model: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor | None = None
) -> Tensor:
    """Return the logits [batch, width, vocabulary] that predict each row's response tokens, in the type the model gives them.

    input_ids is [batch, tokens]; row i's response begins at prompt_lengths[i]. What lies beyond a row's response is padding
    for the caller to mask. With the rows' lengths [batch], which a model must allow (see SideBySide), padding is not computed.
    """
    with _reading(model, input_ids, lengths) as (asked, aligned):
        found = read_at(model, partial(aligned, starts=prompt_lengths - 1, width=width), **asked)
    logits: Tensor = found.logits
    return logits


def response_values(
    model: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor | None = None
) -> Tensor:
    """Return the value model's estimates [batch, width], each read where the response token is about to be drawn."""
    values: Tensor = _entered(model, _response_values)(input_ids, prompt_lengths, width, lengths)
    return values


def _response_values(
    model: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor | None = None
) -> Tensor:
    body = getattr(model, model.base_model_prefix)
    with _reading(body, input_ids, lengths) as (asked, aligned):
        pick = partial(aligned, starts=prompt_lengths - 1, width=width)
        with narrowed(model, pick):
            hidden = body(**asked).last_hidden_state
    values: Tensor = model.score(pick(hidden)).float()
    return values.squeeze(-1)


def response_logits_and_values(
    model: Any, head: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int, lengths: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Return response_logits and, from a value head on the model's last hidden states, response_values, in one pass."""
    with _reading(model, input_ids, lengths) as (asked, aligned):
        pick = partial(aligned, starts=prompt_lengths - 1, width=width)
        found = read_at(model, pick, **asked, output_hidden_states=True)
    return found.logits, pick(head(found.hidden_states[-1]).float()).squeeze(-1)


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


def reads_side_by_side(model: Any, read: Callable[..., Tensor]) -> bool:
    """Try a reading on a few short texts, side by side and padded: whether a model says the same of them."""
    if not keeps_plainly(model):
        return False
    lengths = torch.tensor([5, 12, 9])
    steps = torch.arange(int(lengths.max()))
    ids = (7 * steps + 3 * torch.arange(len(lengths)).unsqueeze(1) + 1) % model.get_input_embeddings().weight.shape[0]
    starts, width = torch.full_like(lengths, 2), int(lengths.max()) - 2
    try:
        with torch.no_grad():
            padded_, beside = (read(model, ids, starts, width, given).float() for given in (None, lengths))
    except REFUSALS:
        return False
    real = torch.arange(width) < (lengths - starts).unsqueeze(1)
    close = 5e-2 if torch.is_autocast_enabled("cpu") or model.dtype != torch.float32 else 1e-4
    return bool(torch.allclose(padded_[real], beside[real], atol=close * float(padded_.abs().max()), rtol=0))


@contextmanager
def _reading(
    model: Any, input_ids: Tensor, lengths: Tensor | None
) -> Iterator[tuple[dict[str, Any], Callable[..., Tensor]]]:
    """Yield what a model is to be called with, and what takes width positions of each row of what it says, from starts on."""
    if lengths is None:
        yield {"input_ids": input_ids, "use_cache": False}, _aligned
        return
    beside = SideBySide(input_ids, lengths)
    with beside.read_by(model) as asked:
        yield asked, beside.aligned


def _aligned(tensor: Tensor, starts: Tensor, width: int) -> Tensor:
    """Return tensor [batch, positions, n] shifted row by row so that starts[i] becomes position 0."""
    index = (starts.unsqueeze(1) + torch.arange(width, device=tensor.device)).clamp(max=tensor.shape[1] - 1)
    if bool((starts == starts[0]).all()) and int(starts[0]) + width <= tensor.shape[1]:
        return tensor[:, int(starts[0]) : int(starts[0]) + width]
    return tensor.gather(1, index.unsqueeze(-1).expand(-1, -1, tensor.shape[2]))
