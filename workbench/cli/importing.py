"""Importing a file into a project: all of it or, where a row is bad, nothing, unless the person says otherwise."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from workbench.errors import BadInputError, MissingError
from workbench.interchange.comparisons import ImportedComparison, read_comparison_rows
from workbench.interchange.constitution_yaml import read_file
from workbench.interchange.evaluation_sets import read_evaluation_items
from workbench.interchange.lines import BadRow
from workbench.interchange.prompts import read_prompt_lines, read_prompt_rows
from workbench.measurement.near_duplicates import near_duplicates
from workbench.project import Project
from workbench.project.splits import assign, read_shares
from workbench.records.prompt import Prompt

_MOST_SHOWN = 5


def import_file(folder: Path, file: Path, as_: str, kind: str, split: str, skip_bad: bool) -> dict[str, int]:
    """Import a file and return what was counted: new, already known, left out."""
    if not file.is_file():
        raise MissingError(f"There is no file {file}.")
    shares = read_shares(split)
    if as_ != "prompts" and len(shares) > 1:
        raise BadInputError(f"Shares of splits are for prompts; {as_} take one split.")
    if as_ == "constitution":
        return _constitution(folder, file)
    if as_ == "prompts":
        return _prompts(folder, file, kind, shares, skip_bad)
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


def _prompts(folder: Path, file: Path, kind: str, shares: dict[str, float], skip_bad: bool) -> dict[str, int]:
    read = read_prompt_lines if file.suffix == ".txt" else read_prompt_rows
    split = next(iter(shares)) if len(shares) == 1 else ""
    with file.open("rb") as stream:
        good, bad = sort_rows(read(stream, file.name, kind, split))
    if not skip_bad:
        refuse_bad(file, bad, "Nothing was imported; mend them, or add --skip-bad.")
    prompts: list[Prompt] = good
    with Project.open(folder) as project:
        there = list(project.store.prompts.each())
        prompts = prompts if split else assign(prompts, shares, there)
        done = project.import_prompts(prompts)
        counted = {"new_prompts": len(done.new), "already_there": done.known, "bad_rows_left_out": len(bad)}
        return counted | {"near_duplicates_in_another_split": _shared(project, set(done.new))}


def _shared(project: Project, new: set[str]) -> int:
    """Return how many of the new prompts have a near duplicate in another split."""
    prompts = list(project.store.prompts.each())
    pairs = [
        (prompts[one], prompts[other])
        for one, other in near_duplicates([prompt.text for prompt in prompts])
        if prompts[one].split != prompts[other].split
    ]
    return len(new & {prompt.id for pair in pairs for prompt in pair})


def _comparisons(folder: Path, file: Path, kind: str, split: str, skip_bad: bool) -> dict[str, int]:
    with file.open("rb") as stream:
        good, bad = sort_rows(read_comparison_rows(stream, file.name, kind, split))
    if not skip_bad:
        refuse_bad(file, bad, "Nothing was imported; mend them, or add --skip-bad.")
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
        good, bad = sort_rows(read_evaluation_items(stream, file.stem))
    if not skip_bad:
        refuse_bad(file, bad, "Nothing was imported; mend them, or add --skip-bad.")
    with Project.open(folder) as project:
        done = project.import_evaluation_items(good)
    return {
        "new_items": len(done.new),
        "already_there": done.known,
        "with_responses": sum(item.has_responses for item in good),
        "bad_rows_left_out": len(bad),
    }


def sort_rows(rows: Iterable[Any]) -> tuple[list[Any], list[BadRow]]:
    """Return the rows that could be read, and those that could not."""
    good: list[Any] = []
    bad: list[BadRow] = []
    for row in rows:
        (bad if isinstance(row, BadRow) else good).append(row)
    return good, bad


def refuse_bad(file: Path, bad: Sequence[BadRow], what_to_do: str) -> None:
    """Raise BadInputError naming the first bad rows, where there are any."""
    if not bad:
        return
    shown = "; ".join(f"line {row.line}: {row.reason}" for row in bad[:_MOST_SHOWN])
    more = f"; and {len(bad) - _MOST_SHOWN} more" if len(bad) > _MOST_SHOWN else ""
    raise BadInputError(f"{file} has {len(bad)} bad rows ({shown}{more}). {what_to_do}")
