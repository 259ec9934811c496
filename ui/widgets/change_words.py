"""What changed between two constitutions in a line, and the words that stand for their fields."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from ui.static_words import in_language
from ui.widgets.texts import counted

if TYPE_CHECKING:
    from workbench.interchange.diff import Change
    from workbench.records.constitution import Constitution

#: A field's name before its value, where a part that came or went is told whole.
_FIELD = re.compile(r"^([a-z]+(?:_[a-z]+)*)(?=: )", re.MULTILINE)
_PRINCIPLE = "principle "


def by_place(changes: "Sequence[Change]") -> "dict[str, list[Change]]":
    """Return changes by the part they are of, in the order in which parts are first told."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.where, []).append(change)
    return found


def titles_of(*constitutions: "Constitution") -> Mapping[str, str]:
    """Return how principles are headed, by how a change names their place; the last constitution's titles count."""
    return {
        f"{_PRINCIPLE}{one.id}": f"{one.title} ({one.id})"
        for constitution in constitutions
        for one in constitution.principles
        if one.title and one.title != one.id
    }


def summary(changes: "Sequence[Change]") -> str:
    """Return how many principles and examples came, went, changed or moved; changes of the weight alone are told as such."""
    places = by_place(changes)
    parts = {
        _tr("Principles: {what}"): [found for where, found in places.items() if where.startswith(_PRINCIPLE)],
        _tr("Examples: {what}"): [
            found for where, found in places.items() if where and not where.startswith(_PRINCIPLE)
        ],
    }
    told = [words.format(what=", ".join(_counts(found))) for words, found in parts.items() if found]
    return " · ".join([*told, *([_tr("the whole: changed")] if "" in places else [])])


def _counts(places: "Sequence[Sequence[Change]]") -> list[str]:
    fields = [{change.field for change in found if change.kind == "changed"} for found in places]
    kinds = [{change.kind for change in found} for found in places]
    weights = sum(names == {"weight"} for names in fields)
    switched = sum(names == {"enabled"} for names in fields)
    rest = sum(bool(names) for names in fields) - weights - switched
    return [
        counted(count, one, many)
        for count, one, many in (
            (sum("added" in found for found in kinds), _tr("1 new"), _tr("{count} new")),
            (sum("removed" in found for found in kinds), _tr("1 taken out"), _tr("{count} taken out")),
            (rest, _tr("1 changed"), _tr("{count} changed")),
            (weights, _tr("1 changed in weight alone"), _tr("{count} changed in weight alone")),
            (switched, _tr("1 switched on or off"), _tr("{count} switched on or off")),
            (sum("moved" in found for found in kinds), _tr("1 moved"), _tr("{count} moved")),
        )
        if count
    ]


def field_words(name: str) -> str:
    """Return a field's name as people read it."""
    return in_language(name.replace("_", " "))


def told_whole(text: str) -> str:
    """Return a part's fields, one a line, under the names people read."""
    return _FIELD.sub(lambda found: field_words(found[1]), text)


def _tr(text: str) -> str:
    return QCoreApplication.translate("change_words", text)
