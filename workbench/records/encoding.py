"""Records as plain data and back: the one way a record becomes a line of JSON."""

import dataclasses
import enum
import json
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

from workbench.errors import BadInputError

R = TypeVar("R")


def to_data(value: Any) -> Any:
    """Return a record (or a container of records) as dicts, lists, strings, numbers and None."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_data(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple | frozenset | set):
        return [to_data(item) for item in value]
    return value


def from_data(kind: type[R], data: Any) -> R:
    """Build a record of the given kind from plain data; unknown fields are an error, absent ones take their default."""
    hints = _hints(typing.cast("Any", kind))
    unknown = set(data) - set(hints)
    if unknown:
        raise BadInputError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}.")
    try:
        return kind(**{name: _convert(hints[name], item) for name, item in data.items()})
    except TypeError as error:
        raise BadInputError(f"{kind.__name__} cannot be read: {error}.") from error


def to_line(record: Any) -> str:
    """Return one line of JSON without its newline."""
    return json.dumps(to_data(record), ensure_ascii=False, separators=(",", ":"))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _convert(hint: Any, value: Any) -> Any:
    origin = typing.get_origin(hint)
    if value is None or hint is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _convert(next(arg for arg in typing.get_args(hint) if arg is not type(None)), value)
    if origin is tuple:
        args = typing.get_args(hint)
        kinds = [args[0]] * len(value) if len(args) == 2 and args[1] is ... else args
        return tuple(_convert(kind, item) for kind, item in zip(kinds, value, strict=True))
    if origin in (dict, Mapping):
        kind = typing.get_args(hint)[1]
        return {key: _convert(kind, item) for key, item in value.items()}
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return from_data(hint, value)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return hint(value)
    return value
