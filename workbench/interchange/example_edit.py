"""Changing, adding and removing the examples (few-shots) of a constitution's YAML text, every other character left as it is."""

from dataclasses import fields, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode

from workbench.errors import BadInputError, MissingError
from workbench.interchange.constitution_edit import spliced
from workbench.interchange.constitution_order import checked, cut
from workbench.interchange.constitution_yaml import read
from workbench.interchange.yaml_scalars import field_text
from workbench.records.constitution import Constitution, FewShot, Use

#: The fields of an example, by its use, in the order they are spoken.
FIELDS: dict[Use, tuple[str, ...]] = {
    "revision": ("prompt", "response", "critique_request", "critique", "revision_request", "revision"),
    "comparison": ("prompt", "response_a", "response_b", "comparison_question", "answer"),
    "rationale": ("prompt", "response_a", "response_b", "comparison_question", "rationale", "answer"),
}
_LIST = "few_shots"


def edit_example(text: str, number: int, field: str, value: str) -> str:
    """Return the YAML text with one field of an example (counted from 1) changed."""
    constitution = read(text)
    shot = _example(constitution, number)
    if field not in FIELDS[shot.use]:
        raise BadInputError(
            "An example of use {use} has no field {field}; it has {fields}.",
            use=shot.use,
            field=field,
            fields=", ".join(FIELDS[shot.use]),
        )
    edited = spliced(text, _node(text, number), f"Example {number}", field, value)
    shots = list(constitution.few_shots)
    change: dict[str, Any] = {field: value.strip()}
    shots[number - 1] = replace(shot, **change)
    return checked(edited, replace(constitution, few_shots=tuple(shots)))


def add_example(text: str, shot: FewShot) -> str:
    """Return the YAML text with an example after the others."""
    constitution = read(text)
    if shot.use not in FIELDS:
        raise BadInputError("An example is for {fields}, not for {use}.", fields=", ".join(FIELDS), use=shot.use)
    wanted = replace(constitution, few_shots=(*constitution.few_shots, shot))
    if not constitution.few_shots:
        before = text if text.endswith("\n") else text + "\n"
        return checked("".join([before, f"{_LIST}:\n", *_lines(shot, 2)]), wanted)
    parts = cut(text, _LIST)
    parts.items.append(_lines(shot, parts.column))
    parts.between.append(parts.between[-1] if parts.between else [])
    return checked(parts.text(), wanted)


def remove_example(text: str, number: int) -> str:
    """Return the YAML text without an example (counted from 1)."""
    constitution = read(text)
    _example(constitution, number)
    parts, shots = cut(text, _LIST), list(constitution.few_shots)
    parts.items.pop(number - 1)
    if parts.between:
        parts.between.pop(min(number - 1, len(parts.between) - 1))
    shots.pop(number - 1)
    if not shots:  # a list without items is no list
        key = next(place for place, line in reversed(list(enumerate(parts.before))) if line.startswith(f"{_LIST}:"))
        parts.before.pop(key)
        return checked("".join([*parts.before, *parts.after]), replace(constitution, few_shots=()))
    return checked(parts.text(), replace(constitution, few_shots=tuple(shots)))


def _example(constitution: Constitution, number: int) -> FewShot:
    if not 1 <= number <= len(constitution.few_shots):
        raise MissingError(
            "There is no example {number}; there are {few_shots_count}.",
            number=number,
            few_shots_count=len(constitution.few_shots),
        )
    return constitution.few_shots[number - 1]


def _node(text: str, number: int) -> MappingNode:
    root = YAML(typ="rt").compose(text)
    node = next(node for key, node in root.value if key.value == _LIST).value[number - 1]
    assert isinstance(node, MappingNode)
    return node


def _lines(shot: FewShot, column: int) -> list[str]:
    told = [one.name for one in fields(FewShot) if one.name != "use" and getattr(shot, one.name)]
    first = " " * column + "- " + field_text("use", shot.use, 0) + "\n"
    return [first, *(field_text(name, getattr(shot, name), column + 2) + "\n" for name in told)]
