"""Comparisons from other tools, as JSONL: two responses to label, or a chosen and a rejected one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from workbench.interchange.lines import BadRow, json_rows
from workbench.interchange.row_fields import BadFieldError, prompt_from, reject_misspelt, response_of
from workbench.records.comparison import Comparison, Review
from workbench.records.draws import stream_seed
from workbench.records.identity import record_id
from workbench.records.prompt import RED_TEAM, Prompt

#: Who the choice of an imported chosen/rejected row is credited to.
IMPORT_REVIEWER = "import"

_PAIR = ("prompt", "response_a", "response_b", "kind", "split")
_CHOICE = ("prompt", "chosen", "rejected", "kind", "split", "source")


@dataclass(frozen=True)
class ImportedComparison:
    """A comparison, its prompt, and the review that says which response was chosen, where the row says it."""

    prompt: Prompt
    comparison: Comparison
    review: Review | None = None


def read_comparison_rows(
    stream: BinaryIO, source: str, kind: str = RED_TEAM, split: str = "train"
) -> Iterator[ImportedComparison | BadRow]:
    """Yield the comparison of each row of `prompt, response_a, response_b` or `prompt, chosen, rejected`.

    A chosen/rejected row brings a review by "import", unless its `source` says that a machine's label chose. Which of
    the two becomes response a follows from a hash of their texts, so that the side says nothing about the choice.
    """
    for row in json_rows(stream, source):
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            yield _comparison(row.fields, source, kind, split)
        except BadFieldError as error:
            yield BadRow(row.number, str(error))


def _comparison(fields: dict[str, Any], source: str, kind: str, split: str) -> ImportedComparison:
    pair, choice = {"response_a", "response_b"} & set(fields), {"chosen", "rejected"} & set(fields)
    if pair and choice:
        raise BadFieldError("a row has either response_a and response_b or chosen and rejected, not both")
    known = _PAIR if pair else _CHOICE
    reject_misspelt(fields, known)
    first, second = (response_of(fields, name) for name in known[1:3])
    if first == second:
        raise BadFieldError("both responses are the same, so there is nothing to choose")
    prompt = prompt_from(fields, source, kind, split)
    if pair:
        return ImportedComparison(prompt, _record(prompt, first, second))
    return _chosen(prompt, first, second, machine=str(fields.get("source", "")).startswith("label"))


def _chosen(prompt: Prompt, chosen: str, rejected: str, machine: bool) -> ImportedComparison:
    comparison = _record(prompt, *_sides(prompt, chosen, rejected))
    if machine:
        return ImportedComparison(prompt, comparison)
    decision = "a" if comparison.response_a == chosen else "b"
    review_id = record_id("review", IMPORT_REVIEWER, comparison.id, decision)
    return ImportedComparison(
        prompt, comparison, Review(review_id, comparison.id, IMPORT_REVIEWER, "a" if decision == "a" else "b")
    )


def _sides(prompt: Prompt, one: str, other: str) -> tuple[str, str]:
    low, high = sorted((one, other))
    return (high, low) if stream_seed(0, prompt.id, low, high) & 1 else (low, high)


def _record(prompt: Prompt, response_a: str, response_b: str) -> Comparison:
    name = record_id("comparison", IMPORT_REVIEWER, prompt.id, response_a, response_b)
    return Comparison(name, prompt.id, response_a, response_b, source=IMPORT_REVIEWER)
