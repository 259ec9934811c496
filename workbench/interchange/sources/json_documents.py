"""JSON files as rows: a list is read item by item and never held whole, an object is one row or the rows it names."""

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from workbench.errors import BadInputError
from workbench.interchange.lines import BadRow, JsonRow, no_constant, unique_fields

#: An object is read whole; more than this is another kind of file.
MAX_OBJECT_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
_BLANKS = " \t\r\n"


def json_document_rows(stream: BinaryIO, source: str) -> Iterator[JsonRow | BadRow]:
    """Yield the rows of a JSON file, numbered from 1; BadInputError where the file is not JSON at all."""
    text = _Text(stream, source)
    first = text.peek()
    if first == "[":
        yield from _items(text)
    elif first:
        yield from _rows_of_object(_whole(text))


def table_rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows an object stands for: comparisons of annotated pairs, columns, records by id, else itself."""
    comparisons = document.get("comparisons")
    if isinstance(comparisons, list) and "annotators" in document:
        shared = {"annotators": document["annotators"], "metadata_of_file": document.get("metadata")}
        return [{**row, **shared} if isinstance(row, dict) else {"row": row} for row in comparisons]
    values = list(document.values())
    if values and all(isinstance(value, dict) and "fields" in value for value in values):
        return values
    if len(values) > 1 and all(isinstance(value, list) for value in values) and len(set(map(len, values))) == 1:
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)]
    return [document]


def _rows_of_object(document: Any) -> Iterator[JsonRow | BadRow]:
    if not isinstance(document, dict):
        yield BadRow(1, "the file is neither a list of objects nor an object")
        return
    for number, fields in enumerate(table_rows(document), start=1):
        yield JsonRow(number, fields)


def _items(text: "_Text") -> Iterator[JsonRow | BadRow]:
    text.take("[")
    number = 0
    while (found := text.peek()) != "]":
        if number:
            if found != ",":
                raise text.broken(f"after item {number} there is neither a comma nor the end of the list")
            text.take(",")
        number += 1
        value = text.value(f"item {number}")
        if isinstance(value, str):
            # Lists of strings are few-shots and principles of the paper's repository.
            yield JsonRow(number, {"text": value})
        elif isinstance(value, dict):
            yield JsonRow(number, value)
        else:
            yield BadRow(number, 'not a JSON object such as {"prompt": "…"}')


def _whole(text: "_Text") -> Any:
    value = text.value("the file")
    if text.peek():
        raise text.broken("something follows its end")
    return value


class _Text:
    """A stream of JSON text, read piece by piece as far as one value needs."""

    def __init__(self, stream: BinaryIO, source: str) -> None:
        self._stream, self._source = stream, source
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._json = json.JSONDecoder(object_pairs_hook=unique_fields, parse_constant=no_constant)
        self._buffer, self._at, self._ended = "", 0, False

    def peek(self) -> str:
        """Return the next character that is not blank, or nothing at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in _BLANKS:
                self._at += 1
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def take(self, character: str) -> None:
        """Pass by a character that was peeked at."""
        assert self._buffer[self._at] == character
        self._at += 1

    def value(self, what: str) -> Any:
        """Return the JSON value that comes next."""
        if not self.peek():
            raise self.broken(f"it ends before {what}")
        while True:
            try:
                value, end = self._json.raw_decode(self._buffer, self._at)
            except json.JSONDecodeError as error:
                # A value that is cut off by the end of the piece read so far looks like a broken one.
                if self._more():
                    continue
                raise self.broken(f"{what}: {error.msg}") from error
            except ValueError as error:
                raise self.broken(f"{what}: {error}") from error
            except RecursionError as error:
                raise self.broken(f"{what} is nested too deeply") from error
            if end == len(self._buffer) and self._more():
                continue  # a number may go on
            self._at = end
            return value

    def broken(self, why: str) -> BadInputError:
        """Return the error that says what is wrong with the file."""
        return BadInputError(f"{self._source} is not valid JSON: {why}.")

    def _more(self) -> bool:
        if self._ended:
            return False
        if len(self._buffer) - self._at > MAX_OBJECT_BYTES:
            raise BadInputError(
                f"{self._source} holds one value of more than {MAX_OBJECT_BYTES // 1024**2} MB; "
                "save it as JSONL, a row on each line."
            )
        # Doubling what is held keeps the work of trying again small for long values.
        data = self._stream.read(max(_CHUNK, len(self._buffer) - self._at))
        self._ended = not data
        try:
            more = self._decode.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise BadInputError(f"{self._source} is not UTF-8 text; save it as UTF-8.") from error
        self._buffer, self._at = self._buffer[self._at :] + more, 0
        return bool(data)
