"""Records as rows and back: nested values become JSON, everything else keeps its column."""

import dataclasses
import json
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from json.encoder import encode_basestring_ascii
from operator import attrgetter, itemgetter
from sqlite3 import Cursor
from typing import Any, TypeVar

from workbench.records.encoding import from_data, is_plain, to_data
from workbench.records.transcript import Message

R = TypeVar("R")


_JSON = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"))


def to_row(record: Any, **more: Any) -> dict[str, Any]:
    """Return a record's fields as column values, and whatever else the row is to name, for example its run."""
    values = {name: getattr(record, name) for name in fields_of(typing.cast("Any", type(record)))}
    return {name: stored(value) for name, value in (values | more).items()}


def row_of(record: Any) -> tuple[Any, ...]:
    """Return a record's fields as column values, in the order of its fields."""
    # Most values are what a column holds already; files of a million rows come this way.
    values: tuple[Any, ...] = _values(typing.cast("Any", type(record)))(record)
    texts, others = _places(tuple(map(type, values)))
    if not "".join([values[place] for place in texts]).isascii():
        return tuple(map(stored, values))
    if not others:
        return values
    row = [*values]
    for place in others:
        row[place] = stored(row[place])
    return tuple(row)


def from_row(kind: type[R], row: Mapping[str, Any]) -> R:
    """Build a record from a row; columns that are not among its fields are passed by."""
    loads, plain = _loads(typing.cast("Any", kind))
    values = {name: row[name] if load is None else load(row[name]) for name, load in loads if name in row}
    return kind(**values) if plain else from_data(kind, values)


def records_of(kind: type[R], found: Cursor) -> list[R]:
    """Build a record from each row that a query finds; columns that are not among its fields are passed by."""
    return [*map(reading(typing.cast("Any", kind), tuple(column[0] for column in found.description)), found)]


@cache
def reading(kind: Any, columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    """Return what builds a record from a row with such columns: found out once, for rows come in tens of thousands."""
    loads, plain = _loads(kind)
    places = [columns.index(name) for name, _ in loads if name in columns]
    if not plain or len(places) < len(loads):
        return lambda row: from_row(kind, dict(zip(columns, row, strict=True)))
    fields: Callable[[Sequence[Any]], tuple[Any, ...]] = itemgetter(*places)
    loading = [(place, load) for place, (_, load) in enumerate(loads) if load is not None]
    if not loading:
        return lambda row: kind(*fields(row))

    def read(row: Sequence[Any]) -> Any:
        values = [*fields(row)]
        for place, load in loading:
            values[place] = load(values[place])
        return kind(*values)

    return read


def storable(data: Any) -> Any:
    """Return plain data with what UTF-8 cannot hold, a surrogate without its other half, replaced by U+FFFD."""
    if isinstance(data, str):
        return data if data.isascii() else data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(data, dict):
        return {storable(name): storable(value) for name, value in data.items()}
    return [storable(item) for item in data] if isinstance(data, list) else data


def stored(value: Any) -> Any:
    """Return a value as a column holds it."""
    if isinstance(value, str):
        return value if value.isascii() else storable(value)
    if value is None or type(value) is int:
        return value
    if isinstance(value, tuple | list | dict) or dataclasses.is_dataclass(value):
        return _json(value)
    if isinstance(value, bool):
        return int(value)
    # SQLite has no NaN and stores nothing in its place, so say so here rather than be surprised.
    return None if isinstance(value, float) and math.isnan(value) else value


def _json(value: Any) -> str:
    """Return nested data as JSON; a prompt's one turn, as a million rows have it, without making data of it first."""
    if type(value) is tuple and len(value) == 1 and type(value[0]) is Message:
        role, text = encode_basestring_ascii(value[0].role), encode_basestring_ascii(value[0].text)
        return f'[{{"role":{role},"text":{text}}}]'
    if not value:
        return "{}" if isinstance(value, dict) else "[]"
    return _JSON.encode(to_data(value))


#: What makes a field's value of a column's, by the field's form; a column holds all other values as they are.
_LOAD: dict[str, Callable[[Any], Any]] = {
    "json": lambda value: None if value is None else json.loads(value),
    "bool": lambda value: None if value is None else bool(value),
    "float": lambda value: math.nan if value is None else value,
}


@cache
def fields_of(kind: Any) -> tuple[str, ...]:
    """Return the names of a record's fields."""
    return tuple(field.name for field in dataclasses.fields(kind))


#: What SQLite takes as it is, a truth value as a number, NaN as nothing; texts where UTF-8 can hold them.
_HELD = (str, int, float, bool, type(None))


@cache
def _values(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    return attrgetter(*fields_of(kind))  # a record has more than one field


@cache
def _places(kinds: tuple[type, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return where texts stand among values of such kinds, and where what no column holds as it is."""
    texts = tuple(place for place, kind in enumerate(kinds) if kind is str)
    return texts, tuple(place for place, kind in enumerate(kinds) if kind not in _HELD)


@cache
def _loads(kind: Any) -> tuple[tuple[tuple[str, Callable[[Any], Any] | None], ...], bool]:
    """Return what loads each field, and whether the record is then made of nothing else: rows come in tens of thousands."""
    forms = {name: _form(hint) for name, hint in typing.get_type_hints(kind).items()}
    return tuple((name, _LOAD.get(form)) for name, form in forms.items()), is_plain(kind)


def _form(hint: Any) -> str:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inner = next(arg for arg in typing.get_args(hint) if arg is not type(None))
        return _form(inner) if _form(inner) in ("json", "bool") else "plain"
    if typing.get_origin(hint) in (tuple, list, dict, Mapping) or dataclasses.is_dataclass(hint):
        return "json"
    return {bool: "bool", float: "float"}.get(hint, "plain")
