"""JSON files as rows: a list is read item by item and never held whole, an object is one row or the rows it names."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from workbench.errors import BadInputError
from workbench.interchange.json_values import CUT_OFF, NotJsonError
from workbench.interchange.lines import NO_OBJECT, BadRow, JsonRow
from workbench.interchange.sources.json_text import JsonText, UnfitError


def json_document_rows(stream: BinaryIO, source: str) -> Iterator[JsonRow | BadRow]:
    """Yield the rows of a JSON file, numbered from 1; BadInputError where the file is not JSON at all.

    Where a list is broken further down, the item there is a BadRow, and the last: what follows cannot be told apart.
    """
    text = JsonText(stream, source)
    try:
        if text.take("["):
            yield from _items(text)
        elif text.peek():
            yield from _rows_of_object(_whole(text))
    except NotJsonError as error:
        raise BadInputError(f"{source} cannot be read: {error}.") from error


def table_rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows an object stands for: comparisons of annotated pairs, columns, records by id, else itself."""
    comparisons = document.get("comparisons")
    if isinstance(comparisons, list) and "annotators" in document:
        shared = {"annotators": document["annotators"], "metadata_of_file": document.get("metadata")}
        return [{**(row if isinstance(row, dict) else {"row": row}), **shared} for row in comparisons]
    values = list(document.values())
    if values and all(isinstance(value, dict) and "fields" in value for value in values):
        return values
    if len(values) > 1 and all(isinstance(value, list) for value in values) and len(set(map(len, values))) == 1:
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)]
    return [document]


def _rows_of_object(document: Any) -> Iterator[JsonRow | BadRow]:
    if not isinstance(document, dict):
        yield BadRow(1, NO_OBJECT)
        return
    for number, fields in enumerate(table_rows(document), start=1):
        yield JsonRow(number, fields)


def _items(text: JsonText) -> Iterator[JsonRow | BadRow]:
    number = 0
    while not text.take("]"):
        number += 1
        try:
            _must_go_on(text, number)
            yield _row(number, text.value())
        except UnfitError as error:
            yield BadRow(number, str(error))
        except NotJsonError as error:
            if number == 1:
                raise
            yield BadRow(number, f"{error}; nothing from here on can be read")
            return
    if text.peek():
        yield BadRow(number + 1, f"{text.wrong(_AFTER_END)}; nothing from here on can be read")


_AFTER_END = "something follows the end of the list; put all rows in one list"


def _must_go_on(text: JsonText, number: int) -> None:
    if not text.peek():
        raise text.wrong(f"the list has no end{CUT_OFF}")
    if number > 1 and not text.take(","):
        raise text.wrong(f"after row {number - 1} there is neither a comma nor the end of the list")


def _whole(text: JsonText) -> Any:
    value = text.value()
    if text.peek():
        raise text.wrong("something follows its end; put the objects in a list, or each on a line of a .jsonl file")
    return value


def _row(number: int, value: Any) -> JsonRow | BadRow:
    if isinstance(value, str):
        # Lists of strings are few-shots and principles of the paper's repository.
        return JsonRow(number, {"text": value})
    return JsonRow(number, value) if isinstance(value, dict) else BadRow(number, NO_OBJECT)
