"""Exporting training data from a project."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.interchange.exports import Written, form_for, write_preferences, write_prompts, write_sft
from workbench.project import Project
from workbench.records.settings import SftSettings

FORMATS = ("sft", "preferences", "prompts")


def export_file(folder: Path, as_: str, output: Path) -> Written:
    """Write a file beside its place and rename it there; return how many rows it has and how many were left out."""
    if as_ not in FORMATS:
        raise BadInputError(f"Data can be exported as {', '.join(FORMATS)}, not as '{as_}'.")
    rows, conversations = _rows(folder, as_)
    if not rows:
        raise MissingError(f"{folder} has nothing to export as {as_} yet.")
    writers: dict[str, Any] = {"sft": write_sft, "preferences": write_preferences, "prompts": write_prompts}
    beside = output.with_name(f".{output.name}.new")
    with beside.open("w", encoding="utf-8", newline="\n") as stream:
        written: Written = writers[as_](rows, stream, form_for(conversations))
    beside.replace(output)
    return written


def _rows(folder: Path, as_: str) -> tuple[list[Any], Iterable[Any]]:
    with Project.read(folder) as project:
        if as_ == "sft":
            rows: list[Any] = project.sft_rows(SftSettings())
        elif as_ == "preferences":
            rows = project.preference_rows()
        else:
            rows = list(project.store.prompts.each())
    return rows, [row.messages for row in rows]
