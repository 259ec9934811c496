"""Forward passes of training: only what the loss needs, over sequences padded on the right.

A causal model's real tokens never attend to padding on their right, so no attention mask is built or applied.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor


def padded(sequences: Sequence[Sequence[int]], pad_id: int) -> Tensor:
    """Return sequences of token ids as one tensor [sequences, longest], padded on the right."""
    width = max(map(len, sequences))
    return torch.tensor([[*ids, *[pad_id] * (width - len(ids))] for ids in sequences])


def response_logits(model: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int) -> Tensor:
    """Return the logits [batch, width, vocabulary] that predict each row's response tokens.

    input_ids is [batch, tokens]; row i's response begins at prompt_lengths[i]. The head is computed from the first position
    that predicts a response token in any row; what lies beyond a row's response is padding for the caller to mask.
    """
    first = int(prompt_lengths.min()) - 1
    logits = model(input_ids=input_ids, use_cache=False, logits_to_keep=input_ids.shape[1] - first).logits
    return _aligned(logits.float(), prompt_lengths - 1 - first, width)


def response_values(model: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int) -> Tensor:
    """Return the value model's estimates [batch, width], each read where the response token is about to be drawn."""
    body = getattr(model, model.base_model_prefix)
    hidden = body(input_ids=input_ids, use_cache=False).last_hidden_state
    values = model.score(hidden).float()
    return _aligned(values, prompt_lengths - 1, width).squeeze(-1)


def response_logits_and_values(
    model: Any, head: Any, input_ids: Tensor, prompt_lengths: Tensor, width: int
) -> tuple[Tensor, Tensor]:
    """Return response_logits and, from a value head on the model's last hidden states, response_values, in one pass."""
    first = int(prompt_lengths.min()) - 1
    found = model(
        input_ids=input_ids, use_cache=False, logits_to_keep=input_ids.shape[1] - first, output_hidden_states=True
    )
    values = head(found.hidden_states[-1]).float()
    logits = _aligned(found.logits.float(), prompt_lengths - 1 - first, width)
    return logits, _aligned(values, prompt_lengths - 1, width).squeeze(-1)


def end_scores(model: Any, input_ids: Tensor, last: Tensor) -> Tensor:
    """Return a scoring model's number [batch] for each row, read at position last[i]."""
    model = model.get_base_model() if hasattr(model, "get_base_model") else model  # its adapters are inside
    body = getattr(model, model.base_model_prefix)
    hidden = body(input_ids=input_ids, use_cache=False).last_hidden_state
    at_end = hidden[torch.arange(len(last), device=input_ids.device), last]
    scores: Tensor = model.score(at_end).squeeze(-1).float()
    return scores


def token_logprobs(logits: Tensor, tokens: Tensor) -> Tensor:
    """Return the log-probability (nats) of each token [batch, width] under logits [batch, width, vocabulary]."""
    chosen = logits.gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
    return chosen - logits.logsumexp(-1)


def response_tokens(input_ids: Tensor, prompt_lengths: Tensor, width: int) -> Tensor:
    """Return each row's response tokens [batch, width]; beyond the response they are padding or repeat the last column."""
    return _aligned(input_ids.unsqueeze(-1), prompt_lengths, width).squeeze(-1)


def _aligned(tensor: Tensor, starts: Tensor, width: int) -> Tensor:
    """Return tensor [batch, positions, n] shifted row by row so that starts[i] becomes position 0."""
    index = (starts.unsqueeze(1) + torch.arange(width, device=tensor.device)).clamp(max=tensor.shape[1] - 1)
    if bool((starts == starts[0]).all()) and int(starts[0]) + width <= tensor.shape[1]:
        return tensor[:, int(starts[0]) : int(starts[0]) + width]
    return tensor.gather(1, index.unsqueeze(-1).expand(-1, -1, tensor.shape[2]))
