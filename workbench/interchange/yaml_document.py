"""A YAML text as plain data that remembers the line of each of its parts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.scalarbool import ScalarBoolean
from ruamel.yaml.scalarfloat import ScalarFloat
from ruamel.yaml.scalarint import ScalarInt

from workbench.errors import BadInputError
from workbench.sentences import said

#: A constitution has four levels; a part that holds itself has no end.
MOST_LEVELS = 20

Path = Sequence[str | int]

#: Words of ruamel's: a quote without an end, and a sign that means something else where a text begins.
_UNCLOSED = "found unexpected end of stream"
_BEGUN = re.compile(r"found character '(.)' that cannot start")


@dataclass(frozen=True)
class YamlDocument:
    """A parsed YAML text: plain data, fields left blank dropped, and the nodes that know their lines."""

    data: Any
    nodes: Any

    def line(self, path: Path) -> int:
        """Return the line (from 1) of the part a path such as ("principles", 2, "weight") leads to, or of its parent."""
        node, line = self.nodes, 1
        for step in path:
            position = _position(node, step)
            if position is None:
                break
            line, node = position[0] + 1, node[step]
        return line


def parse(text: str, source: str) -> YamlDocument:
    """Parse one YAML document; BadInputError names source, line and what is wrong."""
    try:
        nodes = YAML(typ="rt").load(text)
        return YamlDocument(plain(nodes), nodes)
    except MarkedYAMLError as error:
        raise BadInputError(
            "{source}{at}: this is not valid YAML: {reason}.", source=source, at=_at(error), reason=_reason(error)
        ) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise BadInputError(
            "{source}, line {line}: this is not valid YAML: the character U+{code:04X} may not stand in it.",
            source=source,
            line=line,
            code=ord(text[error.position]),
        ) from error
    except (YAMLError, ValueError) as error:
        raise BadInputError(
            "{source}: this is not valid YAML: {error}.", source=source, error=" ".join(str(error).split())
        ) from error
    except RecursionError as error:
        raise BadInputError("{source}: this YAML is nested too deeply.", source=source) from error


def plain(node: Any, depth: int = 0, done: dict[int, Any] | None = None) -> Any:
    """Return what ruamel read as dicts, lists and Python's own scalars; fields left blank are dropped.

    A part that aliases repeat is turned once and shared, so that a small file cannot unfold into a huge one.
    """
    done = {} if done is None else done
    if id(node) in done:
        return done[id(node)]
    if depth > MOST_LEVELS:
        raise RecursionError
    if isinstance(node, Mapping):
        found: Any = {key: plain(value, depth + 1, done) for key, value in node.items() if value is not None}
    elif isinstance(node, list):
        found = [plain(item, depth + 1, done) for item in node]
    else:
        return _scalar(node)
    done[id(node)] = found
    return found


def _scalar(node: Any) -> Any:
    for kind, base in ((ScalarBoolean, bool), (ScalarFloat, float), (ScalarInt, int), (str, str)):
        if isinstance(node, kind):
            return base(node)
    return node


def _position(node: Any, step: str | int) -> tuple[int, int] | None:
    marks = getattr(node, "lc", None)
    if marks is None or marks.data is None or step not in marks.data:
        return None
    line, column = marks.data[step][:2]
    return int(line), int(column)


def _at(error: MarkedYAMLError) -> str:
    unclosed = _UNCLOSED in str(error.problem) and error.context_mark is not None
    mark = error.context_mark if unclosed else error.problem_mark or error.context_mark
    return f", line {mark.line + 1}" if mark is not None else ""


def _reason(error: MarkedYAMLError) -> str:
    # The first line says what is wrong; the rest explains ruamel's own settings.
    found = str(error.problem or error.context or said("it cannot be read")).strip().splitlines()[0].rstrip(".")
    plainer = next((words for begins, words in _plainer().items() if found.startswith(begins)), "")
    begun = _BEGUN.match(found)
    return plainer or (said("a text that begins with {sign} must stand in quotes", sign=begun[1]) if begun else found)


def _plainer() -> dict[str, str]:
    """Return what is wrong in words for somebody who writes YAML once a year, by how ruamel's own words begin."""
    indented = said("this line is indented otherwise than the lines it belongs to")
    return {
        _UNCLOSED: said("a quote is opened here and never closed"),
        "mapping values are not allowed": said("a text that holds a colon and a blank must stand in quotes"),
        "found character '\\t'": said("this line is indented by a tab; indent by spaces"),
        "expected <block end>, but found '<scalar>'": said("the text goes on behind its closing quote"),
        "expected <block end>, but found": indented,
        "found undefined alias": said("a text that begins with * must stand in quotes"),
        "could not find expected ':'": said("this is no 'field: value' line, and it is not indented as part of one"),
    }
