"""The command that finds texts by their words."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import Folder, Json, print_json, say, table


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(search)


def search(
    folder: Folder,
    words: Annotated[list[str], typer.Argument(help="Words that must all occur; the beginning of a word will do.")],
    in_: Annotated[
        list[str] | None,
        typer.Option("--in", help="prompts, steps, comparisons, answers, edits or samples; all if not said."),
    ] = None,
    limit: Annotated[int, typer.Option(help="Most rows to show; 0 shows all.")] = 20,
    json_: Json = False,
) -> None:
    """Find prompts, responses, critiques and revisions by their words, best first.

    Where very many texts hold them, the newest of each kind come first.
    """
    from workbench.project import Project  # noqa: PLC0415
    from workbench.records.encoding import to_data  # noqa: PLC0415

    with Project.read(Path(folder)) as project:
        rows = [to_data(found) for found in project.store.search.find(" ".join(words), in_ or (), max(0, limit))]
    if json_:
        print_json(rows)
    elif rows:
        say(table(rows, ("table", "id", "kind", "run_id", "excerpt"), widest=100))
    else:
        say(f"Nothing in {folder} holds these words.")
