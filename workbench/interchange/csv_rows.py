"""Rows as CSV, for spreadsheets and statistics."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.interchange.unwritable import writing

#: A text that begins so is a formula to a spreadsheet, which would work it out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, rows: Sequence[Mapping[str, object]], names: Sequence[str] = ()) -> None:
    """Write rows under these names, or those of the first row, beside their place and then renamed there.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, by which spreadsheets mark a text.
    """
    beside = path.with_name(f".{path.name}.new")
    names = names or list(rows[0] if rows else ())
    with writing(path):
        with beside.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, names)
            if names:
                writer.writeheader()
            writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
        beside.replace(path)


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
