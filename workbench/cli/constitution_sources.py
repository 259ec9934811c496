"""Where a command finds a constitution: a project's draft or committed version, a file, or a bundled name."""

from collections.abc import Callable
from pathlib import Path

from workbench.errors import MissingError
from workbench.interchange.bundled import load_constitution
from workbench.interchange.constitution_yaml import read, read_file
from workbench.project import Project
from workbench.project.drafting import DRAFT
from workbench.records.constitution import Constitution
from workbench.runs.files import replace_text


def is_project(path: Path) -> bool:
    """Say whether a folder holds a project."""
    return (path / "project.db").is_file()


def source_of(what: str) -> tuple[Constitution, str]:
    """Find a constitution and its YAML: DIR (the draft), DIR@committed, DIR@HASH, a file, or a bundled name."""
    place, at, version = what.rpartition("@")
    if at and is_project(Path(place)):
        return _committed(Path(place), version)
    if is_project(Path(what)):
        text = draft_of(Path(what))
        return read(text, str(Path(what) / DRAFT)), text
    return load_constitution(what)


def draft_of(folder: Path) -> str:
    """Return the text of a project's draft."""
    with Project.read(folder) as project:
        return project.draft


def edit_source(what: str, change: Callable[[str], str]) -> Path:
    """Change the text of a project's draft, or of a file, and save it; return the file that shows it."""
    path = Path(what)
    if is_project(path):
        with Project.open(path) as project:
            project.save_draft(change(project.draft))
        return path / DRAFT
    if not path.is_file():
        raise MissingError(f"There is no constitution file at {path}.")
    replace_text(path, change(read_file(path)[1]))
    return path


def _committed(folder: Path, version: str) -> tuple[Constitution, str]:
    with Project.read(folder) as project:
        versions = project.constitution_versions()
    wanted = "" if version == "committed" else version
    for found in versions:
        if found.hash.startswith(wanted):
            return found.constitution, found.yaml
    raise MissingError(f"{folder} has no committed constitution whose hash begins with '{version}'.")
