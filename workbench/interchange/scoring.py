"""Rows to score with a preference model, and the same rows with their scores."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from workbench.interchange.lines import BadRow, json_rows
from workbench.interchange.row_fields import BadFieldError, prompt_from, reject_misspelt, response_of
from workbench.records.prompt import RED_TEAM, Prompt

_PAIRS = (("response_a", "response_b"), ("chosen", "rejected"))


@dataclass(frozen=True)
class RowToScore:
    """A row of a file: its fields, its prompt, and its responses by the fields they stand in (one, or two to compare)."""

    fields: dict[str, Any]
    prompt: Prompt
    responses: dict[str, str]


def read_rows_to_score(stream: BinaryIO, source: str) -> Iterator[RowToScore | BadRow]:
    """Yield the rows of `prompt, response`, of `prompt, response_a, response_b` or of `prompt, chosen, rejected`."""
    for row in json_rows(stream, source):
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            yield _row(row.fields, source)
        except BadFieldError as error:
            yield BadRow(row.number, error.sentence)


def with_scores(row: RowToScore, scores: Sequence[float]) -> dict[str, Any]:
    """Return the row with `score`, or with a score for each side and the probability that the first is preferred."""
    named = dict(zip(row.responses, scores, strict=True))
    if "response" in named:
        return {**row.fields, "score": named["response"]}
    first, second = named.values()
    probability = "chosen_prob" if "chosen" in named else "probability_a"
    told = {f"score_{name.removeprefix('response_')}": value for name, value in named.items()}
    return {**row.fields, **told, f"predicted_{probability}": _sigmoid(first - second)}


def _row(fields: dict[str, Any], source: str) -> RowToScore:
    found = next((pair for pair in _PAIRS if set(pair) & set(fields)), ("response",))
    reject_misspelt(fields, ("prompt", *found))
    responses = {name: response_of(fields, name) for name in found}
    return RowToScore(fields, prompt_from({"prompt": fields.get("prompt")}, source, RED_TEAM, "train"), responses)


def _sigmoid(margin: float) -> float:
    return 1.0 / (1.0 + math.exp(-margin)) if margin >= 0 else math.exp(margin) / (1.0 + math.exp(margin))
