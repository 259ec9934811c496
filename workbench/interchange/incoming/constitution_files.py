"""Constitutions of other tools: which shape a file has, and its principles and examples as ours."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError
from workbench.interchange.constitution_yaml import read_file, read_text, write
from workbench.interchange.incoming import other_constitutions, paper_constitution
from workbench.interchange.incoming.constitution_parts import Part, slug
from workbench.interchange.json_values import NotJsonError, SpellingError, whole_value
from workbench.records.constitution import Constitution
from workbench.sentences import said


@dataclass(frozen=True)
class ConstitutionFile:
    """A constitution read from a file or a folder: what it is, the constitution, and whether it only adds to another."""

    title: str
    constitution: Constitution
    text: str
    adds: bool = False


def reads_constitution(place: str) -> bool:
    """Say whether a file or folder looks like a constitution, by its name and its shape."""
    path = Path(place)
    if os.path.isdir(place):
        return any(_looks(one) for one in sorted(path.glob("*.json")))
    if path.suffix == ".txt":
        return _is_source(path)
    return path.suffix in (".yaml", ".yml", ".py") or (path.suffix == ".json" and _looks(path))


def read_constitution(place: str) -> ConstitutionFile:
    """Read a constitution of any known shape; BadInputError says what is wrong with the file or that it is none."""
    path = Path(place)
    if os.path.isdir(place):
        return _folder(path)
    if path.suffix in (".yaml", ".yml"):
        constitution, text = read_file(path)
        return ConstitutionFile(said("Constitution (YAML)"), constitution, text)
    return _of_parts([_part(path)], path)


def added_to(before: Constitution, more: Constitution) -> Constitution:
    """Return a constitution with the principles (of new ids) and examples of another behind its own."""
    known = {principle.id for principle in before.principles}
    principles = tuple(principle for principle in more.principles if principle.id not in known)
    shots = tuple(shot for shot in more.few_shots if shot not in before.few_shots)
    return replace(before, principles=before.principles + principles, few_shots=before.few_shots + shots)


#: How each shape is told and read; the first that fits is taken.
_SHAPES: tuple[tuple[Callable[[Any, str], bool], Callable[[Any, str], Part]], ...] = (
    (paper_constitution.are_revision_principles, paper_constitution.revision_principles),
    (paper_constitution.are_comparison_principles, paper_constitution.comparison_principles),
    (paper_constitution.are_revision_shots, paper_constitution.revision_shots),
    (paper_constitution.are_comparison_shots, paper_constitution.comparison_shots),
    (paper_constitution.are_rationale_shots, paper_constitution.rationale_shots),
    (other_constitutions.is_llm_swarm, other_constitutions.llm_swarm),
    (other_constitutions.is_langchain, other_constitutions.langchain),
    (other_constitutions.is_inverse, other_constitutions.inverse),
)


def _folder(folder: Path) -> ConstitutionFile:
    parts = [_part(path) for path in sorted(folder.glob("*.json")) if _looks(path)]
    if not parts:
        raise BadInputError("{folder} holds no file that is a constitution or a part of one.", folder=folder)
    return _of_parts(parts, folder)


def _of_parts(parts: Sequence[Part], path: Path) -> ConstitutionFile:
    principles = tuple(principle for part in parts for principle in part.principles)
    shots = tuple(shot for part in parts for shot in part.few_shots)
    twice = [one.id for place, one in enumerate(principles) if one.id in {p.id for p in principles[:place]}]
    if twice:
        raise BadInputError(
            "{path} holds two principles named {twice}; names must differ.", path=path.name, twice=twice[0]
        )
    constitution = Constitution(
        slug(path.stem), path.stem, principles=principles, few_shots=shots, sources=(path.name,)
    )
    return ConstitutionFile(
        "; ".join(dict.fromkeys(part.title for part in parts)), constitution, write(constitution), not principles
    )


def _part(path: Path) -> Part:
    text = read_text(path)
    if path.suffix == ".py" or (path.suffix == ".txt" and other_constitutions.is_langchain_source(text)):
        return other_constitutions.langchain_source(text, path.name)
    try:
        data = whole_value(text)
    except SpellingError as error:
        line = text.count("\n", 0, error.place) + 1
        raise BadInputError(
            "{path} is not valid JSON on line {line}: {error}.", path=path.name, line=line, error=error
        ) from error
    except NotJsonError as error:
        raise BadInputError("{path} cannot be read: {error}.", path=path.name, error=error) from error
    for fits, read in _SHAPES:
        if fits(data, path.name):
            return read(data, path.name)
    raise BadInputError(
        "{path} is no constitution known here: principles of the Constitutional AI paper's repository, an "
        "llm-swarm constitution, a LangChain list of principles or sentences of Inverse Constitutional AI.",
        path=path.name,
    )


def _looks(path: Path) -> bool:
    try:
        data = whole_value(read_text(path))
    except (BadInputError, NotJsonError):
        return False
    return any(fits(data, path.name) for fits, _ in _SHAPES)


def _is_source(path: Path) -> bool:
    """Say whether a text is a Python source with LangChain's principles, as code hosts hand it out, and no list of prompts."""
    try:
        return other_constitutions.is_langchain_source(read_text(path))
    except BadInputError:  # too large for a constitution, or not to be read: whoever reads rows says what is wrong
        return False
