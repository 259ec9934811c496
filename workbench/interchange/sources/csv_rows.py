"""CSV and TSV files as rows: byte-exact cells, with the line on which a bad row begins."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from workbench.errors import BadInputError
from workbench.interchange.lines import MAX_LINE_BYTES, BadRow, JsonRow

_DELIMITERS = (",", ";", "\t", "|")


def csv_rows(stream: BinaryIO, source: str) -> Iterator[JsonRow | BadRow]:
    """Yield a row for each record under the header's names; BadInputError where there is no usable header."""
    start = stream.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInputError(f"{source} is UTF-16 text; save it as CSV in UTF-8.")
    stream.seek(0)
    # Half a character is kept as a surrogate, so that the row it is in can be named.
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    csv.field_size_limit(MAX_LINE_BYTES)
    try:
        yield from _rows(text, source)
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper, source: str) -> Iterator[JsonRow | BadRow]:
    first = text.readline(MAX_LINE_BYTES)
    text.seek(0)
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if header is None:
                raise BadInputError(f"{source} has a header that cannot be read: {error}.") from error
            yield BadRow(line, f"not valid CSV: {error}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells, source)
        else:
            yield _row(line, header, cells)


def _header(cells: list[str], source: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not all(names):
        raise BadInputError(f"{source} has a column without a name; the first line must name every column.")
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise BadInputError(f"{source} names the column {twice} twice.")
    return names


def _row(line: int, header: list[str], cells: list[str]) -> JsonRow | BadRow:
    if len(cells) != len(header):
        return BadRow(line, f"it has {len(cells)} cells where the header names {len(header)} columns")
    if any("\udc80" <= character <= "\udcff" for cell in cells if not cell.isascii() for character in cell):
        return BadRow(line, "it holds bytes that are not UTF-8")
    # An empty cell is CSV's way to say that there is nothing.
    return JsonRow(line, {name: cell or None for name, cell in zip(header, cells, strict=True)})
