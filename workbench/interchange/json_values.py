"""JSON values as rows need them: nothing lost silently, nothing nested without end, what is wrong said in words."""

import json
from collections.abc import Iterable
from typing import Any

from workbench.errors import SpokenError
from workbench.sentences import said

#: More than any format known here needs; what is nested without end would have to be walked without end.
MOST_LEVELS = 100

CUT_OFF = said("; the file ends here and may have been cut off")
BLANKS = " \t\r\n"
_TOO_DEEP = said("it is nested more than {most_levels} levels deep", most_levels=MOST_LEVELS)

_CONTROL = "Invalid control character"
#: What json says of a text, in words that say what to do.
IN_WORDS = {
    "Expecting value": said(
        "a value is missing, or it is not spelt as in JSON (texts in double quotes, true, false, null)"
    ),
    "Expecting ',' delimiter": said("a comma is missing, or a double quote within a text lacks its backslash"),
    "Expecting ':' delimiter": said("a colon is missing after the name of a field"),
    "Expecting property name": said("the name of a field must stand here, in double quotes"),
    "Illegal trailing comma": said("a comma stands before the end of an object or a list"),
    "Unterminated string": said("a text begins here and has no closing quote"),
    _CONTROL: said("a line break or a tab stands within a text; write it as \\n or \\t"),
    "Invalid \\escape": said(
        "a backslash stands before a letter that has no meaning there; write a backslash itself as \\\\"
    ),
    "Invalid \\uXXXX escape": said("\\u must be followed by four hexadecimal digits"),
    "Extra data": said("something follows the end of the value"),
}


class NotJsonError(SpokenError, ValueError):
    """A text holds no JSON value that can be taken; the error's text is the reason."""


class SpellingError(NotJsonError):
    """A text is not spelt as JSON is: the place in it, and how many characters are left from there on."""

    def __init__(self, reason: str, place: int, left: int) -> None:
        super().__init__(reason)
        self.place, self.left = place, left

    @property
    def cut_off(self) -> bool:
        """Whether the text ends where something is missing."""
        return self.left <= 0


def whole_value(text: str) -> Any:
    """Return the one value that a text holds; NotJsonError says why it holds none."""
    value, end = value_at(text, len(text) - len(text.lstrip(BLANKS)))
    if end < len(text) and (rest := text[end:].strip(BLANKS)):
        raise SpellingError(IN_WORDS["Extra data"], text.index(rest, end), len(rest))
    return value


def value_at(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins at a place in a text, and where it ends; NotJsonError says why there is none."""
    value, end = _decoded(text, at)
    # Nearly every value passes at a glance: it is short, or holds few brackets, and no escape.
    if end - at > 2 * MOST_LEVELS and text.count("[", at, end) + text.count("{", at, end) > MOST_LEVELS:
        _must_end(value)
    if text.find("\\u", at, end) >= 0:
        _must_be_whole(value)
    return value, end


def _decoded(text: str, at: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        words = next((told for begun, told in IN_WORDS.items() if error.msg.startswith(begun)), error.msg)
        if error.msg.startswith(_CONTROL) and (character := text[error.pos]) not in "\n\r\t":
            code = f"U+{ord(character):04X}"
            words = said("the control character {code} stands within a text; take it out", code=code)
        left = 0 if error.msg.startswith("Unterminated") else len(text.rstrip(BLANKS)) - error.pos
        raise SpellingError(words, error.pos, left) from error
    except NotJsonError:
        raise
    except ValueError as error:
        raise NotJsonError("a number has more digits than can be read; put it in quotes") from error
    except RecursionError as error:
        raise NotJsonError(_TOO_DEEP) from error


def _must_end(value: Any) -> None:
    """Refuse a value of too many levels, going down level by level."""
    level: list[Any] = [value]
    for _ in range(MOST_LEVELS + 1):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return
    raise NotJsonError(_TOO_DEEP)


def _inside(value: Any) -> Iterable[Any]:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (one for one in inner if isinstance(one, dict | list))


def _must_be_whole(value: Any) -> None:
    """Refuse half a character, which no file can hold: a surrogate without its other half, spelt as an escape."""
    fields = value if isinstance(value, dict) else {"": value}
    for name, inner in fields.items():
        try:
            _SPELT.encode((name, inner)).encode()
        except UnicodeEncodeError as error:
            where = said("the field {name}", name=name.encode("utf-8", "replace").decode()) if name else "it"
            raise NotJsonError(
                "{where} holds half a character (\\u{code:04x} without its other half); take it out",
                where=where,
                code=ord(error.object[error.start]),
            ) from error


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object's fields; NotJsonError where one is there twice, since one of the two values would be lost."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise NotJsonError("the field {twice} is there twice; take one out", twice=twice)
    return fields


def _no_constant(name: str) -> Any:
    """Refuse NaN and the infinities, which are not JSON."""
    raise NotJsonError("{name} is no value of JSON; write null where there is no number", name=name)


_SPELT = json.JSONEncoder(ensure_ascii=False)
#: Made once: making one for each line takes as long as reading it.
_DECODER = json.JSONDecoder(object_pairs_hook=_unique_fields, parse_constant=_no_constant)
