"""Constitutions that come with the workbench, and finding one by name or by file."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from ruamel.yaml import YAML

import workbench
from workbench.errors import MissingError
from workbench.interchange.constitution_yaml import read, read_file
from workbench.records.constitution import Constitution
from workbench.sentences import said

#: The name of a constitution with nothing in it but a place to write.
BLANK = "blank"
_BLANK_TEXT = """\
# A constitution of your own. Each principle has up to three wordings: a critique request and a revision request for
# chains, and a comparison question for labels.
name: own
title: My constitution
task: dialogue

principles:
  - id: first
    title: My first principle
"""


def bundled_folder() -> Path:
    """Return the folder of bundled constitutions: inside an installed package, beside it in a checkout."""
    package = Path(workbench.__file__).resolve().parent
    inside = package / "constitutions"
    return inside if inside.is_dir() else package.parent / "constitutions"


def bundled_names() -> list[str]:
    """Return the names of the bundled constitutions, sorted."""
    return sorted(path.stem for path in bundled_folder().glob("*.yaml"))


@dataclass(frozen=True)
class Head:
    """What a bundled constitution is, without reading its principles."""

    name: str
    title: str
    description: str
    principles: int


def bundled_heads() -> list[Head]:
    """Return what each bundled constitution is, sorted by name."""
    return [_head(name) for name in bundled_names()]


def _head(name: str) -> Head:
    head, _, rest = (bundled_folder() / f"{name}.yaml").read_text("utf-8").partition("\nprinciples:")
    told = YAML(typ="safe").load(head)
    return Head(name, told["title"], told.get("description", ""), len(re.findall(r"^  - id:", rest, re.MULTILINE)))


def find_constitution(file_or_name: str) -> Path:
    """Return the path of a constitution given as a file or as a bundled name; MissingError names those there are."""
    path = Path(file_or_name)
    if path.is_file():
        return path
    names = bundled_names()
    if file_or_name in names:
        return bundled_folder() / f"{file_or_name}.yaml"
    near = get_close_matches(file_or_name, names, n=1)
    hint = said("did you mean {near}?", near=near[0]) if near else said("bundled are {names}.", names=", ".join(names))
    raise MissingError(
        "There is no constitution file or bundled constitution {file_or_name}; {hint}",
        file_or_name=file_or_name,
        hint=hint,
    )


def load_constitution(file_or_name: str) -> tuple[Constitution, str]:
    """Return a constitution and its YAML text, given as a file, as a bundled name, or as blank."""
    if file_or_name == BLANK:
        return read(_BLANK_TEXT, BLANK), _BLANK_TEXT
    return read_file(find_constitution(file_or_name))
