"""Opening whatever holds rows: its kind is told by its name, what is in it is told by looking."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from workbench.errors import BadInputError
from workbench.interchange.lines import MAX_LINE_BYTES, BadRow, JsonRow, Line, json_rows, text_lines
from workbench.interchange.sources.csv_rows import csv_rows
from workbench.interchange.sources.datasets_rows import datasets_rows, parts
from workbench.interchange.sources.json_documents import json_document_rows
from workbench.interchange.sources.parquet_rows import parquet_rows
from workbench.interchange.sources.places import bytes_of, is_folder
from workbench.interchange.unreadable import why
from workbench.sentences import said

#: How a file's rows are laid out, by the end of its name; .gz may follow.
LAYOUTS = {
    ".txt": "lines",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}


@dataclass(frozen=True)
class Source:
    """Something that holds rows, which can be gone through as often as one likes."""

    place: str
    layout: str
    part: str = ""
    #: What a person calls it, where that is not the file's or folder's name.
    called: str = ""

    @property
    def name(self) -> str:
        """What a person calls it: the file's name, or the data set's."""
        return self.called or Path(self.place).name

    @property
    def stem(self) -> str:
        """The name without its endings."""
        return Path(self.name.partition("@")[0] if self.called else self.name).name.split(".")[0]

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts one can choose from, for data sets."""
        return parts(self.place, self.called) if self.layout == "datasets" else ()

    @property
    def unit(self) -> str:
        """What the number of a row counts: lines of the file, or rows."""
        return "line" if self.layout in ("lines", "jsonl", "csv") else "row"

    @property
    def stamp(self) -> tuple[int, ...]:
        """What changes when the file is written; nothing for a folder, or where the file is gone, which reading it tells."""
        path = Path(self.place)
        if not path.is_file():
            return ()
        state = path.stat()
        return (state.st_ino, state.st_size, state.st_mtime_ns)

    def rows(self) -> Iterator[JsonRow | BadRow]:
        """Yield the rows from the first on; BadInputError where it cannot be read."""
        if self.layout == "datasets":
            yield from datasets_rows(self.place, self.part, self.called)
        elif self.layout == "parquet":
            yield from parquet_rows(Path(self.place))
        else:
            yield from self._rows_of_text()

    def _rows_of_text(self) -> Iterator[JsonRow | BadRow]:
        number = 0
        try:
            with bytes_of(Path(self.place), self.name) as stream:
                for row in self._laid_out(stream):
                    number = row[0] if isinstance(row, JsonRow) else row.line
                    yield row
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            if not number:
                raise BadInputError(
                    "{name} is damaged: gzip cannot unpack it. Fetch or copy it again.", name=self.name
                ) from error
            yield BadRow(
                number + 1,
                said("from here on the file is damaged and cannot be unpacked; fetch or copy it again"),
            )
        except OSError as error:
            raise BadInputError("{place} cannot be read: {why}.", place=self.place, why=why(error)) from error

    def _laid_out(self, stream: BinaryIO) -> Iterator[JsonRow | BadRow]:
        if self.layout == "lines":
            return (row if isinstance(row, BadRow) else _line(row) for row in text_lines(stream, self.name))
        if self.layout == "csv":
            return csv_rows(stream, self.name)
        if _is_document(stream, self.layout):
            return json_document_rows(stream, self.name)
        return json_rows(stream, self.name)


def open_source(place: str, part: str = "", called: str = "") -> Source:
    """Return what holds the rows; MissingError where there is nothing, BadInputError where it holds no rows we know."""
    if is_folder(place):
        return Source(place, "datasets", part, called)
    path = Path(place)
    if part:
        raise BadInputError("{called} is one file and has no parts; leave --part out.", called=called or path.name)
    name = path.name.lower().removesuffix(".gz")
    layout = LAYOUTS.get(Path(name).suffix)
    if layout is None:
        raise BadInputError(
            "{path} is no kind of file that holds rows; those end in {layouts}. Rename it, or save it as one.",
            path=path.name,
            layouts=", ".join(LAYOUTS),
        )
    return Source(place, layout, called=called)


def _is_document(stream: BinaryIO, layout: str) -> bool:
    """Say whether a file of JSON is one document; neither .json nor .jsonl is always what its name says.

    The datasets library writes a row on each line into a file of any name, and the red-team attempts of hh-rlhf are a list in
    a file named .jsonl.
    """
    first, then = stream.readline(MAX_LINE_BYTES), stream.readline(MAX_LINE_BYTES)
    stream.seek(0)
    first = first.removeprefix(b"\xef\xbb\xbf").strip()
    if layout == "jsonl":
        return first.startswith(b"[") and first[1:].lstrip()[:1] in (b"", b"{", b'"')
    if not (first.startswith(b"{") and then.lstrip().startswith(b"{")):
        return True
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return False


def _line(line: Line) -> JsonRow:
    return JsonRow(line.number, {"prompt": line.text})
