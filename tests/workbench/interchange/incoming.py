"""Rows that are not in a file, read as a file's would be."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workbench.interchange.incoming.brought import Brought, Reading
from workbench.interchange.incoming.detection import detect
from workbench.interchange.incoming.reading import read_source
from workbench.interchange.lines import BadRow, JsonRow
from workbench.interchange.sources.opening import Source


@dataclass(frozen=True)
class Rows(Source):
    """A source of given rows, numbered from 1."""

    given: tuple[Mapping[str, Any], ...] = ()

    def rows(self) -> Iterator[JsonRow | BadRow]:
        return (JsonRow(number, dict(fields)) for number, fields in enumerate(self.given, start=1))


def source_of(*rows: Mapping[str, Any], name: str = "rows.jsonl") -> Rows:
    return Rows(name, "jsonl", given=rows)


def results_of(*rows: Mapping[str, Any], as_: str = "", format_name: str = "", name: str = "rows.jsonl") -> list[Any]:
    """Return what each row brings, or its BadRow."""
    source = source_of(*rows, name=name)
    shape = detect(source, as_, format_name)
    return [one if isinstance(one, BadRow) else one[1] for one in read_source(source, shape, Reading(name))]


def brought_by(
    *rows: Mapping[str, Any], as_: str = "", format_name: str = "", name: str = "rows.jsonl"
) -> list[Brought]:
    """Return what each row brings, all of them being good."""
    found = results_of(*rows, as_=as_, format_name=format_name, name=name)
    assert [one for one in found if isinstance(one, BadRow)] == []
    return found


def chosen_of(brought: Brought) -> tuple[str, str]:
    """Return the chosen and the rejected response of a row with one review."""
    ((comparison,), (review,)) = brought.comparisons, brought.reviews
    texts = (comparison.response_a, comparison.response_b)
    return texts if review.decision == "a" else texts[::-1]
