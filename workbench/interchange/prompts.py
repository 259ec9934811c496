"""Prompts as JSONL: a prompt as text or as turns."""

from collections.abc import Iterator
from typing import BinaryIO

from workbench.interchange.lines import BadRow, json_rows
from workbench.interchange.row_fields import BadFieldError, prompt_from, reject_misspelt
from workbench.records.prompt import RED_TEAM, Prompt


def read_prompt_rows(
    stream: BinaryIO, source: str, kind: str = RED_TEAM, split: str = "train"
) -> Iterator[Prompt | BadRow]:
    """Yield the prompt of each JSONL row: `prompt` (text or turns), optional `kind` and `split`; other fields are left."""
    for row in json_rows(stream, source):
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            reject_misspelt(row.fields, ("prompt", "kind", "split"))
            yield prompt_from(row.fields, source, kind, split)
        except BadFieldError as error:
            yield BadRow(row.number, error.sentence)
