"""Records as plain data and back: the one way a record becomes a line of JSON."""

import dataclasses
import enum
import json
import math
import types
import typing
from collections.abc import Callable, Mapping
from functools import cache, partial
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any, TypeVar

from workbench.errors import BadInputError
from workbench.records.identity import canonical_json

R = TypeVar("R")

#: How what holds nothing is spelt.
_EMPTY: dict[type[Any], str] = {tuple: "[]", list: "[]", dict: "{}"}
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))

#: Told at once: most values are one of these.
_PLAIN = frozenset({str, int, float, bool, type(None)})


def to_data(value: Any) -> Any:
    """Return a record (or a container of records) as dicts, lists, strings, numbers and None."""
    if type(value) in _PLAIN:
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names, values = _values(typing.cast("Any", type(value)))
        return {
            name: item if type(item) in _PLAIN else to_data(item)
            for name, item in zip(names, values(value), strict=True)
        }
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple | frozenset | set):
        return [to_data(item) for item in value]
    return value


def from_data(kind: type[R], data: Any) -> R:
    """Build a record of the given kind from plain data; unknown fields are an error, absent ones take their default."""
    fields, converts = _fields(typing.cast("Any", kind)), _converting(typing.cast("Any", kind))
    unknown = set(data) - fields.keys()
    if unknown:
        raise BadInputError(
            "{record} has no field {unknown}.", record=kind.__name__, unknown=", ".join(sorted(unknown))
        )
    try:
        converted = {name: convert(data[name]) for name, convert in converts if data.get(name) is not None}
        return kind(**{**data, **converted})
    except TypeError as error:
        raise BadInputError("{record} cannot be read: {error}.", record=kind.__name__, error=error) from error


def is_plain(kind: type[Any]) -> bool:
    """Say whether all fields of a record hold plain data as they are."""
    return not _converting(typing.cast("Any", kind))


def spelt(record: Any) -> str:
    """Return a record's data in its canonical spelling; where its fields hold plain data, without making that data first."""
    if not is_plain(type(record)):
        return canonical_json(to_data(record))
    template, values = _spelling(typing.cast("Any", type(record)))
    return template % tuple([
        encode_basestring(value) if type(value) is str else _spelt_value(value) for value in values(record)
    ])  # fmt: skip


def as_json(record: Any) -> str:
    """Return a record's data as JSON without blanks, its fields in their order, without making that data first."""
    template, values = _written(typing.cast("Any", type(record)))
    return template % tuple([
        encode_basestring(value) if type(value) is str else _json_value(value) for value in values(record)
    ])  # fmt: skip


def to_line(record: Any) -> str:
    """Return one line of JSON without its newline."""
    return json.dumps(to_data(record), ensure_ascii=False, separators=(",", ":"))


#: What makes a value of a field from plain data; None where plain data is the value.
_Convert = Callable[[Any], Any] | None


def _converted(convert: _Convert, value: Any) -> Any:
    return value if convert is None or value is None else convert(value)


@cache
def _values(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """Return the names of a record's fields and what gets their values."""
    names = _names(kind)
    if len(names) > 1:
        return names, attrgetter(*names)
    return names, lambda value: tuple(getattr(value, name) for name in names)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


@cache
def _spelling(kind: Any) -> tuple[str, Callable[[Any], tuple[Any, ...]]]:
    """Return what a record of plain fields is spelt like, with a hole for each of them, and what fills the holes."""
    names = sorted(_names(kind))
    return "{" + ",".join(f'"{name}":%s' for name in names) + "}", attrgetter(*names)


@cache
def _written(kind: Any) -> tuple[str, Callable[[Any], tuple[Any, ...]]]:
    """Return what a record reads like in the order of its fields, with a hole for each of them, and what fills the holes."""
    names, values = _values(kind)
    return "{" + ",".join(f'"{name}":%s' for name in names) + "}", values


def _spelt_value(value: Any) -> str:
    """Return the canonical spelling of a value."""
    return _usual(value) or canonical_json(to_data(value))


def _json_value(value: Any) -> str:
    """Return a value as JSON without blanks."""
    return _usual(value) or _JSON.encode(to_data(value))


def _usual(value: Any) -> str:
    """Return how a usual value is spelt, at once; nothing where it is another."""
    if value is None or value is False or value is True:
        return "null" if value is None else "true" if value else "false"
    if type(value) is int or (type(value) is float and math.isfinite(value)):
        return repr(value)
    return _EMPTY.get(type(value), "") if not value else ""


@cache
def _fields(kind: Any) -> dict[str, _Convert]:
    return {name: _converter(hint) for name, hint in typing.get_type_hints(kind).items()}


@cache
def _converting(kind: Any) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """Return the fields that do not hold plain data as it is, which are few, each with what reads it."""
    return tuple((name, convert) for name, convert in _fields(kind).items() if convert is not None)


def _converter(hint: Any) -> _Convert:
    """Return what reads a type hint's values: found out once per field, for records come in tens of thousands."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _converter(next(arg for arg in typing.get_args(hint) if arg is not type(None)))
    if origin is tuple:
        return _tuple_converter(typing.get_args(hint))
    if origin in (dict, Mapping):
        inner = _converter(typing.get_args(hint)[1])
        return lambda value: {key: _converted(inner, item) for key, item in value.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return partial(from_data, hint)
    return hint if isinstance(hint, type) and issubclass(hint, enum.Enum) else None


def _tuple_converter(args: tuple[Any, ...]) -> _Convert:
    if len(args) == 2 and args[1] is ...:
        inner = _converter(args[0])
        return lambda value: tuple(_converted(inner, item) for item in value)
    kinds = [_converter(arg) for arg in args]
    return lambda value: tuple(_converted(kind, item) for kind, item in zip(kinds, value, strict=True))
