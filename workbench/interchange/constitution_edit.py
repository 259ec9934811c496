"""Changing one field of a principle in a YAML text, every other character left as it is."""

from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from workbench.errors import BadInputError, MissingError
from workbench.interchange.constitution_yaml import read
from workbench.interchange.yaml_scalars import Value, field_text, quoted_text
from workbench.records.constitution import Constitution, Principle
from workbench.sentences import said


@dataclass(frozen=True)
class _Span:
    """The characters of a text from start to end, and the column its field begins at."""

    start: int
    end: int
    column: int


def edit(text: str, principle_id: str, field: str, value: Value) -> str:
    """Return the YAML text with one field of one principle changed; comments, order and layout stay.

    Numbers, switches and lists may be given as people type them: "0.5", "false", "insult, privacy".
    MissingError where there is no such principle, BadInputError where there is no such field or the value does not fit.
    """
    typed = _typed(field, value)
    wanted = _changed(read(text), principle_id, field, typed)
    edited = spliced(text, _principle_node(text, principle_id), f"Principle {principle_id}", field, typed)
    if read(edited) != wanted:
        raise BadInputError(
            "The layout around {field} of {principle_id} is too unusual to edit here; change it by hand.",
            field=field,
            principle_id=principle_id,
        )
    return edited


def _typed(field: str, value: Value) -> Value:
    if not isinstance(value, str):
        return value
    if field in ("tags", "applies_to"):
        return [item.strip() for item in value.split(",") if item.strip()]
    if field == "enabled":
        return {"true": True, "yes": True, "false": False, "no": False}.get(value.strip().lower(), value)
    try:
        return float(value) if field == "weight" else value
    except ValueError:
        return value


def place_of(constitution: Constitution, principle_id: str) -> int:
    """Return which of a constitution's principles bears an id; MissingError where none does."""
    ids = [principle.id for principle in constitution.principles]
    if principle_id not in ids:
        raise MissingError(
            "There is no principle {principle_id}; there are {ids}.",
            principle_id=principle_id,
            ids=", ".join(ids) or "none",
        )
    return ids.index(principle_id)


def _changed(constitution: Constitution, principle_id: str, field: str, value: Value) -> Constitution:
    known = [item.name for item in fields(Principle)]
    if field not in known:
        near = get_close_matches(field, known, n=1)
        hint = (
            said("did you mean {near}?", near=near[0])
            if near
            else said("the fields are {known}.", known=", ".join(known))
        )
        raise BadInputError("A principle has no field {field}; {hint}", field=field, hint=hint)
    place_of(constitution, principle_id)
    stored: Any = value.strip() if isinstance(value, str) else value
    if not isinstance(stored, str | bool | int | float):
        stored = tuple(item.strip() for item in stored)
    principles = tuple(
        replace(item, **{field: stored}) if item.id == principle_id else item for item in constitution.principles
    )
    return replace(constitution, principles=principles)


def spliced(text: str, part: MappingNode, named: str, field: str, value: Value) -> str:
    """Return the text with one field of one of its parts put in place of what stands there, or put in after the last."""
    stripped: Value = value.strip() if isinstance(value, str) else value
    if part.flow_style:
        raise BadInputError("{named} is written on one line in braces; write it one field a line.", named=named)
    for key, node in part.value:
        if key.value == field:
            span = _value_span(text, key, node)
            return text[: span.start] + _fitted(text, field, stripped, span) + text[span.end :]
    return _with_new_field(text, part, field, stripped)


def _principle_node(text: str, principle_id: str) -> MappingNode:
    root = YAML(typ="rt").compose(text)
    sequence = next(node for key, node in root.value if key.value == "principles")
    for principle in sequence.value:
        if any(key.value == "id" and str(node.value).strip() == principle_id for key, node in principle.value):
            assert isinstance(principle, MappingNode)
            return principle
    raise MissingError("There is no principle {principle_id}.", principle_id=principle_id)


def _value_span(text: str, key: Node, node: Node) -> _Span:
    """Return the span of a field's 'name: value', without comments and blank lines that follow it."""
    start, end = key.start_mark.index, max(node.end_mark.index, key.end_mark.index)
    if getattr(node, "style", None) in ("|", ">"):
        end = _end_of_block(text, node.start_mark.index, key.start_mark.column)
    while end > start and text[end - 1] in " \t\r\n":
        end -= 1
    return _Span(start, max(end, _after_colon(text, key)), key.start_mark.column)


def _after_colon(text: str, key: Node) -> int:
    return text.index(":", key.end_mark.index) + 1


def _end_of_block(text: str, start: int, column: int) -> int:
    """Return where a block scalar ends: before the first line that is not blank and not deeper than its key."""
    position = text.index("\n", start) + 1 if "\n" in text[start:] else len(text)
    while position < len(text):
        after = text.find("\n", position)
        after = len(text) if after < 0 else after + 1
        line = text[position:after]
        if line.strip() and len(line) - len(line.lstrip(" ")) <= column:
            break
        position = after
    return position


def _fitted(text: str, field: str, value: Value, span: _Span) -> str:
    """Return the new field; a comment after the old value on its line would break a folded one, so that is quoted."""
    rendered = field_text(field, value, indent=span.column).lstrip()
    rest = text[span.end :].split("\n", 1)[0]
    newline = "\r\n" if "\r\n" in text else "\n"
    if "#" in rest and "\n" in rendered and isinstance(value, str):
        rendered = f"{field}: {quoted_text(value)}"
    return rendered.replace("\n", newline)


def _with_new_field(text: str, principle: MappingNode, field: str, value: Value) -> str:
    key, node = principle.value[-1]
    last = _value_span(text, key, node)
    newline = "\r\n" if "\r\n" in text else "\n"
    line_end = text.find("\n", last.end)
    position = len(text) if line_end < 0 else line_end + 1
    lead = "" if position == 0 or text[position - 1] == "\n" else newline
    return (
        text[:position]
        + lead
        + field_text(field, value, last.column).replace("\n", newline)
        + newline
        + text[position:]
    )
