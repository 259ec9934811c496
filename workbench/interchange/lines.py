"""Lines of a file as text, one at a time and bounded: byte-exact, with what is wrong said line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple

from workbench.interchange.json_values import CUT_OFF, NotJsonError, SpellingError, whole_value
from workbench.interchange.mistaken import LOOKED_AT, refuse_mistaken
from workbench.sentences import said

#: A line longer than this is no prompt and would have to be held in memory whole.
MAX_LINE_BYTES = 16 * 1024 * 1024

NO_OBJECT = said('it is no JSON object such as {"prompt": "…"}')
_UTF8_BOM = b"\xef\xbb\xbf"


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

    BadInputError where the file is something else than text in UTF-8; a single bad line is a BadRow.
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
            yield _json_row(number, text, not data.endswith(b"\n")) if isinstance(text, str) else text


def _text(number: int, data: bytes, source: str) -> str | BadRow | None:
    """Return the text of a line, what is wrong with it, or None where it is blank."""
    if number == 1:
        refuse_mistaken(data[:LOOKED_AT], source)
        data = data.removeprefix(_UTF8_BOM)
    if len(data) > MAX_LINE_BYTES:
        return BadRow(
            number,
            said(
                "the line is longer than {max_line_bytes} MB; rows stand on lines of their own",
                max_line_bytes=MAX_LINE_BYTES // 1024**2,
            ),
        )
    try:
        text = data.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8")
    except UnicodeDecodeError as error:
        return BadRow(
            number, said("byte {start} of the line is not UTF-8; save the file as UTF-8", start=error.start + 1)
        )
    return text if text.strip() else None


def _raw_lines(stream: BinaryIO) -> Iterator[bytes]:
    while data := stream.readline(MAX_LINE_BYTES + 1):
        while len(data) > MAX_LINE_BYTES and not data.endswith(b"\n"):
            # The rest of an over-long line is read away piece by piece, and never held.
            rest = stream.readline(MAX_LINE_BYTES)
            if not rest or rest.endswith(b"\n"):
                break
        yield data


def _json_row(number: int, text: str, cut: bool) -> JsonRow | BadRow:
    try:
        data = whole_value(text)
    except SpellingError as error:
        return BadRow(
            number,
            said(
                "not valid JSON at column {place}: {error}{cut_off}",
                place=error.place + 1,
                error=error,
                cut_off=CUT_OFF if error.cut_off and cut else "",
            ),
        )
    except NotJsonError as error:
        return BadRow(number, error.sentence)
    return JsonRow(number, data) if isinstance(data, dict) else BadRow(number, NO_OBJECT)
