"""Reading a source's rows as what they bring, and showing the first of them as a model will see them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from workbench.interchange.incoming.brought import Brought, Reading
from workbench.interchange.incoming.shapes import Shape
from workbench.interchange.lines import BadRow
from workbench.interchange.row_fields import BadFieldError
from workbench.interchange.sources.opening import Source
from workbench.records.transcript import RoleNames, plain_text

PREVIEW_ROWS = 5


@dataclass(frozen=True)
class Shown:
    """A row as a model will see it: its line, and parts with a heading each; or why it cannot be read."""

    line: int
    parts: tuple[tuple[str, str], ...] = ()
    reason: str = ""


def read_source(
    source: Source, shape: Shape, reading: Reading, only: str = ""
) -> Iterator[tuple[int, Brought] | BadRow]:
    """Yield line and records of each row, or what is wrong with it; only "prompts" leaves all but the prompts away."""
    for row in source.rows():
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            brought = read_row(row.fields, shape, reading)
        except BadFieldError as error:
            yield BadRow(row.number, error.sentence)
            continue
        yield row.number, Brought(prompts=brought.prompts) if only == "prompts" else brought


def read_row(fields: Mapping[str, Any], shape: Shape, reading: Reading) -> Brought:
    """Return what one row brings; BadFieldError with the reason where it cannot be read."""
    return shape.format.read(shape.fields(fields), reading)


def preview(
    source: Source,
    shape: Shape,
    reading: Reading,
    roles: RoleNames | None = None,
    rows: int = PREVIEW_ROWS,
    only: str = "",
) -> list[Shown]:
    """Return the first rows as a model will see them, in the words of the paper's plain text; what is left away is not shown."""
    return [shown(found, roles) for found in islice(read_source(source, shape, reading, only), rows)]


def shown(found: tuple[int, Brought] | BadRow, roles: RoleNames | None = None) -> Shown:
    """Return one row as a model will see it."""
    if isinstance(found, BadRow):
        return Shown(found.line, reason=found.reason)
    line, brought = found
    parts = [("prompt", plain_text(prompt.messages, names=roles).strip("\n")) for prompt in brought.prompts]
    chosen = {review.comparison_id: review.decision for review in brought.reviews}
    for comparison in brought.comparisons:
        decision = chosen.get(comparison.id, "")
        for side, text in (("a", comparison.response_a), ("b", comparison.response_b)):
            parts.append((f"response {side}" + (", chosen" if decision == side else ""), text))
        if decision == "tie":
            parts.append(("decision", "tie"))
    parts += [(f"{step.kind} {step.round}" if step.round else "response", step.text) for step in brought.steps]
    parts += [("answer", answer.text) for answer in brought.answers[:2]]
    for item in brought.items:
        asked = item.question or plain_text(item.messages, names=roles).strip("\n")
        parts += [("question", asked), ("right", " | ".join(item.corrects or item.correct_options)),
                  ("wrong", " | ".join(item.incorrects or item.incorrect_options))]  # fmt: skip
    return Shown(line, tuple(parts))


def named(reading: Reading, source: Source) -> Reading:
    """Return a reading that names the source."""
    return replace(reading, source=source.name)
