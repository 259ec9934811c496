"""What a file was probably meant to be, told by the columns it has of a format, and what it lacks to be that."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from workbench.interchange.incoming.brought import Reading
from workbench.interchange.incoming.shapes import Shape
from workbench.interchange.lines import JsonRow
from workbench.interchange.row_fields import BadFieldError
from workbench.sentences import said

#: Columns that many files have; no format is told by one of them alone.
_COMMON = frozenset(("prompt", "info", "choice"))


def nearest(shapes: Iterable[Shape], sample: Sequence[JsonRow], taken: Iterable[str] = ()) -> Shape | None:
    """Return the shape of which a file has most columns, the one that lacks least of them.

    None where no column tells one, but for those that are taken by another.
    """
    told = [shape for shape in shapes if _tells(shape, {*taken})]
    # Of equals the last is the plainest.
    return max(reversed(told), key=lambda shape: _nearness(shape, sample[0]), default=None)


def lacking(shape: Shape, sample: Sequence[JsonRow], source: str) -> str:
    """Return what keeps a file from being read as a shape, as the end of a sentence."""
    if amiss := shape.format.amiss(shape.columns):
        return amiss
    if shape.missing:
        others = set(shape.columns) - set(shape.mapping.values()) - set(_telling(shape))
        meant = (
            said("; if another column is it, say so with --map {missing}=COLUMN", missing=shape.missing[0])
            if others
            else ""
        )
        return said("it has no column {missing}{meant}", missing=" and no column ".join(shape.missing), meant=meant)
    rows = [(row.number, shape.fields(row.fields)) for row in sample]
    for name in (role.name for role in shape.format.roles if role.needed):
        if 2 * sum(fields.get(name) is None for _, fields in rows) >= len(rows):
            return said("its column {mapping} is empty in most rows", mapping=shape.mapping[name])
    for number, fields in rows:
        try:
            shape.format.read(fields, Reading(source))
        except BadFieldError as error:
            return said("row {number} does not fit: {error}", number=number, error=error)
    return said("its rows do not look like it")


def _nearness(shape: Shape, row: JsonRow) -> tuple[bool, int, int, bool]:
    fields = {name: value for name, value in shape.fields(row.fields).items() if value is not None}
    needed = [role.name for role in shape.format.roles if role.needed]
    # What is missing is taken to be like what is there.
    like = next((fields[name] for name in needed if fields.get(name) is not None), "")
    fits = shape.format.fits({**dict.fromkeys(needed, like), **fields})
    return bool(shape.format.amiss(shape.columns)), _has(shape), -len(shape.missing), fits


def _tells(shape: Shape, taken: set[str]) -> bool:
    needed = {role.name for role in shape.format.roles if role.needed and shape.mapping.get(role.name) == role.name}
    if shape.format.marked:
        return bool(_telling(shape))
    return bool(_telling(shape) or needed - _COMMON - taken) or len(needed & _COMMON) > 1


def _has(shape: Shape) -> int:
    """Return how many columns of a format a file has: those it needs, and those that tell it."""
    found = (role.name for role in shape.format.roles if role.needed)
    needed = sum(shape.mapping.get(name) == name or (shape.format.marked and name in shape.mapping) for name in found)
    return needed + len(_telling(shape))


def _telling(shape: Shape) -> list[str]:
    return [name for name in shape.columns if any(fnmatchcase(name, mark) for mark in shape.format.telling)]
