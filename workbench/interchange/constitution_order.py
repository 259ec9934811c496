"""Moving, adding and removing whole principles in a YAML text, with the comments that stand above them."""

from dataclasses import dataclass, replace

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, SequenceNode

from workbench.errors import BadInputError
from workbench.interchange.constitution_edit import place_of
from workbench.interchange.constitution_yaml import read
from workbench.interchange.yaml_scalars import field_text
from workbench.records.constitution import Constitution, Principle


@dataclass(frozen=True)
class Parts:
    """A text cut into what stands before, between and after the items of a list, and their lines; column is the dash's."""

    before: list[str]
    items: list[list[str]]
    #: Blank lines between two items stay where they are, whichever items come to stand there.
    between: list[list[str]]
    after: list[str]
    column: int

    def text(self) -> str:
        """Put it together again."""
        lines = list(self.before)
        for part, blank in zip(self.items, [*self.between, []], strict=True):
            lines += [*part, *blank]
        return "".join([*lines, *self.after])


def moved(text: str, principle_id: str, place: int) -> str:
    """Return the YAML text with a principle at another place (from 0) among the others."""
    constitution = read(text)
    old = place_of(constitution, principle_id)
    place = max(0, min(place, len(constitution.principles) - 1))
    parts, principles = cut(text), list(constitution.principles)
    parts.items.insert(place, parts.items.pop(old))
    principles.insert(place, principles.pop(old))
    return checked(parts.text(), replace(constitution, principles=tuple(principles)))


def added(text: str, principle: Principle, place: int) -> str:
    """Return the YAML text with a new principle at a place (from 0)."""
    constitution = read(text)
    if any(one.id == principle.id for one in constitution.principles):
        raise BadInputError("There is a principle {principle} already.", principle=principle.id)
    parts, principles = cut(text), list(constitution.principles)
    margin = " " * parts.column
    lines = [f"{margin}- {field_text('id', principle.id, 0)}\n"]
    lines += [field_text(name, getattr(principle, name), parts.column + 2) + "\n" for name in _told(principle)]
    parts.items.insert(place, lines)
    parts.between.insert(min(place, len(parts.between)), parts.between[0] if parts.between else [])
    principles.insert(place, principle)
    return checked(parts.text(), replace(constitution, principles=tuple(principles)))


def removed(text: str, principle_id: str) -> str:
    """Return the YAML text without a principle; the last one cannot go."""
    constitution = read(text)
    place = place_of(constitution, principle_id)
    if len(constitution.principles) == 1:
        raise BadInputError("A constitution needs at least one principle; add another before you remove this one.")
    parts, principles = cut(text), list(constitution.principles)
    parts.items.pop(place)
    parts.between.pop(min(place, len(parts.between) - 1))
    principles.pop(place)
    return checked(parts.text(), replace(constitution, principles=tuple(principles)))


def _told(principle: Principle) -> list[str]:
    texts = ("title", "critique_request", "revision_request", "comparison_question", "rationale")
    return [name for name in texts if getattr(principle, name)]


def cut(text: str, name: str = "principles") -> Parts:
    """Cut a text into the items of one of its lists and what stands around them."""
    root = YAML(typ="rt").compose(text)
    assert isinstance(root, MappingNode)
    names = [key.value for key, _ in root.value]
    node = root.value[names.index(name)][1] if name in names else None
    if not isinstance(node, SequenceNode) or node.flow_style or not node.value:
        raise BadInputError(
            "The {name} are not a list with one item a line; write the first one by hand.",
            name=name,
        )
    lines = text.splitlines(keepends=True)
    if not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    column = node.start_mark.column
    starts = [_first_line(lines, item.start_mark.line, column) for item in node.value]
    end = _end(lines, node.value[-1].start_mark.line + 1, column)
    ends = [_without_blanks(lines, start) for start in starts[1:]]
    parts = [lines[start:stop] for start, stop in zip(starts, [*ends, end], strict=True)]
    between = [lines[stop:start] for stop, start in zip(ends, starts[1:], strict=True)]
    return Parts(lines[: starts[0]], parts, between, lines[end:], column)


def _first_line(lines: list[str], line: int, column: int) -> int:
    """Return where an item begins: at its dash, or at the comments that stand right above it."""
    while line > 0 and not lines[line][column:].startswith("-"):
        line -= 1
    while line > 0 and lines[line - 1].lstrip().startswith("#") and _indent(lines[line - 1]) <= column:
        line -= 1
    return line


def _end(lines: list[str], line: int, column: int) -> int:
    """Return the first line after the last item; blank lines and comments before another field stay with that field."""
    while line < len(lines) and (not lines[line].strip() or _indent(lines[line]) > column):
        line += 1
    return _without_blanks(lines, line)


def _without_blanks(lines: list[str], line: int) -> int:
    while line > 0 and not lines[line - 1].strip():
        line -= 1
    return line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def checked(text: str, wanted: Constitution) -> str:
    """Return the text if it reads as the constitution that is wanted."""
    if read(text) != wanted:
        raise BadInputError("The layout of the lists is too unusual to change here; change it by hand.")
    return text
