"""A stream of JSON text, read piece by piece as far as one value needs, which knows the line it is on."""

import codecs
import gzip
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple, cast

from workbench.interchange.json_values import BLANKS, CUT_OFF, IN_WORDS, NotJsonError, SpellingError, value_at
from workbench.interchange.mistaken import LOOKED_AT, refuse_mistaken
from workbench.sentences import said

#: One value is held whole; more than this is another kind of file.
MAX_VALUE_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
#: A word or an escape that the end of a piece cuts off begins at most so far before it.
_LONGEST_WORD = 12
#: What stands for bytes that are no characters of UTF-8.
_NO_CHARACTER = re.compile("[\udc80-\udcff]")
#: What of a number the end of a piece may have cut off, after what is one already: of 0.5 there is 0, and a full stop.
_CUT_NUMBER = re.compile(r"\.?|[eE][-+]?")
#: Takes whatever is spelt as JSON, to find where a value ends that cannot be taken.
_LENIENT = json.JSONDecoder(parse_int=str, parse_float=str)


class UnfitError(NotJsonError):
    """A value that is spelt as JSON and cannot be taken; the next one can be read."""


class Mark(NamedTuple):
    """A place in JSON text: bytes before it, line breaks before it, and characters before it on its line."""

    place: int = 0
    lines: int = 0
    columns: int = 0


_BEGINNING = Mark()


class JsonText:
    """JSON text with a place in it."""

    def __init__(self, stream: BinaryIO, source: str, begins: Mark = _BEGINNING, piece: int = 0) -> None:
        self._stream, self._source, self._piece = stream, source, piece or _CHUNK
        # Bytes that are no characters are kept as surrogates, so that the value they are in can be named.
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
        self._buffer, self._at, self._ended = "", 0, False
        self._read = begins.place
        #: Line breaks before the buffer, and characters of its first line before it.
        self._lines, self._columns = begins.lines, begins.columns
        first = stream.read(LOOKED_AT)
        if not begins.place:
            refuse_mistaken(first, source)
        self._take_in(first)

    def is_short(self) -> bool:
        """Say whether all that is left fits into one piece, which is held then."""
        while not self._ended and len(self._buffer) - self._at < self._piece:
            self._more()
        return self._ended

    def mark(self) -> Mark:
        """Return the place of the next character that is not blank."""
        self.peek()
        held = len(self._buffer[self._at :].encode("utf-8", "surrogateescape")) + len(self._decode.getstate()[0])
        line, column = self._line_and_column(self._at)
        return Mark(self._read - held, line - 1, column - 1)

    def again(self, mark: Mark, piece: int = 0) -> "JsonText":
        """Return the text from a mark on, to be read beside this one."""
        return JsonText(_beside(self._stream, mark.place), self._source, mark, piece)

    def items(self) -> Iterator[Any]:
        """Yield the items of the list that comes next; for one that cannot be taken its UnfitError."""
        self.take("[")
        number = 0
        while not self.take("]"):
            if not self.peek():
                raise self.wrong(said("the list has no end{cut_off}", cut_off=CUT_OFF))
            if number and not self.take(","):
                raise self.wrong(
                    said("after row {number} there is neither a comma nor the end of the list", number=number)
                )
            number += 1
            try:
                value = self.value()
            except UnfitError as error:
                value = error
            yield value

    def members(self) -> Iterator[str]:
        """Yield the names of the object that comes next; whoever asks reads each one's value before the next name."""
        self.take("{")
        begun = False
        while not self.take("}"):
            if begun:
                self._must_take(",", "Expecting ',' delimiter")
            if self.peek() != '"':
                raise self._missing("Expecting property name")
            name = self.value()
            self._must_take(":", "Expecting ':' delimiter")
            yield name
            begun = True

    def peek(self) -> str:
        """Return the next character that is not blank, or nothing at the end."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in BLANKS:
                self._at += 1
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def take(self, character: str) -> bool:
        """Pass by a character if it comes next, and say whether it did."""
        found = self.peek() == character
        self._at += found
        return found

    def value(self) -> Any:
        """Return the JSON value that comes next; UnfitError where it is passed by, NotJsonError where nothing follows it."""
        self.peek()
        while True:
            try:
                value, end = value_at(self._buffer, self._at)
            except SpellingError as error:
                if error.left >= _LONGEST_WORD or self._ended:
                    raise self.wrong(f"{error}{CUT_OFF if error.cut_off else ''}", error.place) from error
            except NotJsonError as error:
                self._pass_by()
                raise UnfitError(str(error)) from error
            else:
                if not self._may_go_on(end):
                    return self._checked(value, end)
            self._more()

    def wrong(self, reason: str, place: int | None = None) -> NotJsonError:
        """Return the error that says what is not JSON, and where: at a place in what is held, else at the next character."""
        line, column = self._line_and_column(self._at if place is None else place)
        return NotJsonError(
            "not valid JSON on line {line}, column {column}: {reason}", line=line, column=column, reason=reason
        )

    def _line_and_column(self, place: int) -> tuple[int, int]:
        begun = self._buffer.rfind("\n", 0, place) + 1
        line = self._lines + self._buffer.count("\n", 0, place) + 1
        return line, place - begun + 1 + (0 if begun else self._columns)

    def _must_take(self, character: str, otherwise: str) -> None:
        if not self.take(character):
            raise self._missing(otherwise)

    def _missing(self, what: str) -> NotJsonError:
        return self.wrong(IN_WORDS[what] + ("" if self.peek() else CUT_OFF))

    def _checked(self, value: Any, end: int) -> Any:
        spelt, self._at = self._buffer[self._at : end], end
        if not spelt.isascii() and _NO_CHARACTER.search(spelt):
            raise UnfitError("it holds bytes that are not UTF-8; save the file as UTF-8")
        return value

    def _pass_by(self) -> None:
        while True:
            try:
                _, end = _LENIENT.raw_decode(self._buffer, self._at)
            except RecursionError as error:
                raise self.wrong(said("values are nested too deeply")) from error
            except json.JSONDecodeError as error:
                if not self._more():
                    raise self.wrong(said("a value has no end{cut_off}", cut_off=CUT_OFF)) from error
            else:
                if not self._may_go_on(end):
                    self._at = end
                    return
                self._more()

    def _may_go_on(self, end: int) -> bool:
        """Say whether more of a value may come after its end, as of a number at the end of a piece."""
        return not self._ended and _CUT_NUMBER.fullmatch(self._buffer, end) is not None

    def _more(self) -> bool:
        """Read on; what was passed by is let go of."""
        if self._ended:
            return False
        held = len(self._buffer) - self._at
        if held > MAX_VALUE_BYTES:
            raise self.wrong(
                said(
                    "a value of more than {max_value_bytes} MB begins here; save the rows as JSONL, one on each line",
                    max_value_bytes=MAX_VALUE_BYTES // 1024**2,
                )
            )
        # Doubling what is held keeps the work of trying again small for long values.
        data = self._stream.read(max(self._piece, held))
        self._take_in(data)
        return bool(data)

    def _take_in(self, data: bytes) -> None:
        passed = self._buffer.count("\n", 0, self._at)
        begun = self._buffer.rfind("\n", 0, self._at) + 1
        self._lines, self._columns = self._lines + passed, self._at - begun + (0 if passed else self._columns)
        self._ended, self._read = not data, self._read + len(data)
        self._buffer, self._at = self._buffer[self._at :] + self._decode.decode(data, final=not data), 0


class _Beside:
    """A stream's bytes from a place on, whoever else reads it."""

    def __init__(self, stream: BinaryIO, place: int) -> None:
        self._stream, self._place = stream, place

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        self._stream.seek(self._place)
        data = self._stream.read(size)
        self._place += len(data)
        return data


def _beside(stream: BinaryIO, place: int) -> BinaryIO:
    # What is packed is unpacked once more: going back in it would begin at its beginning each time.
    if isinstance(stream, gzip.GzipFile):
        unpacked = gzip.GzipFile(fileobj=cast("Any", _Beside(cast("BinaryIO", stream.fileobj), 0)))
        unpacked.seek(place)
        return cast("BinaryIO", unpacked)
    return cast("BinaryIO", _Beside(stream, place))
