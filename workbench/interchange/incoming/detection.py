"""Telling what a file holds from its first rows, and which of its columns are the fields of a format."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Any

from workbench.errors import BadInputError
from workbench.interchange.incoming.formats import BY_NAME, FORMATS, PLAIN, WRITTEN_BY_ANYBODY, Format, Role
from workbench.interchange.incoming.nearest import lacking, nearest
from workbench.interchange.incoming.shapes import Shape
from workbench.interchange.lines import BadRow, JsonRow
from workbench.interchange.sources.opening import Source
from workbench.sentences import joined, said

#: How many good rows are looked at, and among how many at most.
SAMPLE, MOST_LOOKED_AT = 50, 10_000
#: So many columns are named, each by so many characters.
_MOST_NAMED, _WIDEST_NAMED = 20, 60


class NotToldError(BadInputError):
    """Rows can be read, but not what they are: a person may know. What is the matter stands apart from what to type about it."""

    def __init__(self, what: str, to_type: str = "") -> None:
        super().__init__(f"{what} {to_type}".rstrip())
        self.what = what


def detect(source: Source, as_: str = "", format_name: str = "", mapping: Mapping[str, str] | None = None) -> Shape:
    """Return what a source holds, by its first rows; BadInputError where nothing fits or what was asked for does not.

    as_ narrows to formats that bring prompts, comparisons, evaluation_set or chains; mapping says field=column.
    """
    sample = _sample(source)
    mapping = mapping or {}
    if format_name and format_name not in BY_NAME:
        raise BadInputError(
            "There is no format {format_name}; there are {by_name}.",
            format_name=format_name,
            by_name=", ".join(BY_NAME),
        )
    candidates = [BY_NAME[format_name]] if format_name else [one for one in FORMATS if _brings(one, as_)]
    shapes = [_shape(one, sample, mapping) for one in candidates]
    _must_be_columns(mapping.values(), tuple(dict.fromkeys(name for shape in shapes for name in shape.columns)))
    fitting = [shape for shape in shapes if not shape.missing and _fits(shape, sample)]
    if fitting:
        # What takes over more than prompts comes first, then names as they are before names as they may be.
        last = "" if as_ == "prompts" else "prompt"
        best = min(fitting, key=lambda one: (one.format.name == last, bool(one.guessed)))
        if not (format_name or as_):
            _must_be_no_more(best, shapes, sample, source)
        return _checked(best, mapping)
    plain = [format_name] if format_name else PLAIN.get(as_, ())
    if plain:
        plainest = [_shape(BY_NAME[name], sample, mapping) for name in plain]
        return _checked(min(plainest, key=lambda shape: len(shape.missing)), mapping)
    near = None if format_name else nearest(shapes, sample)
    raise NotToldError(*((_said_of(source, near, sample), "") if near else _nothing_fits(source, sample)))


def unmapped(source: Source, shape: Shape) -> str:
    """Return a sentence that says how to confirm what was guessed, or nothing where all is certain."""
    if not shape.guessed:
        return ""
    told = " ".join(f"--map {name}={shape.mapping[name]}" for name in shape.guessed)
    alone = said("; for the prompts alone add: --as prompts") if shape.format.brings != "prompts" else ""
    return said(
        "{source} names its columns {columns}; if this is what they are, add: {told}{alone}",
        source=source.name,
        columns=listed(shape.columns),
        told=told,
        alone=alone,
    )


def _sample(source: Source) -> list[JsonRow]:
    """Return the first good rows; BadInputError where there are none."""
    sample: list[JsonRow] = []
    bad: BadRow | None = None
    for row in islice(source.rows(), MOST_LOOKED_AT):
        if isinstance(row, BadRow):
            bad = bad or row
            continue
        sample.append(row)
        if len(sample) == SAMPLE:
            break
    if sample:
        return sample
    if bad:
        raise BadInputError(
            "{source} holds no row that can be read; {unit} {line}: {reason}.",
            source=source.name,
            unit=source.unit,
            line=bad.line,
            reason=bad.reason,
        )
    raise BadInputError(
        "{source} holds no rows: it is empty, or has blanks, a header or an empty list alone. Choose another file.",
        source=source.name,
    )


def listed(names: Sequence[str]) -> str:
    """Return names one after the other, cut where they are long and many."""
    shown = [name if len(name) <= _WIDEST_NAMED else f"{name[:_WIDEST_NAMED]}…" for name in names[:_MOST_NAMED]]
    if len(names) > _MOST_NAMED:
        shown.append(said("and {count} more", count=len(names) - _MOST_NAMED))
    return joined(", ", shown)


def _brings(format_: Format, as_: str) -> bool:
    # Comparisons and chains are about prompts, which can be taken alone.
    return as_ in ("", format_.brings) or (as_ == "prompts" and format_.brings in ("comparisons", "chains", "answers"))


def _shape(format_: Format, sample: Sequence[JsonRow], mapping: Mapping[str, str]) -> Shape:
    rows = [format_.flat(row.fields) for row in sample]
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    found, guessed = {}, []
    for role in format_.roles:
        if role.name in mapping:
            found[role.name] = mapping[role.name]
        elif role.name in columns:
            found[role.name] = role.name
        else:
            other = next((name for name in role.other_names if name in columns and name not in found.values()), None)
            if other and (role.needed or _looks_like(role, [row.fields.get(other) for row in sample])):
                found[role.name] = other
                guessed.append(role.name)
    found = {**format_.settles(rows, found), **found}
    if format_.marked:
        guessed = []
    return Shape(format_, columns, found, tuple(guessed))


def _looks_like(role: Role, values: Sequence[Any]) -> bool:
    told = [value for value in values if value is not None]
    return role.looks is not None and bool(told) and all(map(role.looks, told))


def _fits(shape: Shape, sample: Sequence[JsonRow]) -> bool:
    """Say whether most rows have the needed fields and look like the format."""
    needed = [role.name for role in shape.format.roles if role.needed]
    fitting = 0
    for row in sample:
        fields = shape.fields(row.fields)
        fitting += all(fields.get(name) is not None for name in needed) and shape.format.fits(fields)
    return 2 * fitting > len(sample)


def _checked(shape: Shape, mapping: Mapping[str, str]) -> Shape:
    names = [role.name for role in shape.format.roles]
    for name in mapping:
        if name not in names:
            raise BadInputError(
                "{format} has no field {name}; its fields are {names}.",
                format=shape.format.name,
                name=name,
                names=", ".join(names),
            )
    return shape


def _must_be_columns(named: Iterable[str], columns: Sequence[str]) -> None:
    for column in named:
        if column not in columns:
            near = get_close_matches(column, columns, n=1)
            hint = (
                said("did you mean {near}?", near=near[0])
                if near
                else said("there are {columns}.", columns=listed(columns))
            )
            raise BadInputError("There is no column {column}; {hint}", column=column, hint=hint)


def _must_be_no_more(best: Shape, shapes: Sequence[Shape], sample: Sequence[JsonRow], source: Source) -> None:
    """Refuse to take a file for less than it plainly is: what else it holds would be lost without a word."""
    prompts_alone = best.format.name == "prompt"
    if not (prompts_alone or best.guessed):
        return
    richer = [one for one in shapes if one is not best and (prompts_alone or one.format.name not in WRITTEN_BY_ANYBODY)]
    if near := nearest(richer, sample, best.mapping.values()):
        raise NotToldError(_said_of(source, near, sample), _PROMPTS_ALONE if prompts_alone else "")


_PROMPTS_ALONE = said("For its prompts alone add: --as prompts.")


def _said_of(source: Source, near: Shape, sample: Sequence[JsonRow]) -> str:
    why = lacking(near, sample, source.name)
    return said(
        "{source} looks like {format} ({title}), but {why}.",
        source=source.name,
        format=near.format.name,
        title=near.format.title,
        why=why,
    )


def _nothing_fits(source: Source, sample: Sequence[JsonRow]) -> tuple[str, str]:
    columns = listed(tuple(dict.fromkeys(name for row in sample for name in row.fields))) or said("none")
    return (
        said("{source} is in no format known here; its columns are {columns}.", source=source.name, columns=columns),
        said(
            "Say what it is with --format and which column is which with --map field=column; workbench formats "
            "lists them."
        ),
    )
