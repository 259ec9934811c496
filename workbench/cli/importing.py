"""Importing a file into a project: all of it or, where a row is bad, nothing, unless the person says otherwise."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.interchange.comparisons import ImportedComparison, read_comparison_rows
from workbench.interchange.constitution_yaml import read_file
from workbench.interchange.evaluation_sets import read_evaluation_items
from workbench.interchange.lines import BadRow
from workbench.interchange.prompts import read_prompt_lines, read_prompt_rows
from workbench.project import Project
from workbench.records.prompt import SPLITS, Prompt

_MOST_SHOWN = 5


def import_file(folder: Path, file: Path, as_: str, kind: str, split: str, skip_bad: bool) -> dict[str, int]:
    """Import a file and return what was counted: new, already known, left out."""
    if not file.is_file():
        raise MissingError(f"There is no file {file}.")
    if split not in SPLITS:
        raise BadInputError(f"There is no split {split}; there are {', '.join(SPLITS)}.")
    if as_ == "constitution":
        return _constitution(folder, file)
    if as_ == "prompts":
        return _prompts(folder, file, kind, split, skip_bad)
    if as_ == "comparisons":
        return _comparisons(folder, file, kind, split, skip_bad)
    if as_ == "evaluation_set":
        return _evaluation_set(folder, file, skip_bad)
    raise BadInputError(
        f"A file can be imported as prompts, comparisons, evaluation_set or constitution, not as '{as_}'."
    )


def _constitution(folder: Path, file: Path) -> dict[str, int]:
    constitution, text = read_file(file)
    with Project.open(folder) as project:
        before = project.constitution.hash
        version = project.commit(constitution, text, f"Imported from {file.name}")
        project.save_draft(text)
    return {"new_versions": int(version.hash != before), "principles": len(constitution.principles)}


def _prompts(folder: Path, file: Path, kind: str, split: str, skip_bad: bool) -> dict[str, int]:
    read = read_prompt_lines if file.suffix == ".txt" else read_prompt_rows
    with file.open("rb") as stream:
        good, bad = _sorted(read(stream, file.name, kind, split))
    _refuse(file, bad, skip_bad)
    prompts: list[Prompt] = good
    with Project.open(folder) as project:
        done = project.import_prompts(prompts)
    return {"new_prompts": len(done.new), "already_there": done.known, "bad_rows_left_out": len(bad)}


def _comparisons(folder: Path, file: Path, kind: str, split: str, skip_bad: bool) -> dict[str, int]:
    with file.open("rb") as stream:
        good, bad = _sorted(read_comparison_rows(stream, file.name, kind, split))
    _refuse(file, bad, skip_bad)
    rows: list[ImportedComparison] = good
    reviews = [row.review for row in rows if row.review]
    with Project.open(folder) as project:
        done = project.import_comparisons([row.prompt for row in rows], [row.comparison for row in rows], reviews)
    return {
        "new_comparisons": len(done.new),
        "already_there": done.known,
        "with_a_choice": len(reviews),
        "bad_rows_left_out": len(bad),
    }


def _evaluation_set(folder: Path, file: Path, skip_bad: bool) -> dict[str, int]:
    with file.open("rb") as stream:
        good, bad = _sorted(read_evaluation_items(stream, file.stem))
    _refuse(file, bad, skip_bad)
    with Project.open(folder) as project:
        done = project.import_evaluation_items(good)
    return {
        "new_items": len(done.new),
        "already_there": done.known,
        "with_responses": sum(item.has_responses for item in good),
        "bad_rows_left_out": len(bad),
    }


def _sorted(rows: Iterable[Any]) -> tuple[list[Any], list[BadRow]]:
    good: list[Any] = []
    bad: list[BadRow] = []
    for row in rows:
        (bad if isinstance(row, BadRow) else good).append(row)
    return good, bad


def _refuse(file: Path, bad: list[BadRow], skip_bad: bool) -> None:
    if not bad or skip_bad:
        return
    shown = "; ".join(f"line {row.line}: {row.reason}" for row in bad[:_MOST_SHOWN])
    more = f"; and {len(bad) - _MOST_SHOWN} more" if len(bad) > _MOST_SHOWN else ""
    raise BadInputError(
        f"{file} has {len(bad)} bad rows ({shown}{more}). Nothing was imported; mend them, or add --skip-bad."
    )
