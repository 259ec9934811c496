"""JSON files as rows: a list is read item by item and never held whole, an object is one row or the rows it names."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from workbench.errors import BadInputError
from workbench.interchange.json_values import NotJsonError
from workbench.interchange.lines import NO_OBJECT, BadRow, JsonRow
from workbench.interchange.sources.json_objects import end_of_object, rows_of_list, rows_of_object, table_rows
from workbench.interchange.sources.json_text import JsonText


def json_document_rows(stream: BinaryIO, source: str) -> Iterator[JsonRow | BadRow]:
    """Yield the rows of a JSON file, numbered from 1; BadInputError where the file is not JSON at all.

    Where a list is broken further down, the item there is a BadRow, and the last: what follows cannot be told apart.
    """
    text = JsonText(stream, source)
    try:
        if text.peek() == "[":
            yield from rows_of_list(text, _row)
        elif text.peek() == "{" and not text.is_short():
            yield from rows_of_object(text)
        elif text.peek():
            yield from _rows_of_value(text)
    except NotJsonError as error:
        raise BadInputError("{source} cannot be read: {error}.", source=source, error=error) from error


def _rows_of_value(text: JsonText) -> Iterator[JsonRow | BadRow]:
    value = text.value()
    end_of_object(text)
    if isinstance(value, dict):
        yield from (JsonRow(number, fields) for number, fields in enumerate(table_rows(value), start=1))
    else:
        yield BadRow(1, NO_OBJECT)


def _row(number: int, value: Any) -> JsonRow | BadRow:
    if isinstance(value, str):
        # Lists of strings are few-shots and principles of the paper's repository.
        return JsonRow(number, {"text": value})
    return JsonRow(number, value) if isinstance(value, dict) else BadRow(number, NO_OBJECT)
