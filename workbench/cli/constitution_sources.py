"""Where a command finds a constitution: a project's draft or committed version, a file, or a bundled name."""

from pathlib import Path

from workbench.errors import MissingError
from workbench.interchange.bundled import load_constitution
from workbench.interchange.constitution_yaml import read_file
from workbench.project import Project
from workbench.project.project import DRAFT
from workbench.records.constitution import Constitution


def is_project(path: Path) -> bool:
    """Say whether a folder holds a project."""
    return (path / "project.db").is_file()


def source_of(what: str) -> tuple[Constitution, str]:
    """Find a constitution and its YAML: DIR (the draft), DIR@committed, DIR@HASH, a file, or a bundled name."""
    place, at, version = what.rpartition("@")
    if at and is_project(Path(place)):
        return _committed(Path(place), version)
    if is_project(Path(what)):
        return read_file(draft_file(what))
    return load_constitution(what)


def draft_file(what: str) -> Path:
    """Return the YAML file to edit: a project's draft, or the file itself."""
    path = Path(what)
    if is_project(path):
        path = path / DRAFT
    if not path.is_file():
        raise MissingError(f"There is no constitution file at {path}.")
    return path


def _committed(folder: Path, version: str) -> tuple[Constitution, str]:
    with Project.read(folder) as project:
        versions = project.constitution_versions()
    wanted = "" if version == "committed" else version
    for found in versions:
        if found.hash.startswith(wanted):
            return found.constitution, found.yaml
    raise MissingError(f"{folder} has no committed constitution whose hash begins with '{version}'.")
