"""Values as YAML text that people like to read: short ones plain, long ones folded, awkward ones in quotes."""

import json
import re
import textwrap
from collections.abc import Iterator, Sequence

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from workbench.errors import BadInputError

Value = str | float | bool | Sequence[str]

WIDTH = 110
#: What YAML calls printable (YAML 1.2 section 5.1), less the line breaks a reader might take for its own.
_AWKWARD = re.compile("[^\\x20-\\x7e\\n\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def field_text(name: str, value: Value, indent: int) -> str:
    """Return 'name: value' at an indentation (columns), over several lines where the value is long."""
    first = " " * indent + f"{name}:"
    if isinstance(value, str):
        return f"{first} {string_text(value, indent, len(first))}"
    if isinstance(value, bool):
        return f"{first} {str(value).lower()}"
    if isinstance(value, int | float):
        return f"{first} {value!r}"
    return f"{first} {list_text(value, indent)}"


def list_text(values: Sequence[str], indent: int) -> str:
    """Return a list of texts, on one line where that is short enough."""
    flow = ", ".join(_short(item, flow=True) for item in values)
    if len(flow) + indent <= WIDTH or not values:
        return f"[{flow}]"
    return "".join(f"\n{' ' * indent}  - {string_text(item, indent + 2, indent + 4)}" for item in values)


def string_text(text: str, indent: int, column: int = 0, flow: bool = False) -> str:
    """Return a text as a scalar whose further lines stand deeper than indent; reading it gives the same text."""
    if max(text, default="") >= "\ud800" and any("\ud800" <= char <= "\udfff" for char in text):
        raise BadInputError("A text holds half a character (a lone surrogate), which no file can keep.")
    for candidate in _candidates(text, indent, column, flow):
        if _reads_as(candidate, text, flow):
            return candidate
    return quoted_text(text)


def _candidates(text: str, indent: int, column: int, flow: bool) -> Iterator[str]:
    if _AWKWARD.search(text) or text != text.strip():
        return
    if flow or ("\n" not in text and column + len(text) < WIDTH):
        yield text
        return
    margin = " " * (indent + 2)
    if "\n" in text:
        yield "|-\n" + "\n".join(margin + line if line else "" for line in text.split("\n"))
    elif "  " not in text:
        yield ">-\n" + textwrap.fill(
            text, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
        )


def _short(text: str, flow: bool) -> str:
    return string_text(text, indent=0, flow=flow)


def _reads_as(candidate: str, text: str, flow: bool) -> bool:
    probe = f"probe: [{candidate}, x]\n" if flow else f"probe: {candidate}\nnext: x\n"
    try:
        item = YAML(typ="safe", pure=True).load(probe)
    except (YAMLError, ValueError):
        return False
    return bool(item == ({"probe": [text, "x"]} if flow else {"probe": text, "next": "x"}))


def quoted_text(text: str) -> str:
    """Return a text in double quotes on one line."""
    # JSON's escapes are YAML's; what YAML does not print is escaped on top.
    return _AWKWARD.sub(lambda found: _escape(found.group()), json.dumps(text, ensure_ascii=False))


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
