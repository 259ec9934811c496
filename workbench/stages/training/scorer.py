"""Scores of a preference model: one number per response, read at the token that ends its turn."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from workbench.records.transcript import Message, RoleNames
from workbench.stages.training.compute import Compute
from workbench.stages.training.forward import end_scores, padded
from workbench.stages.training.shards import whole
from workbench.stages.training.tokens import prompt_ids, response_ids
from workbench.stages.training.weights import load_preference_model, load_tokenizer, score_offset


class Scorer:
    """A preference model ready to score; differences of scores are log-odds of being preferred, zero is the training average."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        compute: Compute | None = None,
        names: RoleNames | None = None,
        batch_size: int = 32,
    ) -> None:
        self.model = model.eval()
        self.tokenizer = tokenizer
        self.compute = compute or Compute()
        self.names = names
        self.batch_size = batch_size
        self.offset = score_offset(model)

    def score(self, pairs: Sequence[tuple[Sequence[Message], str]]) -> list[float]:
        """Return the score of each (conversation, response), in order."""
        return self.score_ids(
            [
                [*prompt_ids(self.tokenizer, turns, self.names), *response_ids(self.tokenizer, text)]
                for turns, text in pairs
            ]
        )

    def reward(self, prompts: Sequence[list[int]], responses: Sequence[list[int]]) -> list[float]:
        """Return the score of each response to its prompt, both as token ids, in order."""
        return self.score_ids([prompt + response for prompt, response in zip(prompts, responses, strict=True)])

    def score_ids(self, sequences: Sequence[list[int]]) -> list[float]:
        """Return the score of each whole sequence of token ids (conversation, response, end of turn), in order.

        A sequence that comes more than once is scored once: with K responses to a prompt each stands in K - 1 comparisons.
        """
        distinct = sorted({tuple(ids) for ids in sequences}, key=lambda ids: (len(ids), ids))
        scores: dict[tuple[int, ...], float] = {}
        with whole(self.model):  # each process may have other texts
            for start in range(0, len(distinct), self.batch_size):
                rows = distinct[start : start + self.batch_size]
                scores.update(zip(rows, self._batch(rows), strict=True))
        return [scores[tuple(ids)] for ids in sequences]

    def _batch(self, sequences: Sequence[Sequence[int]]) -> list[float]:
        input_ids = padded(sequences, self.tokenizer.pad_token_id).to(self.model.device)
        last = torch.tensor([len(ids) - 1 for ids in sequences], device=input_ids.device)
        with torch.inference_mode(), self.compute.autocast():
            raw = end_scores(self.model, input_ids, last)
        return [value - self.offset for value in raw.tolist()]


def load_scorer(
    folder: Path, compute: Compute | None = None, names: RoleNames | None = None, batch_size: int = 32
) -> Scorer:
    """Load a preference model's folder, ready to score (conversation, response) pairs."""
    compute = compute or Compute()
    tokenizer = load_tokenizer(folder)
    return Scorer(load_preference_model(folder, tokenizer, compute=compute), tokenizer, compute, names, batch_size)
