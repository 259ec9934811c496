"""Importing a file into a project: all of it or, where a row is bad, nothing, unless the person says otherwise."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.cli.printing import bytes_line, counted, say, say_aside, steps_line
from workbench.errors import BadInputError, MissingError
from workbench.interchange.incoming.constitution_files import ConstitutionFile, read_constitution
from workbench.interchange.incoming.detection import listed
from workbench.interchange.incoming.reading import Shown
from workbench.interchange.lines import BadRow
from workbench.interchange.sources.places import is_folder
from workbench.project import Project
from workbench.project.importing import Checked, FileImport, Taken, Wanted
from workbench.project.importing_constitutions import constitution_shown, import_constitution, look_at_constitution
from workbench.sources.hub_data import fetch_data, find_data, read_place
from workbench.sources.hub_files import UnreachableError

_MOST_SHOWN = 5
_MOST_LISTED = 20
_WIDEST = 600
#: What is counted but told in a sentence of its own.
_TOLD_APART = ("run", "columns_left_out", "draft_kept_in")


def import_file(folder: Path, wanted: Wanted, skip_bad: bool) -> dict[str, Any]:
    """Import a file and return what was counted: new, already known, left out."""
    wanted = pinned(wanted)
    if wanted.is_constitution:
        is_folder(wanted.local)  # says what is wrong where it is neither a folder nor a file
        with Project.open(folder) as project:
            return import_constitution(project, wanted.local)
    coming = FileImport(wanted)
    if coming.to_confirm:
        raise BadInputError(coming.to_confirm)
    with Project.open(folder) as project, steps_line("Importing") as tell:
        taken = coming.take_whole(project, skip_bad, tell)
    unit = coming.source.unit
    if skip_bad:
        list_bad(taken.bad_rows, taken.bad, unit)
    else:
        what_to_do = "Nothing was imported; mend what is bad, or add --skip-bad to import the rest."
        refuse_bad(Path(wanted.place), taken.bad_rows, what_to_do, taken.bad, unit)
    return _counted(coming, taken)


def preview_file(wanted: Wanted, folder: Path | None = None) -> dict[str, Any]:
    """Return what a file holds, its first five rows as a model will see them, and how many rows are bad and why.

    Of a constitution it says, too, what it would change in the project of a folder, where there is one.
    """
    wanted = pinned(wanted)
    if wanted.is_constitution:
        is_folder(wanted.local)  # says what is wrong where it is neither a folder nor a file
        read = read_constitution(wanted.local)
        return {"format": read.title, "brings": "constitution", "rows": _rows(constitution_shown(read)),
                "principles": len(read.constitution.principles), "few_shots": len(read.constitution.few_shots),
                "would": _would(read, wanted.local, folder)}  # fmt: skip
    coming = FileImport(wanted)
    checked = checked_whole(coming)
    return {
        "format": coming.shape.format.name,
        "title": coming.shape.format.title,
        "brings": coming.brings,
        "parts": list(coming.source.parts),
        "columns": list(coming.shape.columns),
        "mapping": dict(coming.shape.mapping),
        "left_out": list(coming.shape.left_out),
        "prompt_is_shared_beginning": coming.shape.format.splits,
        "to_confirm": coming.to_confirm,
        "rows": _rows(coming.preview()),
        "good": checked.rows,
        "counts": {name: number for name, number in checked.counts.items() if number},
        "unit": coming.source.unit,
        "bad": checked.bad_count,
        "bad_rows": [{"line": row.line, "reason": row.reason} for row in checked.bad],
    }


def _would(read: ConstitutionFile, place: str, folder: Path | None) -> dict[str, Any]:
    """Return what committing a constitution would do to a project."""
    if folder is None or not (folder / "project.db").is_file():
        return {}
    with Project.read(folder) as project:
        coming = look_at_constitution(project, read, place)
    kinds = ("added", "changed", "removed")
    return {"same": coming.same, "adds_examples_alone": coming.adds, **{kind: list(coming.named(kind)) for kind in kinds},
            "draft_differs": coming.draft_differs, "doubts": [str(one) for one in coming.doubts]}  # fmt: skip


def pinned(wanted: Wanted) -> Wanted:
    """Fetch a data set of the hub and return what is wanted of it at its commit; what is no such thing stays as it is.

    Where the hub cannot be reached, what was fetched before is taken, and said so.
    """
    if not wanted.on_hub:
        return wanted
    at = read_place(wanted.place)
    try:
        at = fetch_data(at, bytes_line()).at
    except UnreachableError as error:
        try:
            at = find_data(at).at
        except MissingError:
            raise error from None
        say_aside(f"{error.hub} cannot be reached; taking {at.text} as it was fetched before.")
    return replace(wanted, place=at.place)


def say_counted(found: dict[str, Any]) -> None:
    """Print what an import counted, and the columns of which it took nothing, for a person."""
    said = {name: count for name, count in found.items() if name not in _TOLD_APART}
    told = [", ".join(counted(count, name.replace("_", " ")) for name, count in said.items()) + "."]
    if "run" in found:
        told.append(f"They are run {found['run']}.")
    if columns := found.get("columns_left_out"):
        told.append(_nothing_taken(columns))
    if kept := found.get("draft_kept_in"):
        told.append(f"The draft was in no version; it is kept beside it, in {kept}.")
    say(" ".join(told))


def _nothing_taken(columns: Sequence[str]) -> str:
    return f"Nothing is taken from the column{'s' if len(columns) > 1 else ''} {listed(columns)}."


def say_preview(found: dict[str, Any]) -> None:
    """Print a preview for a person."""
    say(f"{found.get('title', found['format'])} ({found['format']}); brings {found['brings']}.")
    if found.get("parts"):
        say(f"Parts: {', '.join(found['parts'])}; choose one with --part.")
    if renamed := {name: column for name, column in found.get("mapping", {}).items() if name != column}:
        say("Columns: " + ", ".join(f"{column} is {name}" for name, column in renamed.items()) + ".")
    if found.get("prompt_is_shared_beginning"):
        say("The prompt of each row is what its two texts begin with.")
    if found.get("left_out"):
        say(_nothing_taken(found["left_out"]))
    _say_rows(found["rows"])
    if "good" in found:
        _say_check(found)
    if found.get("would"):
        say("\n" + _would_words(found["would"]))


def _say_rows(rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        say(f"\n── row {row['line']} " + "─" * 40)
        if row["reason"]:
            say(f"Cannot be read: {row['reason']}.")
        for heading, text in row["parts"]:
            say(f"[{heading}]\n{_cut(text)}")


def _would_words(would: dict[str, Any]) -> str:
    """Say what committing a constitution would do."""
    if would["same"]:
        return "This is the project's constitution already; there is nothing to import."
    if would["adds_examples_alone"]:
        words = "Its examples would be added to the project's constitution, as a new version."
    else:
        kinds = (("added", "new"), ("changed", "changed"), ("removed", "taken out"))
        named = "; ".join(f"{word}: {', '.join(would[kind]) or 'none'}" for kind, word in kinds)
        words = f"The project's constitution would become this one, as a new version. Principles {named}."
    kept = " The draft, which is in no version, would be kept in a file beside it." if would["draft_differs"] else ""
    return "\n".join((f"{words}{kept}", *(f"  {one}" for one in would["doubts"])))


def _say_check(found: dict[str, Any]) -> None:
    counts = ", ".join(counted(number, name) for name, number in found["counts"].items())
    say(f"\n{counted(found['good'], 'rows')} can be imported ({counts or 'nothing'}), {found['bad']} cannot.")
    list_bad([BadRow(**row) for row in found["bad_rows"]], found["bad"], found["unit"], _MOST_LISTED)
    if found["to_confirm"]:
        say(found["to_confirm"])


def checked_whole(coming: FileImport) -> Checked:
    """Return what reading a whole file found."""
    checked = Checked()
    with steps_line("Reading") as tell:
        for checked in coming.check():
            tell(f"{coming.source.name}, {checked.rows + checked.bad_count:,} rows so far")
    return checked


def sort_rows(rows: Iterable[Any]) -> tuple[list[Any], list[BadRow]]:
    """Return the rows that could be read, and those that could not."""
    good: list[Any] = []
    bad: list[BadRow] = []
    for row in rows:
        (bad if isinstance(row, BadRow) else good).append(row)
    return good, bad


def refuse_bad(
    file: Path, bad: Sequence[BadRow], what_to_do: str, count: int | None = None, unit: str = "line"
) -> None:
    """List bad rows and raise BadInputError with the first, where there are any; count is how many there are in all."""
    if not bad:
        return
    count = len(bad) if count is None else count
    if count > 1:
        list_bad(bad, count, unit)
    rows = "1 bad row" if count == 1 else f"{count:,} bad rows, the first"
    raise BadInputError(f"{file} has {rows} on {unit} {bad[0].line}: {bad[0].reason}. {what_to_do}")


def list_bad(bad: Sequence[BadRow], count: int, unit: str, most: int = _MOST_SHOWN) -> None:
    """Print the first bad rows of so many, a line each, beside the data."""
    for row in bad[:most]:
        say_aside(f"{unit} {row.line}: {row.reason}")
    if count > most:
        say_aside(f"… and {count - most:,} more.")


def _counted(coming: FileImport, taken: Taken) -> dict[str, Any]:
    names = {
        "prompts": "prompts",
        "comparisons": "comparisons",
        "evaluation_set": "items",
        "chains": "steps",
        "answers": "answers",
    }
    main = names[coming.brings]
    told: dict[str, Any] = {f"new_{main}": taken.new.get(main, 0), "already_there": taken.already_there}
    told |= {f"new_{name}": number for name, number in taken.new.items() if name not in (main, "reviews")}
    if "reviews" in taken.new:
        told["with_a_choice"] = taken.new["reviews"]
    told["bad_rows_left_out"] = taken.bad
    if coming.shape.left_out:
        told["columns_left_out"] = list(coming.shape.left_out)
    if taken.run:
        told["run"] = taken.run
    if taken.shared is not None:
        told["near_duplicates_in_another_split"] = taken.shared
    return told


def _rows(shown: Sequence[Shown]) -> list[dict[str, Any]]:
    return [{"line": row.line, "parts": [list(part) for part in row.parts], "reason": row.reason} for row in shown]


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}… ({len(text)} characters)"
