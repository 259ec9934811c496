"""Constitutions as YAML files: reading with errors that name file, line and field, and writing."""

from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from workbench.errors import BadInputError
from workbench.interchange.constitution_schema import ConstitutionShape, FewShotShape, PrincipleShape
from workbench.interchange.unreadable import why
from workbench.interchange.yaml_document import YamlDocument, parse
from workbench.interchange.yaml_scalars import field_text
from workbench.records.constitution import MAX_BYTES, Constitution, FewShot, Principle
from workbench.records.encoding import from_data, to_data
from workbench.sentences import joined, said


def read_file(path: Path) -> tuple[Constitution, str]:
    """Read a YAML file and return the constitution and the file's text; BadInputError names file, line and field."""
    text = read_text(path)
    return read(text, str(path)), text


def read_text(path: Path) -> str:
    """Return a file's text, of which no more is read than a constitution may hold; BadInputError where it is none."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInputError("{path} cannot be read: {why}.", path=path, why=why(error)) from error
    if len(data) > MAX_BYTES:
        raise BadInputError(
            "{path} is larger than {max_bytes} MB, too large for a constitution.",
            path=path,
            max_bytes=MAX_BYTES // 1024**2,
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadInputError(
            "{path}, line {line}: this is not UTF-8 text; save the file as UTF-8.", path=path, line=line
        ) from error


def read(text: str, source: str = "constitution") -> Constitution:
    """Read a constitution from YAML text; BadInputError tells the first problem and how many more there are."""
    return _understood(text) or _read(text, source)


@lru_cache(maxsize=8)
def _understood(text: str) -> Constitution | None:
    """Return what a text says, or None where it cannot be read.

    A text that is edited, shown and tried is read several times within a second, and reading takes a tenth of one.
    """
    try:
        return _read(text, "")
    except BadInputError:
        return None


def _read(text: str, source: str) -> Constitution:
    document = parse(text, source)
    problems = _problems(document)
    if problems:
        more = said(" (and {problems_count} more)", problems_count=len(problems) - 1) if len(problems) > 1 else ""
        line, sentence = problems[0]
        end = "" if sentence.endswith("?") and not more else "."
        raise BadInputError(
            "{source}, line {line}: {sentence}{more}{end}",
            source=source,
            line=line,
            sentence=sentence,
            more=more,
            end=end,
        )
    shape = ConstitutionShape.model_validate(document.data)
    return from_data(Constitution, shape.model_dump())


def write(constitution: Constitution) -> str:
    """Return a constitution as YAML text, fields at their default left out; reading it gives the same constitution."""
    lines: list[str] = []
    for name, value in _told(constitution, Constitution(name="")).items():
        if name in ("principles", "few_shots"):
            lines.append(f"{name}:")
            defaults = Principle("") if name == "principles" else FewShot("revision", "")
            for record in getattr(constitution, name):
                lines += _item_lines(_told(record, defaults))
        else:
            lines.append(field_text(name, value, indent=0))
    return "\n".join(lines) + "\n"


def _item_lines(fields: dict[str, Any]) -> list[str]:
    texts = [field_text(name, value, indent=4) for name, value in fields.items()]
    return [f"  - {texts[0].lstrip()}", *texts[1:]]


def _told(record: Any, defaults: Any) -> dict[str, Any]:
    before = to_data(defaults)
    needed = {"id", "name", "use", "prompt"}
    return {name: value for name, value in to_data(record).items() if name in needed or value != before[name]}


def _problems(document: YamlDocument) -> list[tuple[int, str]]:
    if document.data is None:
        return [(1, said("the file is empty; a constitution has at least a name and principles"))]
    if isinstance(document.data, dict) and not set(document.data) & set(ConstitutionShape.model_fields):
        return [(1, said("this is no constitution; one has at least a name and principles"))]
    try:
        shape = ConstitutionShape.model_validate(document.data)
    except ValidationError as error:
        found = [(document.line(_path(item)), _sentence(item)) for item in error.errors()]
        return sorted(found, key=lambda problem: problem[0])
    return _repeated_ids(shape, document)


def _repeated_ids(shape: ConstitutionShape, document: YamlDocument) -> list[tuple[int, str]]:
    first: dict[str, int] = {}
    problems: list[tuple[int, str]] = []
    for index, principle in enumerate(shape.principles):
        line = document.line(("principles", index, "id"))
        if principle.id in first:
            problems.append(
                (
                    line,
                    said(
                        "the id {principle} is already taken on line {first}",
                        principle=principle.id,
                        first=first[principle.id],
                    ),
                )
            )
        first.setdefault(principle.id, line)
    return problems


def _path(item: Any) -> tuple[str | int, ...]:
    return tuple(item["loc"])


def _sentence(item: Any) -> str:
    """Say in words what pydantic found, beginning with the field: 'principle 3: weight must be a number, not ...'."""
    where, field = _field(_path(item))
    if item["type"] == "extra_forbidden":
        return said(
            "{where}{field} is not a field here; {suggestion}",
            where=where,
            field=field,
            suggestion=_suggestion(field, _shape_at(_path(item)[:-1])),
        )
    return joined("", (where, field, " ", _requirement(item)))


def _field(path: tuple[str | int, ...]) -> tuple[str, str]:
    singular = {"principles": "principle", "few_shots": "few-shot"}
    if len(path) < 2:
        return "", str(path[0]) if path else said("the file")
    owner, position, *rest = path
    if owner not in singular:
        return "", f"{owner}, item {int(position) + 1}," if isinstance(position, int) else f"{owner}.{position}"
    where = f"{singular[str(owner)]} {int(position) + 1}"
    if not rest:
        return "", where
    item = f", item {int(rest[1]) + 1}," if len(rest) > 1 else ""
    return f"{where}: ", f"{rest[0]}{item}"


def _requirement(item: Any) -> str:
    context, words = item.get("ctx", {}), _said(item.get("input"))
    told = {
        "missing": said("is missing"),
        "string_type": said("must be text, not {words}; put it in quotes if it is meant as text", words=words),
        "string_too_short": said("must not be empty"),
        "string_too_long": said("must not be longer than {most} characters", most=context.get("max_length")),
        "string_pattern_mismatch": said(
            "may hold letters, digits, '.', '_' and '-' and no spaces, not {words}", words=words
        ),
        "float_type": said("must be a number, not {words}", words=words),
        "finite_number": said("must be a finite number"),
        "greater_than_equal": said("must be at least {least}, not {words}", least=context.get("ge"), words=words),
        "bool_type": said("must be true or false, not {words}", words=words),
        "list_type": said("must be a list, each item on a line that begins with '- '"),
        "model_type": said("must be a group of 'field: value' lines, not {words}", words=words),
        "literal_error": said("must be {expected}, not {words}", expected=context.get("expected"), words=words),
        "invalid_key": said("is not a field here; names of fields are words"),
    }
    return told.get(item["type"], str(item["msg"]))


def _said(value: Any) -> str:
    # Lists and groups are not spelt out: with aliases a small file can hold an endless one.
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else said("a group of fields")
    text = repr(value) if isinstance(value, str | int | float) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _shape_at(parent: tuple[str | int, ...]) -> type[BaseModel]:
    if not parent:
        return ConstitutionShape
    return PrincipleShape if parent[0] == "principles" else FewShotShape


def _suggestion(name: str, shape: type[BaseModel]) -> str:
    known = list(shape.model_fields)
    near = get_close_matches(name, known, n=1)
    return (
        said("did you mean {near}?", near=near[0]) if near else said("the fields are {known}", known=", ".join(known))
    )
