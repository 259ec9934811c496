"""CSV and TSV files as rows: byte-exact cells, with the line on which a bad row begins."""

import csv
import io
from collections.abc import Iterator
from typing import BinaryIO

from workbench.errors import BadInputError
from workbench.interchange.lines import MAX_LINE_BYTES, BadRow, JsonRow
from workbench.interchange.mistaken import LOOKED_AT, refuse_mistaken
from workbench.interchange.sources.csv_lines import CsvLines
from workbench.sentences import said

_DELIMITERS = (",", ";", "\t", "|")
#: What csv says of a record, in words that say what to do.
IN_WORDS = {
    "unexpected end of data": said("a quote opens a cell that is never closed; close it, or take the quote out"),
    "expected after": said("a quote closes a cell and something follows it; write a quote within a quoted cell twice"),
}


def csv_rows(stream: BinaryIO, source: str) -> Iterator[JsonRow | BadRow]:
    """Yield a row for each record under the header's names; BadInputError where there is no usable header."""
    refuse_mistaken(stream.read(LOOKED_AT), source)
    stream.seek(0)
    # Half a character is kept as a surrogate, so that the row it is in can be named.
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    csv.field_size_limit(MAX_LINE_BYTES + 1)
    try:
        yield from _rows(text, source)
    finally:
        text.detach()


def _rows(text: io.TextIOWrapper, source: str) -> Iterator[JsonRow | BadRow]:
    first = text.readline(MAX_LINE_BYTES)
    text.seek(0)
    delimiter = max(_DELIMITERS, key=first.count)
    lines = CsvLines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        line = lines.begin_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if header is None:
                raise BadInputError(
                    "{source} has a header that cannot be read: {why}.", source=source, why=_said(error)
                ) from error
            yield BadRow(line, said("not valid CSV: {why}", why=_said(error)))
            lines.go_back()
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells, source)
        else:
            yield _row(line, header, cells)


def _said(error: csv.Error) -> str:
    told = str(error)
    return next((words for part, words in IN_WORDS.items() if part in told), told)


def _header(cells: list[str], source: str) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not all(names):
        raise BadInputError(
            "{source} has a column without a name; the first line must name every column.",
            source=source,
        )
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise BadInputError(
            "{source} names the column {twice} twice; give one of the two another name.",
            source=source,
            twice=twice,
        )
    return names


def _row(line: int, header: list[str], cells: list[str]) -> JsonRow | BadRow:
    if len(cells) != len(header):
        return BadRow(
            line,
            said(
                "it has {cells_count} cells where the header names {header_count} columns; put texts that hold the "
                "delimiter in quotes",
                cells_count=len(cells),
                header_count=len(header),
            ),
        )
    if any("\udc80" <= character <= "\udcff" for cell in cells if not cell.isascii() for character in cell):
        return BadRow(line, said("it holds bytes that are not UTF-8; save the file as UTF-8"))
    # An empty cell is CSV's way to say that there is nothing.
    return JsonRow(line, {name: cell or None for name, cell in zip(header, cells, strict=True)})
