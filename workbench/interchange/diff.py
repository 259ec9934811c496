"""The difference between two constitutions, by principle and field, as data and as text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from difflib import SequenceMatcher
from typing import Any, Literal

from workbench.records.constitution import Constitution, FewShot, Principle
from workbench.sentences import said

Kind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True)
class Change:
    """One change: what it is, where ('principle kindness', empty for the whole), field and values.

    before and after are shown as text; for a part that moved they are its places, from 1.
    """

    kind: Kind
    where: str
    field: str = ""
    before: str = ""
    after: str = ""


def compare(before: Constitution, after: Constitution) -> list[Change]:
    """Return the changes from one constitution to another; equal constitutions have none."""
    whole = ("name", "title", "description", "task", "sources")
    changes = list(_field_changes("", before, after, whole))
    for named in (_principles, _few_shots):
        old, new = named(before), named(after)
        changes += [*_list_changes(old, new), *_moves(list(old), list(new))]
    return changes


def difference_text(changes: Sequence[Change]) -> str:
    """Return changes as text: one heading per place, words taken out as [-word-], words put in as {+word+}."""
    if not changes:
        return "No difference.\n"
    lines: list[str] = []
    place: str | None = None
    for change in changes:
        if change.where != place and change.kind == "changed":
            lines.append(change.where or said("the whole"))
        place = change.where if change.kind == "changed" else None
        lines += _lines(change)
    return "\n".join(lines) + "\n"


def words_changed(before: str, after: str) -> str:
    """Return one text with the words taken out and put in marked, white space as in the texts."""
    old, new = before.split(" "), after.split(" ")
    parts: list[str] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = " ".join(old[old_from:old_to]), " ".join(new[new_from:new_to])
        if tag == "equal":
            parts.append(gone)
        else:
            parts += [f"[-{gone}-]"] if gone else []
            parts += [f"{{+{come}+}}"] if come else []
    return " ".join(parts)


def _lines(change: Change) -> list[str]:
    if change.kind == "changed":
        return [f"  {change.field}: {words_changed(change.before, change.after)}"]
    if change.kind == "moved":
        return [
            said(
                "{where} moved from place {before} to {after}",
                where=change.where,
                before=change.before,
                after=change.after,
            )
        ]
    text = change.after or change.before
    return [f"{change.where} {change.kind}", *(f"  {line}" for line in text.splitlines())]


def _principles(constitution: Constitution) -> dict[str, Any]:
    return {f"principle {principle.id}": principle for principle in constitution.principles}


def _few_shots(constitution: Constitution) -> dict[str, Any]:
    """Examples are known by their use and prompt, numbered where two share both."""
    named: dict[str, Any] = {}
    for shot in constitution.few_shots:
        name = f"{shot.use} example '{_shortened(shot.prompt)}'"
        number = 1 + sum(key.startswith(name) for key in named)
        named[f"{name} ({number})" if number > 1 else name] = shot
    return named


def _list_changes(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for where, record in before.items():
        if where not in after:
            yield Change("removed", where, before=_told(record))
    for where, record in after.items():
        if where not in before:
            yield Change("added", where, after=_told(record))
        else:
            yield from _field_changes(where, before[where], record, [field.name for field in fields(record)])


def _field_changes(where: str, before: Any, after: Any, names: Sequence[str]) -> Iterator[Change]:
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change("changed", where, name, _shown(old), _shown(new))


def _moves(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """Yield what changed its order among the parts in both; what merely shifted is not told."""
    both = set(before) & set(after)
    old, new = [name for name in before if name in both], [name for name in after if name in both]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    kept = {old[block.a + step] for block in matcher.get_matching_blocks() for step in range(block.size)}
    for name in new:
        if name not in kept:
            yield Change("moved", name, "", str(before.index(name) + 1), str(after.index(name) + 1))


def _told(record: Principle | FewShot) -> str:
    """Return the fields of a record that say something, one a line."""
    empty = Principle("") if isinstance(record, Principle) else FewShot("revision", "")
    words = [(field.name, getattr(record, field.name)) for field in fields(record)]
    return "\n".join(
        f"{name}: {_shown(value)}"
        for name, value in words
        if name not in ("id", "use") and value != getattr(empty, name)
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 50 else line[:49] + "…"
