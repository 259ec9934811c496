"""Rows as CSV, for spreadsheets and statistics."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from workbench.interchange.unwritable import writing


def write_csv(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows under the names of the first, beside their place and then renamed there; without rows an empty file."""
    beside = path.with_name(f".{path.name}.new")
    with writing(path):
        with beside.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]) if rows else [])
            if rows:
                writer.writeheader()
            writer.writerows(rows)
        beside.replace(path)
