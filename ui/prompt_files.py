"""Reading a file of prompts: all of it or, where a row is bad, nothing and the reason."""

from pathlib import Path

from workbench.errors import BadInputError
from workbench.interchange.lines import BadRow
from workbench.interchange.prompts import read_prompt_lines, read_prompt_rows
from workbench.project import Project
from workbench.project.project import Imported

_MOST_SHOWN = 5


def import_prompts(project: Project, file: Path, split: str = "train") -> Imported:
    """Add the prompts of a file (.txt: one a line; else JSONL) to a project."""
    read = read_prompt_lines if file.suffix == ".txt" else read_prompt_rows
    try:
        with file.open("rb") as stream:
            rows = list(read(stream, file.name, "red-team", split))
    except OSError as error:
        raise BadInputError(f"{file} cannot be read: {error.strerror}.") from error
    bad = [row for row in rows if isinstance(row, BadRow)]
    if bad:
        shown = "; ".join(f"line {row.line}: {row.reason}" for row in bad[:_MOST_SHOWN])
        raise BadInputError(f"{file} has {len(bad)} bad rows ({shown}). Nothing was imported; mend them and try again.")
    return project.import_prompts(row for row in rows if not isinstance(row, BadRow))
