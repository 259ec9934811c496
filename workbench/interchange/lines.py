"""Lines of a file as text, one at a time and bounded: byte-exact, with what is wrong said line by line."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from workbench.errors import BadInputError

#: A line longer than this is no prompt and would have to be held in memory whole.
MAX_LINE_BYTES = 16 * 1024 * 1024

_UTF8_BOM = b"\xef\xbb\xbf"
#: UTF-32's little-endian mark begins with UTF-16's, so this finds both.
_OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


@dataclass(frozen=True)
class BadRow:
    """A line that could not be read: its number from 1, and why."""

    line: int
    reason: str


class Line(NamedTuple):
    """A line's number from 1 and its text without the line end."""

    number: int
    text: str


class JsonRow(NamedTuple):
    """A line's number from 1 and the JSON object on it."""

    number: int
    fields: dict[str, Any]


def text_lines(stream: BinaryIO, source: str) -> Iterator[Line | BadRow]:
    """Yield the lines that are not blank; LF and CRLF end a line, a UTF-8 mark at the beginning is left out.

    BadInputError where the file is not UTF-8 as a whole (UTF-16); a single bad line is a BadRow.
    """
    for number, data in enumerate(_raw_lines(stream), start=1):
        text = _text(number, data, source)
        if text is not None:
            yield Line(number, text) if isinstance(text, str) else text


def json_rows(stream: BinaryIO, source: str) -> Iterator[JsonRow | BadRow]:
    """Yield the JSON object of each line that is not blank."""
    for number, data in enumerate(_raw_lines(stream), start=1):
        text = _text(number, data, source)
        if text is not None:
            yield _json_row(number, text) if isinstance(text, str) else text


def _text(number: int, data: bytes, source: str) -> str | BadRow | None:
    """Return the text of a line, what is wrong with it, or None where it is blank."""
    if number == 1:
        if data.startswith(_OTHER_BOMS):
            raise BadInputError(f"{source} is UTF-16 or UTF-32 text; save it as UTF-8.")
        data = data.removeprefix(_UTF8_BOM)
    if len(data) > MAX_LINE_BYTES:
        return BadRow(number, f"the line is longer than {MAX_LINE_BYTES // 1024**2} MB")
    try:
        text = data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as error:
        return BadRow(number, f"byte {error.start + 1} of the line is not UTF-8")
    return text if text.strip() else None


def _raw_lines(stream: BinaryIO) -> Iterator[bytes]:
    while data := stream.readline(MAX_LINE_BYTES + 1):
        while len(data) > MAX_LINE_BYTES and not data.endswith(b"\n"):
            # The rest of an over-long line is read away piece by piece, and never held.
            rest = stream.readline(MAX_LINE_BYTES)
            if not rest or rest.endswith(b"\n"):
                break
        yield data


def _json_row(number: int, text: str) -> JsonRow | BadRow:
    try:
        data = _decoded(text)
    except json.JSONDecodeError as error:
        return BadRow(number, f"not valid JSON: {error.msg} at column {error.colno}")
    except ValueError as error:
        return BadRow(number, str(error))
    except RecursionError:
        return BadRow(number, "the JSON is nested too deeply")
    if not isinstance(data, dict):
        return BadRow(number, 'not a JSON object such as {"prompt": "…"}')
    return JsonRow(number, data)


def _decoded(text: str) -> Any:
    """Return what a line holds, the quick way where it begins and ends with it, which nearly all do."""
    if text.startswith("{"):
        data, end = _DECODER.raw_decode(text)
        if end == len(text):
            return data
    return _DECODER.decode(text)


def unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's fields; ValueError where one is there twice, since one of the two values would be lost."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice} is there twice")
    return fields


def no_constant(name: str) -> Any:
    """Refuse NaN and the infinities, which are not JSON."""
    raise ValueError(f"{name} is not valid JSON")


#: Made once: making one for each line takes as long as reading it.
_DECODER = json.JSONDecoder(object_pairs_hook=unique_fields, parse_constant=no_constant)
