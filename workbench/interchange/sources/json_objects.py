"""A long JSON object as rows, of which no more than one is held: its lists are passed by first, and gone back to.

It holds comparisons of annotated pairs, records by id, or a list for each column; whatever else it holds is one row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.interchange.json_values import NotJsonError
from workbench.interchange.lines import NO_OBJECT, BadRow, JsonRow
from workbench.interchange.sources.json_text import JsonText, Mark, UnfitError
from workbench.sentences import said

#: So much is read ahead for all columns together.
_AHEAD, _LEAST = 1024 * 1024, 4096
_NOTHING_MORE = said("nothing from here on can be read")
_FOLLOWS = said("something follows its end; put the objects in a list, or each on a line of a .jsonl file")


@dataclass(frozen=True)
class _List:
    """A list that was passed by: where it begins, and how many items it has."""

    begins: Mark
    items: int


def end_of_object(text: JsonText) -> None:
    """Refuse what follows an object."""
    if text.peek():
        raise text.wrong(_FOLLOWS)


def table_rows(document: Mapping[str, Any]) -> list[Any]:
    """Return the rows an object stands for: comparisons of annotated pairs, columns, records by id, else itself."""
    comparisons = document.get("comparisons")
    if isinstance(comparisons, list) and "annotators" in document:
        return [annotated(row, document["annotators"]) for row in comparisons]
    values = list(document.values())
    if values and all(map(_is_record, values)):
        return values
    if len(values) > 1 and all(isinstance(value, list) for value in values) and len(set(map(len, values))) == 1:
        return [dict(zip(document, row, strict=True)) for row in zip(*values, strict=True)]
    return [document]


def annotated(row: Any, annotators: Any) -> dict[str, Any]:
    """Return a comparison with the annotators of its file beside it."""
    return {**(row if isinstance(row, dict) else {"row": row}), "annotators": annotators}


def rows_of_object(text: JsonText) -> Iterator[JsonRow | BadRow]:
    """Yield the rows of a long object; NotJsonError where it is broken before there was a row."""
    found: dict[str, Any] = {}
    names = text.members()

    def rest() -> None:
        for _ in names:
            _pass_by(text) if text.peek() == "[" else text.value()
        end_of_object(text)

    for name in names:
        if name in found:
            raise UnfitError("the field {name} is there twice; take one out", name=name)
        if text.peek() != "[":
            found[name] = text.value()
        elif name == "comparisons" and "annotators" in found:
            yield from _to_the_end(_comparisons(text, found["annotators"]), rest)
            return
        else:
            found[name] = _pass_by(text)
        if len(found) == 2 and all(map(_is_record, found.values())):
            yield from _to_the_end(_records(text, list(found.values()), names), rest)
            return
    end_of_object(text)
    yield from _rows_of(text, found)


def rows_of_list(text: JsonText, made: Callable[[int, Any], JsonRow | BadRow]) -> Iterator[JsonRow | BadRow]:
    """Yield what is made of each item of a list; where it breaks off after the first, that is the last row."""

    def rest() -> None:
        if text.peek():
            raise text.wrong(said("something follows the end of the list; put all rows in one list"))

    return _to_the_end(_made(text, made), rest)


def _made(text: JsonText, made: Callable[[int, Any], JsonRow | BadRow]) -> Iterator[JsonRow | BadRow]:
    for number, value in enumerate(text.items(), start=1):
        yield BadRow(number, str(value)) if isinstance(value, UnfitError) else made(number, value)


def _to_the_end(rows: Iterator[JsonRow | BadRow], rest: Callable[[], None]) -> Iterator[JsonRow | BadRow]:
    """Yield rows and see to what follows them; where the text breaks off after the first row, that is the last one."""
    number, whole = 0, False
    try:
        for row in rows:
            number += 1
            yield row
        whole = True
        rest()
    except NotJsonError as error:
        if not (number or whole):
            raise
        yield BadRow(number + 1, f"{error}; {_NOTHING_MORE}")


def _comparisons(text: JsonText, annotators: Any) -> Iterator[JsonRow | BadRow]:
    return _made(text, lambda number, row: JsonRow(number, annotated(row, annotators)))


def _records(text: JsonText, begun: Sequence[Any], names: Iterator[str]) -> Iterator[JsonRow | BadRow]:
    number = len(begun)
    yield from (JsonRow(place, record) for place, record in enumerate(begun, start=1))
    for _ in names:
        number += 1
        try:
            value = text.value()
        except UnfitError as error:
            yield BadRow(number, error.sentence)
        else:
            yield JsonRow(number, value) if isinstance(value, dict) else BadRow(number, NO_OBJECT)


def _rows_of(text: JsonText, found: Mapping[str, Any]) -> Iterator[JsonRow | BadRow]:
    """Yield the rows of an object that was passed by, with marks in place of its lists."""
    comparisons, lists = found.get("comparisons"), [one for one in found.values() if isinstance(one, _List)]
    if isinstance(comparisons, _List) and "annotators" in found:
        yield from _comparisons(text.again(comparisons.begins), _whole(text, found["annotators"]))
    elif len(lists) == len(found) > 1 and len({one.items for one in lists}) == 1:
        columns = [text.again(one.begins, max(_LEAST, _AHEAD // len(lists))).items() for one in lists]
        yield from _side_by_side(tuple(found), columns)
    elif found and all(map(_is_record, found.values())):
        yield from (JsonRow(number, record) for number, record in enumerate(found.values(), start=1))
    else:
        yield JsonRow(1, {name: _whole(text, value) for name, value in found.items()})


def _side_by_side(names: Sequence[str], columns: Sequence[Iterator[Any]]) -> Iterator[JsonRow | BadRow]:
    for number, cells in enumerate(zip(*columns, strict=True), start=1):
        unfit = next((cell for cell in cells if isinstance(cell, UnfitError)), None)
        yield JsonRow(number, dict(zip(names, cells, strict=True))) if unfit is None else BadRow(number, str(unfit))


def _whole(text: JsonText, value: Any) -> Any:
    return text.again(value.begins).value() if isinstance(value, _List) else value


def _pass_by(text: JsonText) -> _List:
    return _List(text.mark(), sum(1 for _ in text.items()))


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and "fields" in value
